// Checks of single values against the schema: scalars of every base type, quantities, closed sets.
#pragma once

#include "core/lint/rule.h"

namespace ktrain::lint {

// KT004: the value is not `wanted` ("a string"); proposes quotes or their removal where that mends it.
void wrong_type(Findings& findings, const Spot& spot, std::string_view wanted);
// KT004, a warning: the key of a free map is a word that YAML reads as a boolean.
void check_key(Findings& findings, const Spot& spot);
// KT008: a required field of `owner` is not there.
void missing(Findings& findings, const Spot& spot, std::string_view owner);
void check_choice(Findings& findings, const Spot& spot, const Choice& choice);
void check_scalar(Findings& findings, const Spot& spot, const Scalar& scalar);

// Whether a container may ask for a resource of this name: one of Kubernetes' own, huge pages of some size, or the
// domain/name of a device.
bool may_be_resource(std::string_view name);

// The text that the API server would read a quantity from; empty when the value is no string or number.
std::string quantity_text(const Spot& spot);

}  // namespace ktrain::lint
