// A figure with the bounds that it is known within.
#pragma once

#include "core/base/json.h"

namespace ktrain {

struct Range {
    double low = 0, mid = 0, high = 0;

    Range operator+(const Range& other) const { return {low + other.low, mid + other.mid, high + other.high}; }
    Range operator*(double factor) const { return {low * factor, mid * factor, high * factor}; }
    bool operator==(const Range& other) const = default;
};

inline Range exactly(double value) {
    return {value, value, value};
}

inline Json to_json(const Range& range) {
    return {{"low", range.low}, {"mid", range.mid}, {"high", range.high}};
}

}  // namespace ktrain
