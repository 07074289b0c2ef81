// Single values of the API's objects, read without trust: whatever has another type counts as absent.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/quantity.h"
#include "core/kube/timestamp.h"

namespace ktrain::kube {

// A whole number. Numbers beyond an int, which no API server sends, become the largest and
// smallest ones.
int int_at(const Json& object, std::initializer_list<std::string_view> keys, int fallback = 0);

// An amount, as text or as a number.
std::optional<Quantity> quantity_of(const Json& value);

std::optional<Time> time_at(const Json& object, std::initializer_list<std::string_view> keys);

// What somebody says in an object's "message", to be shown: what looks like a credential in it is hidden.
std::string message_of(const Json& object, std::string_view fallback = {});

// When an end came, by whatever name a condition or a status has for it.
std::optional<Time> end_of(const Json& how);

// Whether an end is from before the object was made, beyond what clocks differ by: it is another one's then, of a
// status that was copied with the manifest, where the kind lets whoever creates it write one.
bool is_stale(const Json& how, const Json& object);

// The entry of status.conditions of that type when its status is True, else null.
const Json& condition(const Json& object, std::string_view type);

}  // namespace ktrain::kube
