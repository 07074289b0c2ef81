// Quantities as the API server reads them, and checks of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/quantity.h"
#include "core/lint/rule.h"
#include "core/lint/trail.h"
#include "core/lint/value.h"

namespace ktrain::lint {

// The text that the API server would read a quantity from; empty when the value is no string or number.
std::string quantity_text(const yaml::Node& node);

// A quantity as the server counts: at most 2^63 - 1 units. Nothing for what is no quantity.
std::optional<Quantity> counted_quantity(std::string_view text);
// The same of a value, of any sign; nothing for what is not there.
std::optional<Quantity> amount_of(Value value);
inline std::optional<Quantity> amount_of(const Spot& spot) {
    return amount_of(Value(spot));
}
// The entries of a map of amounts with those that are null, which the server reads as 0.
std::vector<Spot> entries_of(const Spot& amounts);
std::optional<Quantity> entry_amount(const Spot& entry);
// An amount that can be asked for: not a negative one.
std::optional<Quantity> quantity_at(Value value);

// `resource`: what it is an amount of, "memory".
void check_quantity(Findings& findings, const Trail& at, std::string_view resource, bool any_sign = false);

// The schemas of custom resources take a text or a whole number: 0.5 is fine in a Job, and not in a PyTorchJob.
void check_crd_quantity(Findings& findings, const Trail& at);

}  // namespace ktrain::lint
