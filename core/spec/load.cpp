// From text and overrides to a TrainingSpec.
#include "core/spec/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/aliases.h"
#include "core/spec/overrides.h"
#include "core/spec/read.h"
#include "core/spec/rules.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

// Far above any spec: a larger file is something else.
constexpr yaml::Limits yaml_limits{.max_bytes = limits::spec, .max_nodes = 20'000, .max_depth = 32};

// The only document of the text, or nothing and a problem.
std::optional<yaml::Node> parse(std::string_view text, const std::string& file, Report& report) {
    yaml::Stream stream = yaml::parse(text, file, yaml_limits);
    for (Diagnostic& problem : stream.problems) {
        problem.rule = {};  // rules are what validate speaks of
        report.add(std::move(problem));
    }
    if (!stream.problems.empty()) return {};
    if (stream.documents.empty()) {
        report.error("", "the spec is empty", "make one with: ktrain init --template cnn");
        return {};
    }
    if (stream.documents.size() > 1) {
        report.error(stream.documents[1], "", fmt::format("a spec is one document, got {}", stream.documents.size()),
                     "keep one job in a file");
        return {};
    }
    return std::move(stream.documents.front());
}

// Takes a top-level key that is no field of the spec; null when it is not there.
yaml::Node take(yaml::Node& document, std::string_view key) {
    const auto found = std::find_if(document.entries.begin(), document.entries.end(),
                                    [&](const yaml::Entry& entry) { return entry.key.text == key; });
    if (found == document.entries.end()) return {};
    yaml::Node value = std::move(found->value);
    document.entries.erase(found);
    return value;
}

// apiVersion and kind. A document that has neither of ours is something else, which is said once.
bool check_header(const yaml::Node& version, const yaml::Node& kind, const yaml::Node& document, Report& report) {
    if (!is_spec_version(version.text) && kind.text != spec_kind) {
        const std::string what = kind.text.empty() ? "an object" : "a " + printable(kind.text.substr(0, 60));
        const std::string of = version.text.empty() ? "" : " of " + printable(version.text.substr(0, 60));
        report.error(version.kind == yaml::Kind::null ? kind : version, "apiVersion",
                     fmt::format("this is {}{}, not a {} of {}", what, of, spec_kind, spec_api_version),
                     "manifests are checked by: ktrain validate");
        return false;
    }
    const auto check = [&](const yaml::Node& node, const std::string& key, std::string_view wanted) {
        if (node.kind == yaml::Kind::null)
            report.error(document, key, key + " is missing", fmt::format("write {}: {}", key, wanted));
        else if (node.text != wanted)
            report.error(node, key, fmt::format("{} must be {}, got {}", key, wanted, describe(node)),
                         fmt::format("write {}: {}", key, wanted));
    };
    check(version, "apiVersion", spec_api_version);
    check(kind, "kind", spec_kind);
    return true;
}

// A name for a job whose file has none, made from the file's.
std::string name_from(std::string_view file) {
    file = file.substr(file.rfind('/') + 1);
    file = file.substr(0, file.rfind('.'));
    std::string name;
    for (const char c : file.substr(0, 40)) {
        const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool plain = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
        if (plain || !(name.empty() || name.ends_with('-'))) name += plain ? small : '-';
    }
    while (name.ends_with('-')) name.pop_back();
    return name.empty() ? "training" : name;
}

// True when the document is one of ours or of the handbook, so that reading on makes sense.
bool read_header(yaml::Node& document, const std::string& file, TrainingSpec& spec, Report& report) {
    if (document.kind != yaml::Kind::mapping) {
        report.error(document, "", "a spec is a map of fields, got " + describe(document),
                     "make one with: ktrain init --template cnn");
        return false;
    }
    const yaml::Node version = take(document, "apiVersion");
    const yaml::Node kind = take(document, "kind");
    if (version.kind == yaml::Kind::null && kind.kind == yaml::Kind::null) {
        apply_aliases(document, report);
        spec.metadata.name = name_from(file);
        return true;
    }
    return check_header(version, kind, document, report);
}

Loaded finish(TrainingSpec spec, Report report, const std::vector<Override>& overrides) {
    const Group root = bind(spec);
    for (const Override& change : overrides) apply_override(change, root, report);
    check_required(root, "", report);
    settle(spec, report);
    check_rules(spec, report);
    return {std::move(spec), report.places(), report.problems()};
}

}  // namespace

Loaded load(std::string_view text, const std::string& file, const std::vector<Override>& overrides) {
    Report report(file);
    if (auto document = parse(text, file, report)) return load(std::move(*document), file, overrides);
    return {{}, {}, report.problems()};
}

Loaded load(yaml::Node document, const std::string& file, const std::vector<Override>& overrides) {
    TrainingSpec spec;
    Report report(file);
    if (!read_header(document, file, spec, report)) return {spec, {}, report.problems()};
    report.said("", document);
    read_group(document, bind(spec), "", report);
    return finish(std::move(spec), std::move(report), overrides);
}

Loaded from_overrides(const std::vector<Override>& overrides) {
    TrainingSpec spec;
    spec.metadata.name = name_from("");
    return finish(std::move(spec), Report("command line"), overrides);
}

bool is_spec_version(std::string_view api_version) {
    constexpr std::string_view group = spec_api_version.substr(0, spec_api_version.find('/'));
    return api_version.substr(0, api_version.find('/')) == group;
}

std::string path_of_leaf(std::string_view leaf) {
    TrainingSpec spec;
    std::string path;
    bool ambiguous = false;
    each_field(bind(spec), "", [&](const std::string& full, const Bound& bound) {
        if (bound.field.name != leaf || !bound.is_leaf() || full.find('[') != std::string::npos) return;
        ambiguous = !path.empty();
        path = full;
    });
    if (ambiguous) return "";
    return path.empty() ? std::string(meant_by(leaf)) : path;
}

TrainingSpec from_json(const Json& resolved) {
    const Loaded loaded = load(resolved.dump(), "spec");
    for (const Diagnostic& problem : loaded.problems)
        if (problem.severity == Severity::error)
            throw Error(ErrorKind::input, problem.message, problem.where, problem.fix);
    return loaded.spec;
}

}  // namespace ktrain::spec
