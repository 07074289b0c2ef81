// How much work one evaluation may still do: a rule that costs more ends with an error, as in the API server.
#pragma once

#include <cstdint>

#include "core/cel/value.h"

namespace ktrain::cel {

// Counted in steps: an expression, an item looked at, or 10 bytes of text. Source of the number: PerCallLimit in
// apiserver pkg/apis/cel/config.go; the weights are ours, of the same order.
class Budget {
public:
    explicit Budget(std::int64_t steps) : left_(steps) {}

    // False once all is spent; from then on for good.
    bool spend(std::size_t steps) {
        if (left_ < 0) return false;
        if (steps > static_cast<std::uint64_t>(left_)) {
            left_ = -1;
            return false;
        }
        left_ -= static_cast<std::int64_t>(steps);
        return true;
    }
    bool spend_text(std::size_t bytes) { return spend(1 + bytes / 10); }
    bool spent() const { return left_ < 0; }
    std::int64_t left() const { return left_ < 0 ? 0 : left_; }
    static Value failure() { return fail("it costs more than a rule may: over a million steps"); }

private:
    std::int64_t left_;
};

}  // namespace ktrain::cel
