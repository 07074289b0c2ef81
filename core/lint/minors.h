// Sets of Kubernetes minor versions, such as 1.29 to 1.33.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ktrain::lint {

constexpr int first_minor = 25;
constexpr int last_minor = 37;

struct Minors {
    std::uint16_t bits = 0;  // bit 0 is first_minor

    static constexpr Minors all() { return {(1u << (last_minor - first_minor + 1)) - 1}; }
    static constexpr Minors latest() { return {1u << (last_minor - first_minor)}; }
    // "1.31", or a range "1.29-1.33". Errors: Error{usage} for anything else and for versions that we do not know.
    static Minors parse(std::string_view text);

    constexpr bool empty() const { return bits == 0; }
    constexpr Minors operator&(Minors other) const { return {static_cast<std::uint16_t>(bits & other.bits)}; }
    constexpr Minors operator|(Minors other) const { return {static_cast<std::uint16_t>(bits | other.bits)}; }
    constexpr Minors without(Minors other) const { return {static_cast<std::uint16_t>(bits & ~other.bits)}; }
    constexpr bool operator==(const Minors&) const = default;

    int first() const;         // the lowest of a set that is not empty
    int last() const;          // the highest
    std::string text() const;  // "1.31", "1.29 to 1.33"; gaps are passed over
};

}  // namespace ktrain::lint
