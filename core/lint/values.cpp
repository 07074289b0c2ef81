// Checks of single values against the schema: scalars of every base type, quantities, closed sets.
#include "core/lint/values.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/facts.h"
#include "core/lint/misplaced.h"
#include "core/lint/quantities.h"
#include "core/lint/secret_data.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// What took the place of a text that earlier releases had there, or "".
std::string gone_text(const Findings& findings, const Trail& at) {
    const Object& object = findings.object();
    const GoneField* gone = gone_field(group_of(object.api_version), object.kind, at.spot().path + "=");
    if (gone == nullptr || yaml::resolve(at.text()) == Kind::integer) return "";
    return "texts are gone since " + std::string(gone->since) + ": " + std::string(gone->instead);
}

void check_integer(Findings& findings, const Trail& at, bool octal) {
    std::optional<double> value = whole_number(*at.node);
    if (!value && at.is(Kind::string)) return wrong_type(findings, at, "a whole number", gone_text(findings, at));
    if (!value) return wrong_type(findings, at, "a whole number");
    if (!octal || (*value >= 0 && *value <= 0777)) return;
    findings.add("KT004", at.spot().place(), at.last_step() + " must be 0000 to 0777, got " + shown(at.text()),
                 "file modes are octal: write 0644 (or 420)");
}

void check_boolean(Findings& findings, const Trail& at) {
    if (!at.is(Kind::boolean)) return wrong_type(findings, at, "true or false");
    bool value = yaml::to_json(*at.node).get<bool>();
    char first = at.text()[0];
    if (first == 't' || first == 'T' || first == 'f' || first == 'F') return;
    findings
        .add("KT004", at.spot().place(), shown(at.text()) + " is read as " + (value ? "true" : "false"),
             value ? "write true" : "write false", Severity::info)
        .changes = {set_value(at.spot().path, value)};
}

void check_text(Findings& findings, const Trail& at, std::string (*problem_of)(std::string_view)) {
    if (!at.is(Kind::string)) return wrong_type(findings, at, "a string");
    if (problem_of == nullptr || at.text().empty()) return;  // the empty text is missing: KT008
    std::string problem = problem_of(at.text());
    if (problem.empty()) return;
    std::string near = problem_of == dns_label_problem ? to_dns_label(at.text()) : "";
    findings.add("KT007", at.spot().place(), at.last_step() + " " + shown(at.text()) + " " + problem,
                 near.empty() ? "" : "write '" + near + "'");
}

// `none`: 0 and the empty text say that there is no port.
void check_port(Findings& findings, const Trail& at, bool none) {
    if (none && at.node->is_scalar() && (at.text().empty() || whole_number(*at.node) == 0)) return;
    if (std::optional<double> number = whole_number(*at.node)) {
        if (*number >= 1 && *number <= 65535) return;
        {
            findings.add("KT004", at.spot().place(), at.last_step() + " must be 1 to 65535, got " + shown(at.text()),
                         "write a number from 1 to 65535");
            return;
        }
    }
    if (!at.is(Kind::string)) return wrong_type(findings, at, "a port number or name");
    std::string problem = port_name_problem(at.text());
    if (problem.empty()) return;
    bool number = yaml::resolve(at.text()) == Kind::integer;
    Diagnostic& finding =
        findings.add("KT004", at.spot().place(), at.last_step() + " " + shown(at.text()) + " " + problem,
                     number ? "write the number without quotes" : "");
    if (number) finding.changes = plain_value(at);
}

// RFC 3339, as the server reads and writes times.
void check_time(Findings& findings, const Trail& at, std::string_view format) {
    if (!at.is(Kind::string)) return wrong_type(findings, at, "a time");
    const std::string problem = format_problem(format, at.text());
    if (problem.empty()) return;
    findings.add("KT006", at.spot().place(), at.last_step() + " " + shown(at.text()) + " " + problem,
                 std::string(format_fix(format)));
}

// What Kubernetes itself gives a container; the names have no domain. "storage" is for claims, quotas and ranges.
constexpr std::array<std::string_view, 3> own_resources{"cpu", "ephemeral-storage", "memory"};
constexpr std::string_view huge_pages = "hugepages-";  // and their size: hugepages-2Mi

void check_resource_name(Findings& findings, const Trail& at, const std::string& name) {
    if (name.find('/') != std::string::npos) {
        std::string problem = qualified_name_problem(name);
        if (!problem.empty())
            findings.add("KT007", at.spot().key_place(), "the resource name " + shown(name) + " " + problem);
    }
    if (may_be_resource(name)) return;
    std::string near = name == "gpu" || name == "gpus" ? "nvidia.com/gpu"
                       : name == "storage"             ? "ephemeral-storage"
                       : name.starts_with(huge_pages)  ? std::string(huge_pages) + "2Mi"
                                                       : nearest(name, own_resources);
    findings.add("KT003", at.spot().key_place(), "unknown resource " + shown(name),
                 near.empty() ? "resources of devices are called domain/name" : "did you mean '" + near + "'?");
}

