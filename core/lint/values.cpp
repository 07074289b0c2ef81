// Checks of single values against the schema: scalars of every base type, quantities, closed sets.
#include "core/lint/values.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/base64.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/names.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

std::string last_step(const Spot& spot) {
    return spot.key != nullptr ? yaml::key_text(*spot.key) : spot.path.substr(spot.path.rfind('.') + 1);
}

// The value may be shown only where no secret can stand.
std::string described(const Spot& spot, bool is_private) {
    std::string kind(name_of(spot.node->kind));
    std::string article = kind[0] == 'i' ? "an " : "a ";
    if (is_private || !spot.node->is_scalar()) return article + kind;
    return "the " + kind + " " + shown(spot.text());
}

// The value as a whole number; the server takes 1.0 and 1e3 as well.
std::optional<double> whole_number(const Spot& spot) {
    if (!spot.is(Kind::integer) && !spot.is(Kind::real)) return std::nullopt;
    Json value = yaml::to_json(*spot.node);
    if (!value.is_number() || std::trunc(value.get<double>()) != value.get<double>()) return std::nullopt;
    return value.get<double>();
}

void check_integer(Findings& findings, const Spot& spot, const Scalar& scalar) {
    std::optional<double> value = whole_number(spot);
    if (!value) return wrong_type(findings, spot, "a whole number");
    if (*value >= static_cast<double>(scalar.min) && *value <= static_cast<double>(scalar.max)) return;
    bool octal = scalar.name == "fileMode";
    std::string range = octal ? "0000 to 0777" : std::to_string(scalar.min) + " to " + std::to_string(scalar.max);
    findings.add("KT004", spot.place(), last_step(spot) + " must be " + range + ", got " + shown(spot.text()),
                 octal ? "file modes are octal: write 0644 (or 420)" : "write a number from " + range);
}

void check_boolean(Findings& findings, const Spot& spot) {
    if (!spot.is(Kind::boolean)) return wrong_type(findings, spot, "true or false");
    bool value = yaml::to_json(*spot.node).get<bool>();
    char first = spot.text()[0];
    if (first == 't' || first == 'T' || first == 'f' || first == 'F') return;
    findings.add("KT004", spot.place(), shown(spot.text()) + " is read as " + (value ? "true" : "false"),
                 value ? "write true" : "write false", Severity::info);
}

void check_text(Findings& findings, const Spot& spot, std::string (*problem_of)(std::string_view)) {
    if (!spot.is(Kind::string)) return wrong_type(findings, spot, "a string");
    std::string problem = spot.text().empty() ? "" : problem_of(spot.text());  // the empty text is missing: KT008
    if (problem.empty()) return;
    std::string near = problem_of == dns_label_problem ? to_dns_label(spot.text()) : "";
    findings.add("KT007", spot.place(), last_step(spot) + " " + shown(spot.text()) + " " + problem,
                 near.empty() ? "" : "write '" + near + "'");
}

void check_port(Findings& findings, const Spot& spot) {
    if (std::optional<double> number = whole_number(spot)) {
        if (*number >= 1 && *number <= 65535) return;
        return findings.add("KT004", spot.place(), last_step(spot) + " must be 1 to 65535, got " + shown(spot.text()),
                            "write a number from 1 to 65535");
    }
    if (!spot.is(Kind::string)) return wrong_type(findings, spot, "a port number or name");
    std::string problem = port_name_problem(spot.text());
    if (problem.empty()) return;
    bool number = yaml::resolve(spot.text()) == Kind::integer;
    findings.add("KT004", spot.place(), last_step(spot) + " " + shown(spot.text()) + " " + problem,
                 number ? "write the number without quotes" : "");
}

void check_base64(Findings& findings, const Spot& spot) {
    if (!spot.is(Kind::string)) return wrong_type(findings, spot, "a string in base64");
    if (base64_decode(spot.text())) return;
    bool placeholder = is_placeholder(spot.text());
    std::string name = last_step(spot);
    findings.add(
        "KT012", spot.place(),
        placeholder ? "data of '" + name + "' is a placeholder, not base64" : "data of '" + name + "' is not base64",
        "put plain text under stringData (Secret) or data (ConfigMap), or encode it: printf %s VALUE | base64 -w0");
}

void check_quantity(Findings& findings, const Spot& spot, std::string_view resource) {
    std::string text = quantity_text(spot);
    if (text.empty() && !spot.is(Kind::string)) return wrong_type(findings, spot, "a quantity");
    std::optional<Quantity> quantity = Quantity::parse(text);
    if (!quantity) {
        std::string meant = Quantity::suggest(text);
        return findings.add(
            "KT005", spot.place(), shown(text) + " is no quantity",
            meant.empty() ? "write a number and a suffix: m, k, M, G, T or Ki, Mi, Gi, Ti" : "write " + meant);
    }
    if (quantity->negative()) {
        return findings.add("KT005", spot.place(), last_step(spot) + " must not be negative, got " + shown(text),
                            "write an amount of 0 or more");
    }
    bool bytes =
        resource.find("memory") != std::string_view::npos || resource.find("storage") != std::string_view::npos;
    if (bytes && text.ends_with('m')) {
        findings.add("KT005", spot.place(), shown(text) + " is thousandths of a byte",
                     "write " + text.substr(0, text.size() - 1) + "Mi", Severity::warning);
    } else if (text.ends_with('E') && text.size() <= 4) {
        findings.add("KT005", spot.place(), shown(text) + " is 10^18 times " + text.substr(0, text.size() - 1),
                     "leave out the E, or write G", Severity::warning);
    }
}

