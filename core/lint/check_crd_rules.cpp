// What a CRD says beside its schema: the texts of its rules, and paths of fields that rules and selectors name.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/cel/size.h"
#include "core/lint/crd_rules.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr std::array<std::string_view, 4> reasons{"FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid",
                                                  "FieldValueRequired"};

// ".spec['a.b']": the names; nothing for what is no path of names, such as one with the number of an item.
std::optional<std::vector<std::string_view>> names_of(std::string_view path) {
    std::vector<std::string_view> names;
    while (!path.empty()) {
        const bool quoted = path.starts_with("['");
        if (!quoted && path.front() != '.') return std::nullopt;
        path.remove_prefix(quoted ? 2 : 1);
        const std::size_t end = quoted ? path.find("']") : std::min(path.find_first_of(".["), path.size());
        if (end == std::string_view::npos || end == 0) return std::nullopt;
        names.push_back(path.substr(0, end));
        path.remove_prefix(end + (quoted ? 2 : 0));
    }
    return names;
}

// The schema of the field, nothing where there is none; a member of a map may have any name.
Spot field_at(Spot schema, const std::vector<std::string_view>& names) {
    for (const std::string_view name : names) {
        const Spot values = schema["additionalProperties"];
        schema = values.is(Kind::mapping) ? values : schema["properties"][name];
        if (!schema) return schema;
    }
    return schema;
}

// One of x-kubernetes-validations, whose path is given.
class Condition {
public:
    Condition(const Spot& rule, const Spot& schema, const std::string& path, Findings& findings)
        : rule_(rule), schema_(schema), path_(path), findings_(findings) {}

    // `reads_old`: whether it reads oldSelf, if that is known.
    void check(const std::string& apart, std::optional<bool> reads_old) {
        texts();
        const Spot reason = rule_["reason"];
        if (reason.is(Kind::string) && std::ranges::find(reasons, reason.text()) == reasons.end()) {
            const std::string near = nearest(reason.text(), reasons);
            add("KT006", reason, "reason",
                "reason must be one of " + join({reasons.begin(), reasons.end()}, ", ") + ", got " +
                    shown(reason.text()),
                near.empty() ? "use one of the words listed" : "did you mean '" + near + "'?");
        }
        field_path();
        if (reads_old) old_self(apart, *reads_old);
    }

private:
    void add(std::string_view id, const Spot& at, const char* field, std::string message, std::string fix) {
        Place where = at.place();
        where.path = join_path(path_, field);
        findings_.add(id, where, std::move(message), std::move(fix));
    }

    bool is_blank(const char* field) const {
        const Spot text = rule_[field];
        return text.is(Kind::string) && !text.text().empty() && trim(text.text()).empty();
    }

    void texts() {
        const Spot rule = rule_["rule"];
        const Spot message = rule_["message"];
        if (trim(rule.text()).empty() && (!rule || rule.is(Kind::string)))
            add("KT008", rule, "rule", "the rule of a validation is empty", "write it");
        for (const char* field : {"message", "messageExpression"}) {
            if (is_blank(field))
                add("KT008", rule_[field], field, std::string("the ") + field + " of a validation is empty",
                    "write it");
        }
        if (trim(message.text()).find('\n') != std::string_view::npos)
            add("KT006", message, "message", "the message of a validation has several lines", "write it in one line");
        else if (trim(rule.text()).find('\n') != std::string_view::npos && message.text().empty())
            add("KT008", message, "message",
                "a rule of several lines has no message, and the server shows no such rule",
                "add message, which says what is wanted");
    }

    void old_self(const std::string& apart, bool reads_old) {
        if (rule_["optionalOldSelf"] && !reads_old)
            add("KT030", rule_["optionalOldSelf"], "optionalOldSelf", "optionalOldSelf is for rules that read oldSelf",
                "remove it");
        if (reads_old && !apart.empty())
            add("KT030", rule_["rule"], "rule",
                "oldSelf is not known here: old values of " + apart + " are not matched",
                "make the list one of x-kubernetes-list-type: map, or write the rule for the whole of it");
    }

    void field_path() {
        const Spot path = rule_["fieldPath"];
        if (!path.is(Kind::string) || path.text().empty()) return;
        const auto names = names_of(path.text());
        if (names && field_at(schema_, *names)) return;
        add("KT030", path, "fieldPath",
            "fieldPath " + shown(path.text()) +
                (names ? " leads to no field of the schema here" : " is no path of fields"),
            "write it like .spec.replicas, from where the rule stands; items of lists have no path");
    }

    const Spot& rule_;
    const Spot& schema_;
    const std::string& path_;
    Findings& findings_;
};

// Why a field cannot be selected by; empty where it can.
std::string selection_problem(const Spot& schema, std::string_view path) {
    const auto names = names_of(path);
    if (!names || path.find('[') != std::string_view::npos) return "is no path like .spec.color";
    const bool own =
        !names->empty() && (names->front() == "metadata" || names->front() == "kind" || names->front() == "apiVersion");
    const Spot field = own ? Spot() : field_at(schema, *names);
    if (!field) return "leads to no field of the schema";
    const std::string_view type = field["type"].text();
    const bool plain = type == "string" || type == "boolean" || type == "integer" || type.empty();
    return plain ? "" : "leads to a field of type " + printable(type) + ", and string, boolean or integer is wanted";
}

}  // namespace

RulesPlace RulesPlace::below(std::optional<std::uint64_t> count, const std::string& apart_now) const {
    std::optional<std::uint64_t> now;
    if (times && count) now = cel::product(*times, *count);
    return {typing, apart_now, now};
}

void check_crd_rules(const Spot& schema, const RulesPlace& place, const std::string& path, RulesCost& cost,
                     Findings& findings) {
    const Spot rules = schema["x-kubernetes-validations"];
    for (const Spot& rule : all_items(rules)) {
        const std::size_t index = static_cast<std::size_t>(rule.node - rules.node->items.data());
        const std::string here = join_path(join_path(path, "x-kubernetes-validations"), index);
        if (rule.is(Kind::null)) {
            // Elsewhere the table of the schema sees it.
            const bool open = path.find(".items") != path.npos || path.find(".additionalProperties") != path.npos;
            if (!open) continue;
            Place where = rule.place();
            where.path = join_path(here, "rule");
            findings.add("KT008", where, "the rule of a validation is null", "write it");
            continue;
        }
        const std::optional<bool> reads_old = check_crd_rule(rule, schema, place, here, cost, findings);
        Condition(rule, schema, here, findings).check(place.apart, reads_old);
    }
}

void check_selectable_fields(const Spot& version, const std::string& path, Findings& findings) {
    std::set<std::string_view> seen;
    const Spot fields = version["selectableFields"];
    for (const Spot& field : fields.items()) {
        const Spot text = field["jsonPath"];
        if (!text.is(Kind::string) || text.text().empty()) continue;
        Place where = text.place();
        const std::size_t index = static_cast<std::size_t>(field.node - fields.node->items.data());
        where.path = join_path(join_path(path, index), "jsonPath");
        if (!seen.insert(text.text()).second) {
            findings.add("KT018", where, "the selectable field " + shown(text.text()) + " is there twice",
                         "keep one of them");
            continue;
        }
        const std::string problem = selection_problem(version["schema"]["openAPIV3Schema"], text.text());
        if (!problem.empty())
            findings.add("KT030", where, "the selectable field " + shown(text.text()) + " " + problem,
                         "name a plain field of the schema");
    }
}

}  // namespace ktrain::lint
