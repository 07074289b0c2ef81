// Tables of the rotary positions. Source: modeling_rope_utils.py of transformers.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/decoder.h"

namespace ktrain::trainer {

struct RopeTables {
    std::int64_t rotary = 0;            // dimensions of a head that are rotated, even; 0: none
    std::vector<float> cosines, sines;  // [length, rotary / 2], with the type's scale of the attention
};

// For positions from 0 to length - 1; `length` also tells longrope which of its factors to use.
// Errors: Error{input} when longrope's factors do not fit the head.
RopeTables rope_tables(const RopeConfig& rope, std::int64_t head_dim, std::int64_t length);

}  // namespace ktrain::trainer