void check_resources(Findings& findings, const Trail& at) {
    if (!at.is(Kind::mapping)) return wrong_type(findings, at, "a map of quantities");
    for (const yaml::Entry& entry : at.node->entries) {
        if (entry.value.kind == Kind::null) continue;
        const std::string name = yaml::key_text(entry.key);
        const Trail member{&entry.value, &at, &entry.key, name};
        check_resource_name(findings, member, name);
        check_quantity(findings, member, name);
    }
}

}  // namespace

bool may_be_resource(std::string_view name) {
    if (name.starts_with(huge_pages)) return Quantity::parse(name.substr(huge_pages.size())).has_value();
    return name.find('/') != std::string_view::npos ||
           std::find(own_resources.begin(), own_resources.end(), name) != own_resources.end();
}

void check_key(Findings& findings, const Trail& at) {
    if (at.key->quoted || at.key->kind != Kind::boolean) return;
    findings.add("KT004", at.spot().key_place(),
                 "the key " + shown(at.key->text) + " is read as " + shown(yaml::key_text(*at.key)),
                 "quote it: \"" + at.key->text + "\"", Severity::warning);
}

void check_bare_key(Findings& findings, const Trail& at) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/";
    const std::string_view key = at.name;
    const std::size_t wrong = key.find_first_not_of(allowed);
    if (wrong == std::string_view::npos) return;
    const bool space = key[wrong] == ':' && wrong > 0 && wrong + 1 < key.size();
    // The server looks at keys of labels and the like, not at those that it passes on.
    constexpr std::array<std::string_view, 4> passed_on{"attachmentMetadata", "options", "parameters",
                                                        "volumeAttributes"};
    const std::string path = at.parent->spot().path;
    const bool free = std::ranges::find(passed_on, at.parent->name) != passed_on.end() ||
                      path.ends_with(".metric.selector.matchLabels");
    findings.add("KT007", at.spot().key_place(),
                 "the key " + shown(key) + " has no value, and keys have no such characters",
                 space ? "add a blank behind the colon: " + printable(key.substr(0, wrong)) + ": " +
                             printable(key.substr(wrong + 1))
                       : "write a key of letters, digits, '-', '_' and '.'",
                 free ? Severity::warning : Severity::error);
}

void check_sendable(Findings& findings, const Trail& at) {
    if (at.is(Kind::real) && !yaml::to_json(*at.node).is_number())
        findings.add("KT004", at.spot().place(), shown(at.text()) + " is no number that JSON has",
                     "write a number, or quote it");
    for (const yaml::Entry& entry : at.node->entries) {
        const std::string name = yaml::key_text(entry.key);
        check_sendable(findings, {&entry.value, &at, &entry.key, name});
    }
    for (std::size_t i = 0; i < at.node->items.size(); ++i)
        check_sendable(findings, {&at.node->items[i], &at, nullptr, {}, i});
}

void check_scalar(Findings& findings, const Trail& at, Type type, Depth depth) {
    const bool all = depth == Depth::all;
    switch (type.base()) {
        case Base::any:
            return check_sendable(findings, at);
        case Base::list:
        case Base::map:
        case Base::object:
            return;
        case Base::base64:
            return check_base64(findings, at);
        case Base::boolean:
            return check_boolean(findings, at);
        case Base::crd_quantity:
            return check_crd_quantity(findings, at);
        case Base::dns_label:
            return check_text(findings, at, all ? dns_label_problem : nullptr);
        case Base::env_name:
            return check_text(findings, at, all ? env_name_problem : nullptr);
        case Base::file_mode:
            return check_integer(findings, at, true);
        case Base::int_or_string:
            if (!at.is(Kind::string) && !whole_number(*at.node)) wrong_type(findings, at, "a whole number or a string");
            return;
        case Base::integer:
            return check_integer(findings, at, false);
        case Base::micro_time:
            return check_time(findings, at, "micro-time");
        case Base::number:
            if ((!at.is(Kind::integer) && !at.is(Kind::real)) || !yaml::to_json(*at.node).is_number())  // .inf
                wrong_type(findings, at, "a number");
            return;
        case Base::port_or_name:
            return check_port(findings, at, !type.facts().empty());
        case Base::quantity:
            return check_quantity(findings, at, at.last_step());
        case Base::resources:
            return check_resources(findings, at);
        case Base::string:
            return check_text(findings, at, nullptr);
        case Base::time:
            return check_time(findings, at, "rfc3339");
    }
}

bool is_multiple(double number, double step) {
    constexpr double tolerance = 1e-9;
    const double times = step < 1 ? 1 / step * number : number / step;
    const double whole = std::round(times);
    return times == whole || std::abs(times - whole) / (std::abs(times) + std::abs(whole)) < tolerance;
}

std::optional<double> whole_number(const yaml::Node& node) {
    if (node.kind != Kind::integer && node.kind != Kind::real) return std::nullopt;
    Json value = yaml::to_json(node);
    if (!value.is_number() || std::trunc(value.get<double>()) != value.get<double>()) return std::nullopt;
    // What is written with an exponent comes to the server in digits, and is whole where it fits into 64 bits.
    constexpr double end = 0x1p63;
    const double number = value.get<double>();
    if (value.is_number_float() && (number < -end || number >= end)) return std::nullopt;
    return number;
}

}  // namespace ktrain::lint
