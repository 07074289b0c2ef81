// KS411 and KS412: files inside ConfigMaps; and manifests among them and in Workflows, checked as if they stood alone.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/config_scalar.h"
#include "core/lint/inner_text.h"
#include "core/lint/lint.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// What Helm, Jinja or ERB is to fill in is no YAML or JSON yet.
bool is_template(std::string_view text) {
    return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos ||
           text.find("<%") != std::string_view::npos;
}

struct File {
    const InnerText& text;
    std::string name;
    Spot spot;  // of the value
    Findings& findings;
};

void check_json(const File& file) {
    const std::string text(file.text.text());
    try {
        [[maybe_unused]] const Json value = Json::parse(text);
        if (text.find('"') == std::string::npos) return;
        const yaml::Stream stream = yaml::parse(text, file.name);  // JSON is YAML, and keeps quiet about keys
        for (const Diagnostic& problem : stream.problems) {
            if (problem.rule != "KT002") continue;
            file.findings.add("KS412", file.text.place(problem.where.line, problem.where.column),
                              "the file '" + file.name + "' has a key twice: " + problem.message, problem.fix,
                              Severity::warning);
        }
    } catch (const nlohmann::json::parse_error& error) {
        const bool comments = Json::accept(text, true);
        file.findings.add("KS412", file.text.place_of_byte(error.byte == 0 ? 0 : error.byte - 1),
                          "the file '" + file.name + "' is no JSON" +
                              (comments ? ": it has comments, which most readers refuse" : " from here on"),
                          comments ? "remove the comments" : "check commas, quotes and brackets here and just before",
                          comments ? Severity::warning : Severity::error);
    }
}

// Problems of the text as a whole, its first one. A tag of the reader's own is none.
bool check_yaml(const File& file, const yaml::Stream& stream) {
    for (const Diagnostic& problem : stream.problems) {
        const bool twice = problem.rule == "KT002";
        if (problem.message.starts_with("the tag ") || problem.message.starts_with("a key ")) return false;
        file.findings.add(
            "KS412", file.text.place(problem.where.line, problem.where.column),
            "the file '" + file.name + "' " + (twice ? "has a key twice: " : "is no YAML: ") + problem.message,
            problem.fix, twice ? Severity::warning : Severity::error);
        if (!twice) return false;
    }
    return true;
}

struct Scalar {
    const yaml::Node* node;
    TwoReadings readings;
};

void find_scalars(const yaml::Node& node, std::vector<Scalar>& found) {
    if (node.is_scalar()) {
        if (node.quoted || node.text.empty()) return;
        if (auto readings = two_readings(node.text)) found.push_back({&node, std::move(*readings)});
        return;
    }
    for (const yaml::Node& item : node.items) find_scalars(item, found);
    for (const yaml::Entry& entry : node.entries) find_scalars(entry.value, found);
}

// The text with those that may be written so that all readers take them for what those of YAML 1.2 do.
std::optional<std::string> mended(std::string_view text, const std::vector<Scalar>& scalars) {
    std::vector<std::string> lines = split(text, '\n');
    for (auto one = scalars.rbegin(); one != scalars.rend(); ++one) {  // from behind: columns stay
        const auto line = static_cast<std::size_t>(one->node->line - 1);
        const auto column = static_cast<std::size_t>(one->node->column - 1);
        if (!one->readings.sure) continue;
        if (line >= lines.size() || column >= lines[line].size()) return std::nullopt;
        if (lines[line].compare(column, one->node->text.size(), one->node->text) != 0) return std::nullopt;
        lines[line].replace(column, one->node->text.size(), one->readings.instead);
    }
    return join(lines, "\n");
}

bool is_manifest(const yaml::Node& document) {
    return document.find("apiVersion") != nullptr && document.find("kind") != nullptr;
}

void report_scalars(const File& file, const std::vector<Scalar>& scalars) {
    const auto first = std::ranges::find_if(scalars, [](const Scalar& one) { return one.readings.sure; });
    std::optional<std::string> text = mended(file.text.text(), scalars);
    for (const Scalar& scalar : scalars) {
        const TwoReadings& two = scalar.readings;
        Diagnostic& finding = file.findings.add(
            "KS411", file.text.place(scalar.node->line, scalar.node->column),
            shown(scalar.node->text) + " in '" + file.name + "' is " + std::string(two.older) +
                " to readers of YAML 1.1 such as PyYAML, " + std::string(two.newer) + " to those of YAML 1.2",
            two.instead.empty() ? "write it without the leading 0, or in quotes"
                                : "write " + two.instead + " (or quotes around it where a text is meant)");
        // One change mends all that may be: they stand in one text.
        if (text && first != scalars.end() && &scalar == &*first)
            finding.changes = {{Change::Kind::replace, file.spot.path, "", std::move(*text)}};
    }
}

