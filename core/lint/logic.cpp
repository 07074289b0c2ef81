// Value validations of schemas as they stand inside allOf, anyOf, oneOf and not.
#include "core/lint/logic.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/text.h"
#include "core/lint/definition.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

std::optional<double> real_of(const yaml::Node* node) {
    if (node == nullptr || (node->kind != Kind::integer && node->kind != Kind::real)) return std::nullopt;
    const Json value = yaml::to_json(*node);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

bool in_range(const yaml::Node& value, const yaml::Node& schema) {
    const std::optional<double> number = real_of(&value);
    if (!number) return true;
    const auto min = real_of(schema.find("minimum")), max = real_of(schema.find("maximum"));
    const auto step = real_of(schema.find("multipleOf"));
    if (min && (*number < *min || (*number == *min && says(schema, "exclusiveMinimum")))) return false;
    if (max && (*number > *max || (*number == *max && says(schema, "exclusiveMaximum")))) return false;
    return !step || *step <= 0 || is_multiple(*number, *step);
}

bool of_size(double size, const yaml::Node& schema, std::string_view low, std::string_view high) {
    const auto min = real_of(schema.find(low)), max = real_of(schema.find(high));
    return (!min || size >= *min) && (!max || size <= *max);
}

bool is_of_type(const yaml::Node& value, std::string_view type) {
    if (type == "array") return value.kind == Kind::sequence;
    if (type == "boolean") return value.kind == Kind::boolean;
    if (type == "integer") return whole_number(value).has_value();
    if (type == "number") return value.kind == Kind::integer || value.kind == Kind::real;
    if (type == "object") return value.kind == Kind::mapping;
    return type != "string" || value.kind == Kind::string;
}

bool text_fits(const yaml::Node& value, const yaml::Node& schema, Patterns& patterns) {
    if (value.kind != Kind::string) return true;
    const auto size = static_cast<double>(characters(value.text));
    if (!of_size(size, schema, "minLength", "maxLength")) return false;
    const std::string_view pattern = word_of(schema, "pattern");
    return (pattern.empty() || patterns.matches(pattern, value.text)) &&
           format_problem(format_of(schema), value.text).empty();
}

bool listed(const yaml::Node& value, const yaml::Node& schema) {
    const yaml::Node* words = schema.find("enum");
    if (words == nullptr || words->kind != Kind::sequence) return true;
    const Json json = yaml::to_json(value);
    return std::ranges::any_of(words->items, [&](const yaml::Node& word) { return yaml::to_json(word) == json; });
}

const yaml::Node* property_of(const yaml::Node& schema, const yaml::Entry& entry) {
    const yaml::Node* properties = part_of(schema, "properties");
    const yaml::Node* found = properties != nullptr ? properties->find(entry.key.text) : nullptr;
    return found != nullptr ? found : part_of(schema, "additionalProperties");
}

bool members_fit(const yaml::Node& value, const yaml::Node& schema, Patterns& patterns) {
    if (const yaml::Node* required = schema.find("required")) {
        for (const yaml::Node& name : required->items)
            if (value.find(name.text) == nullptr) return false;
    }
    return of_size(static_cast<double>(value.entries.size()), schema, "minProperties", "maxProperties") &&
           std::ranges::all_of(value.entries, [&](const yaml::Entry& entry) {
               const yaml::Node* part = property_of(schema, entry);
               return part == nullptr || holds(entry.value, *part, patterns);
           });
}

bool items_fit(const yaml::Node& value, const yaml::Node& schema, Patterns& patterns) {
    const yaml::Node* items = part_of(schema, "items");
    return of_size(static_cast<double>(value.items.size()), schema, "minItems", "maxItems") &&
           std::ranges::all_of(
               value.items, [&](const yaml::Node& item) { return items == nullptr || holds(item, *items, patterns); });
}

// How many of the schemas of a list the value holds, and how many there are.
std::pair<std::size_t, std::size_t> count(const yaml::Node& value, const yaml::Node& schema, std::string_view key,
                                          Patterns& patterns) {
    const yaml::Node* parts = schema.find(key);
    if (parts == nullptr || parts->kind != Kind::sequence) return {0, 0};
    const auto good =
        std::ranges::count_if(parts->items, [&](const yaml::Node& part) { return holds(value, part, patterns); });
    return {static_cast<std::size_t>(good), parts->items.size()};
}

// What a schema wants, in few words: "'a' and 'b'" of required fields, or "".
std::string wish(const yaml::Node& schema) {
    const yaml::Node* required = schema.find("required");
    if (required == nullptr || required->items.empty()) return "";
    std::vector<std::string> names;
    for (const yaml::Node& name : required->items) names.push_back(shown(name.text));
    return join(names, " and ");
}

// "one of 'a', 'b' and 'c'"; "" unless all of the schemas say in few words what they want.
std::string wishes(const yaml::Node& schemas) {
    std::vector<std::string> all;
    for (const yaml::Node& part : schemas.items) {
        all.push_back(wish(part));
        if (all.back().empty()) return "";
    }
    return join(all, ", or ");
}

void report(Findings& findings, const Trail& at, const yaml::Node& schema, std::string_view key, std::size_t good) {
    const std::string known = wishes(*schema.find(key));
    const std::string name = at.parent == nullptr ? "the object" : at.last_step();
    const bool many = good > 1;
    const std::string count = key == "anyOf" ? "any" : "exactly one";
    std::string message = known.empty()
                              ? name + " must be as " + count + " of the schemas under " + std::string(key) + " want" +
                                    (many ? ", and is as " + std::to_string(good) + " of them do" : "s it")
                          : many ? name + " has more than one of " + known
                                 : name + " has none of " + known;
    findings.add("KT006", at.spot().key_place(), std::move(message),
                 known.empty() ? "see what the CRD says of the field"
                 : many        ? "keep one of them"
                               : "add one of them");
}

// All parts of allOf, each at the place where it is broken.
void check_part(Findings& findings, const Trail& at, const yaml::Node& schema, Patterns& patterns) {
    if (holds(*at.node, schema, patterns)) return;
    const std::size_t before = findings.count();
    for (const yaml::Entry& entry : at.node->entries) {
        const yaml::Node* part = property_of(schema, entry);
        if (part != nullptr)
            check_part(findings, Trail{&entry.value, &at, &entry.key, entry.key.text}, *part, patterns);
    }
    if (const yaml::Node* items = part_of(schema, "items")) {
        for (std::size_t i = 0; i < at.node->items.size(); ++i)
            check_part(findings, Trail{&at.node->items[i], &at, nullptr, {}, i}, *items, patterns);
    }
    if (const yaml::Node* required = schema.find("required"); required != nullptr && at.is(Kind::mapping)) {
        for (const yaml::Node& name : required->items) {
            if (at.node->find(name.text) == nullptr)
                findings.add("KT008", at.missing(name.text).place(),
                             "the required field " + shown(name.text) + " is missing", "add " + printable(name.text));
        }
    }
    check_logic(findings, at, schema, patterns);
    if (findings.count() == before) {
        const std::string value =
            at.node->is_scalar() && !findings.is_private(at.spot().path) ? " " + shown(at.text()) : "";
        findings.add("KT006", at.spot().place(), at.last_step() + value + " is not as its schema wants it under allOf",
                     "see what the CRD says of the field");
    }
}

}  // namespace

