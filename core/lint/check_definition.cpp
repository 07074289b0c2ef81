// KT048 and more: custom resources against the parts of their schema that a packed table does not hold.
#include <algorithm>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/lint/crd_typing.h"
#include "core/lint/definition.h"
#include "core/lint/logic.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// What all rules together may cost on one object. Source: RuntimeCELCostBudget in apiserver pkg/apis/cel/config.go.
constexpr std::int64_t all_steps = 10'000'000;
constexpr std::int64_t rule_steps = 1'000'000;

class SchemaWalker {
public:
    SchemaWalker(const Definition& definition, Patterns& patterns, Findings& findings)
        : definition_(definition), typing_(definition.schema), patterns_(patterns), findings_(findings) {}

    void visit(const Trail& at, const yaml::Node& schema) {
        if (at.is(Kind::null) || !definition_.is_special(schema)) return;
        const bool root = at.parent == nullptr;
        if (!root || schema.find("allOf") == nullptr) check_logic(findings_, at, schema, patterns_);
        if (const yaml::Node* rules = schema.find("x-kubernetes-validations")) {
            for (const yaml::Node& rule : rules->items) check_rule(at, schema, rule);
        }
        if (at.is(Kind::mapping) && is_map(schema)) require(at, schema);
        if (at.is(Kind::mapping)) visit_members(at, schema, root || is_embedded(schema));
        const yaml::Node* items = part_of(schema, "items");
        if (!at.is(Kind::sequence) || items == nullptr) return;
        for (std::size_t i = 0; i < at.node->items.size(); ++i)
            visit(Trail{&at.node->items[i], &at, nullptr, {}, i}, *items);
    }

private:
    // The table holds what fields an object needs, not what members a map needs.
    void require(const Trail& at, const yaml::Node& schema) {
        const yaml::Node* required = schema.find("required");
        if (required == nullptr) return;
        for (const yaml::Node& name : required->items) {
            if (at.node->find(name.text) == nullptr)
                findings_.add("KT008", at.missing(name.text).place(),
                              "the required field " + shown(name.text) + " is missing", "add " + printable(name.text));
        }
    }

    void visit_members(const Trail& at, const yaml::Node& schema, bool resource) {
        const yaml::Node* properties = part_of(schema, "properties");
        const yaml::Node* values = part_of(schema, "additionalProperties");
        for (const yaml::Entry& entry : at.node->entries) {
            const std::string name = yaml::key_text(entry.key);
            const yaml::Node* part = properties != nullptr ? properties->find(name) : values;
            if (part == nullptr) continue;
            const Trail member{&entry.value, &at, &entry.key, name};
            if (resource && name == "metadata")
                check_names(member, *part);
            else
                visit(member, *part);
        }
    }

    // A schema may say of the metadata how the object is named, and nothing else.
    void check_names(const Trail& metadata, const yaml::Node& schema) {
        const yaml::Node* properties = part_of(schema, "properties");
        for (const yaml::Entry& entry : metadata.node->entries) {
            const bool is_name = entry.key.text == "name" || entry.key.text == "generateName";
            const yaml::Node* part = is_name && properties != nullptr ? properties->find(entry.key.text) : nullptr;
            if (part == nullptr || holds(entry.value, *part, patterns_)) continue;
            const Trail name{&entry.value, &metadata, &entry.key, entry.key.text};
            const std::string_view pattern = word_of(*part, "pattern");
            findings_.add(
                "KT007", name.spot().place(),
                "the CRD does not take the " + entry.key.text + " " + shown(entry.value.text),
                pattern.empty() ? "see what the CRD says of metadata.name" : "it must match " + shown(pattern));
        }
    }

    void check_rule(const Trail& at, const yaml::Node& schema, const yaml::Node& rule) {
        const yaml::Node* text = rule.find("rule");
        const cel::Program* program = text != nullptr ? definition_.program(text) : nullptr;
        if (program == nullptr) return;  // KT049 at the CRD
        if (steps_ == 0) return;         // said when they ran out; the server goes on no further, too
        const cel::Context context{.self = {at.node, &typing_, SchemaTyping::id_of(schema)},
                                   .old_self = {},
                                   .optional_old_self = says(rule, "optionalOldSelf"),
                                   .steps = std::min(rule_steps, steps_)};
        const cel::Outcome outcome = cel::evaluate(*program, context);
        steps_ = std::max<std::int64_t>(0, steps_ - outcome.steps);
        if (outcome.verdict == cel::Verdict::broken) {
            broken(at, rule, context);
        } else if (outcome.verdict == cel::Verdict::failed) {
            const std::string reason = holds_private(at.spot()) ? "" : ": " + outcome.text;
            findings_.add("KT048", at.spot().key_place(),
                          "a rule of the CRD cannot be decided" + reason + " (in " + shown(text->text) + ")",
                          "follow what the CRD says of the field");
        }
    }

    // Whether something in the value may be a secret, which what rules say of it may repeat.
    bool holds_private(const Spot& spot) const {
        if (findings_.is_private(spot.path)) return true;
        const auto inner = [&](const Spot& part) { return holds_private(part); };
        return std::ranges::any_of(spot.items(), inner) || std::ranges::any_of(spot.members(), inner);
    }

    void broken(const Trail& at, const yaml::Node& rule, const cel::Context& context) {
        const std::string text(word_of(rule, "rule"));
        std::string said(word_of(rule, "message"));
        const Spot spot = at.spot();
        const yaml::Node* expression = holds_private(spot) ? nullptr : rule.find("messageExpression");
        if (const cel::Program* program = expression != nullptr ? definition_.program(expression) : nullptr) {
            cel::Context paid = context;
            paid.steps = std::min(rule_steps, steps_);
            std::int64_t spent = 0;
            if (const auto made = cel::message(*program, paid, &spent)) said = *made;
            steps_ = std::max<std::int64_t>(0, steps_ - spent);
        }
        Place place = spot.key_place();
        place.path = join_field(spot.path, word_of(rule, "fieldPath"));
        findings_.add("KT048", place, said.empty() ? "a rule of the CRD is broken: " + shown(text) : printable(said),
                      "the CRD wants " + shown(text));
    }

    // ".spec.items['a']" behind a path. What is no path in the schema the API server refuses in the CRD.
    static std::string join_field(std::string path, std::string_view field) {
        if (path.empty() && field.starts_with('.')) field.remove_prefix(1);
        return path + std::string(field);
    }

    const Definition& definition_;
    SchemaTyping typing_;
    Patterns& patterns_;
    Findings& findings_;
    std::int64_t steps_ = all_steps;
};

}  // namespace

void check_definition(const Spot& root, const Definition& definition, Patterns& patterns, Findings& findings) {
    const Trail at{.node = root.node, .root = &root};
    SchemaWalker(definition, patterns, findings).visit(at, *definition.schema);
}

}  // namespace ktrain::lint
