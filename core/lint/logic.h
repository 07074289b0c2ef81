// Value validations of schemas as they stand inside allOf, anyOf, oneOf and not.
#pragma once

#include "core/lint/facts.h"

namespace ktrain::lint {

// KT006 and KT008 for a value that does not hold what the schema joins by allOf, anyOf, oneOf or not. Source:
// kube-openapi pkg/validation/validate.
void check_logic(Findings& findings, const Trail& at, const yaml::Node& schema, Patterns& patterns);

// Whether the value holds all that a schema inside one of them says.
bool holds(const yaml::Node& value, const yaml::Node& schema, Patterns& patterns);

}  // namespace ktrain::lint