// Whether it holds objects of kinds that we know.
bool has_manifests(const yaml::Stream& stream, const Bundle& bundle) {
    return std::ranges::any_of(stream.documents, [&](const yaml::Node& document) {
        const yaml::Node* version = document.find("apiVersion");
        const yaml::Node* kind = document.find("kind");
        return version != nullptr && kind != nullptr &&
               (bundle.schemas.find(version->text, kind->text) || version->text.starts_with("ktrain.dev/"));
    });
}

// `in`: where it stands, in words. `worst`: what errors in it are.
void check_manifest_text(const File& file, const std::string& in, const Bundle& bundle, Severity worst) {
    if (bundle.target.inner) return;
    const std::string_view text = file.text.text();
    for (const char* word : {"apiVersion", "kind"}) {
        if (text.find(word) == std::string_view::npos) return;
    }
    const yaml::Stream stream = yaml::parse(text, file.name);
    if (!stream.problems.empty() || !has_manifests(stream, bundle)) return;
    Target target = bundle.target;
    target.closed = false;
    target.inner = true;
    const Selection apart{{}, {"KS402", "KS403", "KS404", "KS411", "KS412"}};
    for (const Diagnostic& inner : lint::check({{file.name, std::string(text)}}, apart, target).findings) {
        Diagnostic& finding = file.findings.add(inner.rule, file.text.place(inner.where.line, inner.where.column),
                                                "in " + in + ": " + inner.message, inner.fix,
                                                inner.severity == Severity::error ? worst : inner.severity);
        finding.excerpt = inner.excerpt;
    }
}

void check_manifests(const File& file, const Bundle& bundle) {
    check_manifest_text(file, "the file '" + file.name + "'", bundle, Severity::error);
}

void check_file(const File& file, const Bundle&) {
    if (file.name.ends_with(".json")) return check_json(file);
    const yaml::Stream stream = yaml::parse(file.text.text(), file.name);
    if (!check_yaml(file, stream)) return;
    std::vector<Scalar> scalars;
    for (const yaml::Node& document : stream.documents) {
        if (!is_manifest(document)) find_scalars(document, scalars);  // Kubernetes reads manifests its own way
    }
    report_scalars(file, scalars);
}

void each_file(const Object& object, const Bundle& bundle, Findings& findings,
               void (*check)(const File&, const Bundle&)) {
    if (object.kind != "ConfigMap" || object.api_version != "v1") return;
    const auto source = bundle.texts.find(object.file);
    if (source == bundle.texts.end()) return;
    for (const yaml::Entry& entry : Value(object.root)["data"].members()) {
        const Value value(entry.value);
        const std::string name = yaml::key_text(entry.key);
        const bool known = name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
        if (!known || trim(value.text()).empty() || is_template(value.text())) continue;
        const InnerText text(object, value, source->second);
        check({text, printable(name), locate(object, value), findings}, bundle);
    }
}

// What the templates of a Workflow create: nobody looks at it before that.
void check_resources_of_templates(const Object& object, const Bundle& bundle, Findings& findings) {
    const auto source = bundle.texts.find(object.file);
    if (source == bundle.texts.end()) return;
    for (const PodTemplate& model : object.templates) {
        const Value manifest = Value(model.spec)["resource"]["manifest"];
        const std::string_view action = Value(model.spec)["resource"]["action"].text();
        if (action != "create" && action != "apply" && action != "replace") continue;  // others name an object
        if (manifest.text().empty() || is_template(manifest.text())) continue;
        const InnerText text(object, manifest, source->second);
        const std::string name = printable(model.spec["name"].text());
        check_manifest_text({text, name, locate(object, manifest), findings},
                            "the manifest of the template '" + name + "'", bundle, Severity::warning);
    }
}

}  // namespace

void check_config_files(const Object& object, const Bundle& bundle, Findings& findings) {
    each_file(object, bundle, findings, check_file);
}

void check_inner_manifests(const Object& object, const Bundle& bundle, Findings& findings) {
    each_file(object, bundle, findings, check_manifests);
    if (!object.templates.empty() && object.api_version.starts_with("argoproj.io/"))
        check_resources_of_templates(object, bundle, findings);
}

}  // namespace ktrain::lint