bool holds(const yaml::Node& value, const yaml::Node& schema, Patterns& patterns) {
    if (schema.kind != Kind::mapping || value.kind == Kind::null) return true;
    if (const std::string_view type = word_of(schema, "type"); !type.empty() && !is_of_type(value, type)) return false;
    if (!listed(value, schema) || !in_range(value, schema) || !text_fits(value, schema, patterns)) return false;
    if (value.kind == Kind::mapping && !members_fit(value, schema, patterns)) return false;
    if (value.kind == Kind::sequence && !items_fit(value, schema, patterns)) return false;
    const auto [all, of_all] = count(value, schema, "allOf", patterns);
    const auto [any, of_any] = count(value, schema, "anyOf", patterns);
    const auto [one, of_one] = count(value, schema, "oneOf", patterns);
    if (all != of_all || (of_any > 0 && any == 0) || (of_one > 0 && one != 1)) return false;
    const yaml::Node* denied = part_of(schema, "not");
    return denied == nullptr || !holds(value, *denied, patterns);
}

void check_logic(Findings& findings, const Trail& at, const yaml::Node& schema, Patterns& patterns) {
    if (const yaml::Node* parts = schema.find("allOf")) {
        for (const yaml::Node& part : parts->items) check_part(findings, at, part, patterns);
    }
    const auto [any, of_any] = count(*at.node, schema, "anyOf", patterns);
    if (of_any > 0 && any == 0) report(findings, at, schema, "anyOf", any);
    const auto [one, of_one] = count(*at.node, schema, "oneOf", patterns);
    if (of_one > 0 && one != 1) report(findings, at, schema, "oneOf", one);
    const yaml::Node* denied = part_of(schema, "not");
    if (denied == nullptr || !holds(*at.node, *denied, patterns)) return;
    const std::string known = wish(*denied);
    findings.add("KT006", at.spot().key_place(),
                 known.empty() ? at.last_step() + " is what its schema excludes under not"
                               : at.last_step() + " may not have " + known,
                 known.empty() ? "see what the CRD says of the field" : "remove it");
}

}  // namespace ktrain::lint
