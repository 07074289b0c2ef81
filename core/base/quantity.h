// Kubernetes quantities ("500m", "16Gi", "1e3"): exact parsing, comparing and printing.
// Source: the grammar of apimachinery pkg/api/resource/quantity.go.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ktrain {

// An exact number of nano-units (10^-9), as the API server keeps it; values beyond ±2^63-1 units are clamped by the
// server and refused here.
class Quantity {
public:
    Quantity() = default;
    static Quantity of_units(std::int64_t units);

    // nullopt when the text is no quantity ("100MB", "1Gib", "10 Gi", "0x10", ...).
    static std::optional<Quantity> parse(std::string_view text);

    // What the writer probably meant ("100MB" -> "100M", "1Gib" -> "1Gi"), or empty.
    static std::string suggest(std::string_view text);

    bool negative() const { return nanos_ < 0; }
    bool whole() const { return nanos_ % 1'000'000'000 == 0; }
    std::int64_t units_rounded_up() const;
    std::int64_t milli_rounded_up() const;
    double approximately() const { return static_cast<double>(nanos_) / 1e9; }  // in units

    Quantity operator+(const Quantity& other) const;
    Quantity operator*(std::int64_t factor) const;
    std::strong_ordering operator<=>(const Quantity& other) const = default;

    // Shortest exact text: binary suffixes where they divide evenly and the value is at least 1024, else decimal.
    std::string text() const;

private:
    __extension__ typedef __int128 Wide;
    Wide nanos_ = 0;
};

}  // namespace ktrain
