// Tables of the rotary positions. Source: modeling_rope_utils.py of transformers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/decoder.h"

namespace ktrain::trainer {

struct RopeTables {
    std::int64_t rotary = 0;            // dimensions of a head that are rotated, even; 0: none
    std::vector<float> cosines, sines;  // [length, rotary / 2], with the type's scale of the attention
};

// The tables of a model for sequences of up to `longest` tokens. longrope has two kinds of factors, and takes one for
// all of a batch, as transformers does for a forward pass (longrope_frequency_update).
class Rope {
public:
    Rope() = default;  // for models without: nothing is rotated
    // Errors: Error{input} when longrope's factors do not fit the head.
    Rope(const RopeConfig& rope, std::int64_t head_dim, std::int64_t longest);

    // Whether batches differ by the length of their longest sequence.
    bool depends_on_length() const { return beyond_.has_value(); }
    // For a batch whose longest sequence has `length` tokens. The tables live as long as this.
    const RopeTables& tables(std::int64_t length) const {
        return beyond_ && length > original_positions_ ? *beyond_ : usual_;
    }

private:
    RopeTables usual_;
    std::optional<RopeTables> beyond_;  // of longrope, where a sequence is longer than the original context
    std::int64_t original_positions_ = 0;
};

}  // namespace ktrain::trainer