// What Kubernetes itself gives a container; the names have no domain. "storage" is for claims, quotas and ranges.
constexpr std::array<std::string_view, 3> own_resources{"cpu", "ephemeral-storage", "memory"};
constexpr std::string_view huge_pages = "hugepages-";  // and their size: hugepages-2Mi

void check_resource_name(Findings& findings, const Spot& spot, const std::string& name) {
    if (name.find('/') != std::string::npos) {
        std::string problem = qualified_name_problem(name);
        if (!problem.empty())
            findings.add("KT007", spot.key_place(), "the resource name " + shown(name) + " " + problem);
    }
    if (may_be_resource(name)) return;
    std::string near = name == "gpu" || name == "gpus" ? "nvidia.com/gpu"
                       : name == "storage"             ? "ephemeral-storage"
                       : name.starts_with(huge_pages)  ? std::string(huge_pages) + "2Mi"
                                                       : nearest(name, own_resources);
    findings.add("KT003", spot.key_place(), "unknown resource " + shown(name),
                 near.empty() ? "resources of devices are called domain/name" : "did you mean '" + near + "'?");
}

}  // namespace

bool may_be_resource(std::string_view name) {
    if (name.starts_with(huge_pages)) return Quantity::parse(name.substr(huge_pages.size())).has_value();
    return name.find('/') != std::string_view::npos ||
           std::find(own_resources.begin(), own_resources.end(), name) != own_resources.end();
}

void wrong_type(Findings& findings, const Spot& spot, std::string_view wanted) {
    std::string fix;
    bool scalar = spot.node->is_scalar();
    bool is_private = findings.is_private(spot.path);
    if (wanted.starts_with("a string") && scalar) {
        fix = is_private ? "put it in quotes" : "quote it: \"" + printable(spot.text()) + "\"";
    } else if (spot.is(Kind::string) && spot.node->quoted) {
        Kind plain = yaml::resolve(spot.text());
        if (plain == Kind::integer || plain == Kind::boolean || plain == Kind::real) fix = "remove the quotes";
    } else if (wanted == "a list" && !(scalar && is_private)) {
        fix = scalar ? "write it as a list: [" + printable(spot.text()) + "]" : "put '- ' in front of each item";
    } else if (wanted == "a map" && spot.is(Kind::sequence)) {
        fix = "remove the '- '";
    }
    if (fix.empty()) fix = "write " + std::string(wanted);
    findings.add("KT004", spot.place(),
                 last_step(spot) + " wants " + std::string(wanted) + ", got " + described(spot, is_private), fix);
}

void check_key(Findings& findings, const Spot& spot) {
    if (spot.key->quoted || spot.key->kind != Kind::boolean) return;
    findings.add("KT004", spot.key_place(),
                 "the key " + shown(spot.key->text) + " is read as " + shown(yaml::key_text(*spot.key)),
                 "quote it: \"" + spot.key->text + "\"", Severity::warning);
}

void missing(Findings& findings, const Spot& spot, std::string_view owner) {
    std::string name = spot.path.substr(spot.path.rfind('.') + 1);
    std::string what = spot ? " is empty" : " is missing";
    findings.add("KT008", spot.place(), "the required field '" + name + "'" + what,
                 std::string(owner) + " needs it: add " + name + " here");
}

void check_choice(Findings& findings, const Spot& spot, const Choice& choice) {
    if (!spot.is(Kind::string)) return wrong_type(findings, spot, "a string");
    std::vector<std::string> values = split(choice.values, ' ');
    bool empty_allowed = values.front() == "-";
    if (empty_allowed) values.erase(values.begin());
    if (spot.text().empty() && empty_allowed) return;
    std::vector<std::string_view> words(values.begin(), values.end());
    if (std::find(words.begin(), words.end(), spot.text()) != words.end()) return;
    std::string near = nearest(spot.text(), words);
    findings.add("KT006", spot.place(),
                 last_step(spot) + " must be one of " + join(values, ", ") + ", got " + shown(spot.text()),
                 near.empty() ? "" : "did you mean '" + near + "'?");
}

void check_scalar(Findings& findings, const Spot& spot, const Scalar& scalar) {
    switch (scalar.base) {
        case Base::any:
            return;
        case Base::base64:
            return check_base64(findings, spot);
        case Base::boolean:
            return check_boolean(findings, spot);
        case Base::dns_label:
            return check_text(findings, spot, dns_label_problem);
        case Base::env_name:
            return check_text(findings, spot, env_name_problem);
        case Base::integer:
            return check_integer(findings, spot, scalar);
        case Base::int_or_string:
            if (!spot.is(Kind::string) && !whole_number(spot)) wrong_type(findings, spot, "a whole number or a string");
            return;
        case Base::labels:
            if (!spot.is(Kind::mapping)) return wrong_type(findings, spot, "a map of strings");
            for (const Spot& member : spot.members()) {
                check_key(findings, member);
                if (!member.is(Kind::string)) wrong_type(findings, member, "a string");
            }
            return;
        case Base::port_or_name:
            return check_port(findings, spot);
        case Base::quantity:
            return check_quantity(findings, spot, last_step(spot));
        case Base::resources:
            if (!spot.is(Kind::mapping)) return wrong_type(findings, spot, "a map of quantities");
            for (const Spot& member : spot.members()) {
                std::string name = last_step(member);
                check_resource_name(findings, member, name);
                check_quantity(findings, member, name);
            }
            return;
        case Base::string:
            if (!spot.is(Kind::string)) wrong_type(findings, spot, "a string");
            return;
    }
}

std::string quantity_text(const Spot& spot) {
    if (spot.is(Kind::string)) return std::string(spot.text());
    if (!spot.is(Kind::integer) && !spot.is(Kind::real)) return "";
    Json value = yaml::to_json(*spot.node);
    return value.is_number() ? value.dump() : "";
}

}  // namespace ktrain::lint
