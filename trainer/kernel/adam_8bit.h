// Adam whose moments take 8 bits a value: blocks of 256 codes, each block with its largest magnitude.
#pragma once

#include <array>

#include "trainer/kernel/update.h"

namespace ktrain::trainer {

inline constexpr std::int64_t moment_block = 256;

// The dynamic code of Dettmers 2016 and bitsandbytes: 256 sorted numbers of [-1, 1], or of [0, 1], that are densest
// near 0. A value is stored as the number that is nearest to it over the largest magnitude of its block.
using DynamicCode = std::array<float, 256>;
const DynamicCode& signed_code();
const DynamicCode& unsigned_code();

// What is remembered of `count` values: as many codes, and (count + 255) / 256 largest magnitudes. Zeros at first.
struct Moment {
    std::uint8_t* codes;
    float* largest;
};

// AdamW (AdamStep::pull is not used); the update is computed with the moments of this step before they are rounded.
void adam_8bit_step(const AdamStep& step, std::int64_t count, float* weights, float* gradients, const Moment& first,
                    const Moment& second);

}  // namespace ktrain::trainer
