// Declares the flags from the list of fields, and reads their values as the handbook's scripts mean them.
#include "cli/commands/leaf_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/bound.h"
#include "core/spec/choices.h"
#include "core/spec/foreign.h"

namespace ktrain {
namespace {

// The handbook's names of some fields, as its scripts' flags had them.
constexpr std::array handbook_flags{"batch_size",     "data_dir",   "epochs",      "log_interval", "lora_r",
                                    "max_seq_length", "model_name", "num_workers", "val_split"};

// Fields that only LoRA has.
constexpr std::array lora_fields{"method.alpha_pattern",   "method.lora_alpha", "method.lora_dropout",
                                 "method.modules_to_save", "method.r",          "method.rank_pattern",
                                 "method.target_modules",  "method.use_dora",   "method.use_rslora"};

// --dataset names a family of images, or, as in train_qlora.py, a path or a hub's name of texts.
bool is_path_of_data(const std::string& value) {
    const auto& families = spec::choices::dataset;
    return std::ranges::find(families, value) == families.end() && nearest(value, families).empty();
}

// The paths of all leaves, by --set or by a flag.
std::vector<std::string> leaf_paths() {
    std::vector<std::string> paths;
    TrainingSpec defaults;
    spec::each_field(spec::bind(defaults), "", [&](const std::string& path, const spec::Bound& bound) {
        if (bound.is_leaf()) paths.push_back(path);
    });
    return paths;
}

// What is written for a field of the spec: its flag, or --set where it has none.
std::string way_to_set(const std::string& path, const std::string& value) {
    const std::string name = path.substr(path.rfind('.') + 1);
    return spec::path_of_leaf(name) == path ? fmt::format("--{}{}", name, value)
                                            : fmt::format("--set {}{}", path, value.empty() ? "=VALUE" : value);
}

// "--method.type=lora", "--type=lora" and "--method=lora" mean fields that have no flag of their own.
std::string meaning_of_unknown(const std::string& word) {
    if (!word.starts_with("--")) return "";
    const auto equals = std::min(word.find('='), word.size());
    const std::string name = word.substr(2, equals - 2), value = word.substr(equals);
    const std::vector<std::string> paths = leaf_paths();
    if (name.find('.') != name.npos) {
        const bool exact = std::ranges::find(paths, name) != paths.end();
        const std::string path = exact ? name : nearest(name, paths);
        return path.empty() ? "" : fmt::format("write {}", way_to_set(path, value));
    }
    std::vector<std::string> ways;
    for (const std::string& path : paths)
        if (path.ends_with("." + name) || path == name + ".type") ways.push_back(way_to_set(path, value));
    return ways.empty() ? "" : fmt::format("write {}", join(ways, ", or "));
}

spec::Override meaning(const std::string& path, const std::string& name, const std::string& value, const Files& files) {
    const std::string source = "--" + name;
    if (path == "data.dataset" && is_path_of_data(value)) return {"data.dataset_path", value, source};
    if (path == "monitoring.report_to" && value == "none") return {path, "", source};
    const bool bare = value.find('/') == std::string::npos;
    if (path == "model.model_name_or_path" && bare && files.is_folder(value)) return {path, "./" + value, source};
    return {path, value, source};
}

}  // namespace

void LeafFlags::declare(term::Flags& flags, std::span<const std::string_view> shown) {
    TrainingSpec defaults;
    spec::each_field(spec::bind(defaults), "", [&](const std::string& path, const spec::Bound& bound) {
        const std::string name(bound.field.name);
        if (!bound.is_leaf() || spec::path_of_leaf(name) != path) return;
        std::string help(bound.field.help);
        help.pop_back();  // the full stop
        const bool hidden = !shown.empty() && std::ranges::none_of(shown, [&](std::string_view beginning) {
            return path.starts_with(beginning);
        });
        add(flags, name, path, help, hidden, std::holds_alternative<bool*>(bound.value));
    });
    flags.explain_unknown(meaning_of_unknown);
    for (const char* name : handbook_flags) {
        const std::string path = spec::path_of_leaf(name);
        add(flags, name, path, "Another name of --" + path.substr(path.rfind('.') + 1), /*hidden=*/true, false);
    }
    add(flags, "metrics-port", "monitoring.metrics_port", "Another name of --metrics_port", /*hidden=*/true, false);
    for (const spec::ForeignField& foreign : spec::foreign_fields())
        add(flags, std::string(foreign.name), "", "Accepted without effect", /*hidden=*/true,
            /*is_switch=*/foreign.accepted.empty() || foreign.accepted == "false");
}

void LeafFlags::add(term::Flags& flags, const std::string& name, const std::string& path, const std::string& help,
                    bool hidden, bool is_switch) {
    leaves_.push_back({path, name, {}});
    flags.add(&leaves_.back().value, {.name = name,
                                      .value = "VALUE",
                                      .help = help,
                                      .group = "Fields of the spec",
                                      .implied = is_switch ? "true" : "",
                                      .hidden = hidden,
                                      .may_be_empty = true});  // a field that is empty
}

std::vector<spec::Override> LeafFlags::overrides(const term::Session& session) const {
    std::vector<spec::Override> all;
    for (const Leaf& leaf : leaves_) {
        if (!leaf.value) continue;
        if (leaf.path.empty()) {
            const spec::ForeignField& foreign = *spec::find_foreign(leaf.name);
            if (!spec::asks_nothing(foreign, *leaf.value))
                throw Error(ErrorKind::usage,
                            fmt::format("--{} can only be {}: {}", leaf.name, foreign.accepted, foreign.why), {},
                            fmt::format("leave out --{}", leaf.name));
            session.warn(fmt::format("--{} has no effect: {}", leaf.name, foreign.why));
            continue;
        }
        if (std::ranges::find(lora_fields, leaf.path) != lora_fields.end())
            all.push_back({"method.type", "lora", "--" + leaf.name, /*unless_said=*/true});
        all.push_back(meaning(leaf.path, leaf.name, *leaf.value, session.files));
    }
    return all;
}

bool LeafFlags::given(const std::string& path) const {
    return std::ranges::any_of(leaves_, [&](const Leaf& leaf) { return leaf.path == path && leaf.value; });
}

}  // namespace ktrain
