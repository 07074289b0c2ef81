// The rules in CEL that a CRD has for its resources, as parts of its schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/lint/crd_typing.h"
#include "core/lint/rule.h"
#include "core/lint/trail.h"

namespace ktrain::lint {

// What the rules of one part of a schema need to know of the whole.
struct RulesPlace {
    const SchemaTyping& typing;
    std::string apart = {};                   // the outermost part above whose values have no old ones, or empty
    std::optional<std::uint64_t> times = 1u;  // how many such values one object may have; none: there is no bound

    // Of a part below that one, of which each value of the schema may have `count`.
    RulesPlace below(std::optional<std::uint64_t> count, const std::string& apart_now) const;
};

// What the rules of all parts may cost together, as far as they were checked.
struct RulesCost {
    std::uint64_t total = 0;
    bool refused = false;  // one of them costs too much by itself
};

// Those of one part, without the parts in it. `path`: of the part as the server names it.
void check_crd_rules(const Spot& schema, const RulesPlace& place, const std::string& path, RulesCost& cost,
                     Findings& findings);
// check_cel.cpp. One of those rules, at the path. Returns whether it reads oldSelf; nothing where it does not compile.
std::optional<bool> check_crd_rule(const Spot& rule, const Spot& schema, const RulesPlace& place,
                                   const std::string& path, RulesCost& cost, Findings& findings);
// check_crd_defaults.cpp. The default of one part, if it has one. `path`: of the part as the server names it.
void check_crd_default(const Spot& schema, const std::string& path, const SchemaTyping& typing, Findings& findings);
// After those of all parts. `path`: of the schema.
void check_crd_cost(const Spot& schema, const std::string& path, const RulesCost& cost, Findings& findings);

}  // namespace ktrain::lint
