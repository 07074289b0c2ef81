// Prints a template as a commented spec: values from its file, comments from the fields.
#include "core/spec/init.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/emit.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

constexpr std::array table{
    Template{"classification", "Classifier of texts, from labelled rows: one pod, on the CPU"},
    Template{"cnn", "Image classifier, on CIFAR-10 or like MNIST: one pod, on the CPU"},
    Template{"lora", "LoRA adapter of a small language model: one pod, on the CPU"},
    Template{"reward", "Reward model, from pairs of answers: one pod, on the CPU"},
    Template{"sft", "Small language model, all weights: one pod, on the CPU"},
};
static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Template& a, const Template& b) { return a.name < b.name; }));

const Template& find_template(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Template& row : table) {
        if (row.name == name) return row;
        names.push_back(row.name);
    }
    const std::string near = nearest(name, names);
    throw Error(ErrorKind::usage, "no template " + in_quotes(name), {},
                near.empty() ? "see: ktrain init --list" : "did you mean " + near + "?");
}

// A line of YAML and what is said behind it.
struct Line {
    std::string code;
    std::string comment;
};

// A scalar behind "key: ". Texts that read as numbers need no quotes where the spec takes numbers as text.
std::string word(const std::string& text, bool number_is_text) {
    const yaml::Kind kind = yaml::resolve(text);
    if (number_is_text && (kind == yaml::Kind::integer || kind == yaml::Kind::real)) return text;
    const Json value = text;
    return text.find('\n') == std::string::npos ? std::string(trim(yaml::emit(value))) : value.dump();
}

std::string value_of(const Bound& bound) {
    const Json value = leaf_json(bound);
    const bool amount = bound.field.format == Format::quantity || bound.field.format == Format::duration;
    return value.is_string() ? word(value.get<std::string>(), amount) : flow_text(value);
}

// The help of the field, with its choices where there is something to choose and room for it.
std::string comment_of(const Field& field) {
    constexpr std::size_t widest = 70;
    const std::string help = short_help(field);
    const std::string choices = fmt::format("{}: {}", help, fmt::join(field.choices, ", "));
    return field.choices.size() > 1 && choices.size() <= widest ? choices : help;
}

class Writer {
public:
    explicit Writer(const Places& places) : places_(places) {}

    void group(const Group& group, const std::string& path, std::size_t depth, bool explain) {
        for (const Bound& bound : group) {
            const std::string full = join_path(path, std::string(bound.field.name));
            if (!is_said(full)) continue;
            if (depth == 0) lines_.push_back({});
            field(bound, full, depth, explain);
        }
    }

    // Comments begin in one column, which overlong lines do not move.
    std::string text() const {
        constexpr std::size_t longest = 44;
        std::size_t column = 0;
        for (const Line& line : lines_)
            if (!line.comment.empty() && line.code.size() <= longest) column = std::max(column, line.code.size());
        std::string text;
        for (const Line& line : lines_)
            text += line.comment.empty() ? line.code + "\n"
                                         : fmt::format("{:<{}}  # {}\n", line.code, column, line.comment);
        return text;
    }

private:
    bool is_said(const std::string& path) const {
        return std::any_of(places_.begin(), places_.end(), [&](const auto& place) {
            const std::string& said = place.first;
            return said.starts_with(path) &&
                   (said.size() == path.size() || said[path.size()] == '.' || said[path.size()] == '[');
        });
    }

    void add(std::size_t depth, const std::string& code, const Bound& bound, bool explain) {
        lines_.push_back({std::string(depth * 2, ' ') + code, explain ? comment_of(bound.field) : ""});
    }

    void field(const Bound& bound, const std::string& path, std::size_t depth, bool explain) {
        const std::string name(bound.field.name);
        if (bound.empty()) return;
        if (bound.is_leaf() && !bound.map()) {
            add(depth, name + ": " + value_of(bound), bound, explain);
            return;
        }
        add(depth, name + ":", bound, explain);
        if (bound.group()) group(*bound.group(), path, depth + 1, explain);
        if (bound.map())
            for (const auto& [key, value] : *bound.map())
                lines_.push_back({std::string(depth * 2 + 2, ' ') + word(key, false) + ": " + word(value, true), ""});
        if (bound.records()) records(*bound.records(), path, depth);
    }

    // Only the first record is explained.
    void records(Records& records, const std::string& path, std::size_t depth) {
        for (std::size_t i = 0; i < records.size(); ++i) {
            const std::size_t first = lines_.size();
            group(records.at(i), join_path(path, i), depth + 1, i == 0);
            if (first < lines_.size()) lines_[first].code.replace(depth * 2, 2, "- ");
        }
    }

    const Places& places_;
    std::vector<Line> lines_;
};

}  // namespace

std::span<const Template> templates() {
    return table;
}

Started start_from(std::string_view name, const std::vector<Override>& overrides) {
    const Template& row = find_template(name);
    Loaded loaded = load(embedded(fmt::format("init/{}.yaml", name)), fmt::format("template {}", name), overrides);
    if (has_errors(loaded.problems)) return {"", std::move(loaded.problems)};
    Writer writer(loaded.places);
    writer.group(bind(loaded.spec), "", 0, true);
    return {
        fmt::format("# {}.\n# More about a field: ktrain init --explain learning_rate\napiVersion: {}\nkind: {}\n{}",
                    row.summary, spec_api_version, spec_kind, writer.text()),
        std::move(loaded.problems)};
}

}  // namespace ktrain::spec
