// Single values of the API's objects, read without trust: whatever has another type counts as absent.
#include "core/kube/fields.h"

#include <algorithm>
#include <limits>

#include "core/base/masking.h"

namespace ktrain::kube {

int int_at(const Json& object, std::initializer_list<std::string_view> keys, int fallback) {
    using Limits = std::numeric_limits<int>;
    const Json& value = at_path(object, keys);
    if (!value.is_number_integer()) return fallback;
    if (value.is_number_unsigned())
        return static_cast<int>(std::min<std::uint64_t>(value.get<std::uint64_t>(), Limits::max()));
    return static_cast<int>(std::max<std::int64_t>(value.get<std::int64_t>(), Limits::min()));
}

std::optional<Quantity> quantity_of(const Json& value) {
    if (value.is_string()) return Quantity::parse(value.get_ref<const std::string&>());
    if (value.is_number()) return Quantity::parse(value.dump());
    return std::nullopt;
}

std::optional<Time> time_at(const Json& object, std::initializer_list<std::string_view> keys) {
    const Json& value = at_path(object, keys);
    return value.is_string() ? parse_time(value.get_ref<const std::string&>()) : std::nullopt;
}

std::string message_of(const Json& object, std::string_view fallback) {
    return without_secrets(string_or(object, "message", fallback));
}

std::optional<Time> end_of(const Json& how) {
    for (const char* key : {"lastTransitionTime", "finishedAt", "endTime"})
        if (const auto at = time_at(how, {key})) return at;
    return std::nullopt;
}

bool is_stale(const Json& how, const Json& object) {
    constexpr std::chrono::seconds skew{60};  // between the clocks of a server and of a controller
    const auto at = end_of(how), made = time_at(object, {"metadata", "creationTimestamp"});
    return at && made && *at + skew < *made;
}

const Json& condition(const Json& object, std::string_view type) {
    static const Json none;
    for (const Json& one : at_path(object, {"status", "conditions"}))
        if (string_or(one, "type") == type && string_or(one, "status") == "True") return one;
    return none;
}

}  // namespace ktrain::kube
