// Finds rules by id, name and family.
#include "core/lint/families.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

// The letters before the number: "KT".
std::string_view family_of(std::string_view id) {
    return id.substr(0, id.find_first_of("0123456789"));
}

}  // namespace

std::vector<std::string_view> rules_named(std::string_view name) {
    if (const Rule* rule = find_rule(name)) return {rule->id};
    std::string id(name);  // ids and families in any case
    std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::toupper(c); });
    if (const Rule* rule = find_rule(id)) return {rule->id};
    std::vector<std::string_view> ids;
    for (const Rule& rule : rules())
        if (family_of(rule.id) == id) ids.push_back(rule.id);
    return ids;
}

std::string nearest_rule(std::string_view name) {
    std::vector<std::string_view> known;
    for (const Rule& rule : rules()) {
        if (std::find(known.begin(), known.end(), family_of(rule.id)) == known.end())
            known.push_back(family_of(rule.id));
        known.insert(known.end(), {rule.id, rule.name});
    }
    return nearest(name, known);
}

std::vector<std::string_view> wanted_rules(std::string_view names) {
    std::vector<std::string_view> ids;
    for (const std::string& part : split(std::string(names), ',')) {
        const std::string name(trim(part));
        const std::vector<std::string_view> more = rules_named(name);
        ids.insert(ids.end(), more.begin(), more.end());
        if (!more.empty()) continue;
        const std::string near = nearest_rule(name);
        throw Error(ErrorKind::usage, "unknown rule " + shown(name), {},
                    near.empty() ? "see: ktrain validate --explain all" : "did you mean " + near + "?");
    }
    return ids;
}

}  // namespace ktrain::lint
