// A step's memory as numbers, phase by phase; step_memory.h makes them readable. Made for searches: no text is made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/estimate/conditions.h"
#include "core/estimate/step_parts.h"

namespace ktrain {

// In the order of a step. "rollout": the model writes texts; "head": the gradient of the head is computed.
inline constexpr std::array<std::string_view, 6> step_phases{"rollout",         "loss",          "head",
                                                             "backward begins", "backward ends", "step"};

// Bytes on the GPU that needs the most: of a pipeline the first or the last.
struct StepFigures {
    Stage stage;
    HeldParts held;
    PassingParts passing;
    std::array<std::int64_t, step_phases.size()> phases{};
    std::size_t peak = 0;       // which phase
    std::int64_t active = 0;    // in use at the peak
    std::int64_t wanted = 0;    // by the allocator, where the card has room for it
    std::int64_t reserved = 0;  // held by the allocator
    std::int64_t outside = 0;   // context and communication library: of the GPU, not of the allocator
    std::int64_t recommended =
        0;  // what to look for in a GPU: the larger of `margin` x active and reserved, and outside
    double margin = 1;
};

// Errors: Error{input} when the numbers do not fit 63 bits.
StepFigures step_figures(const Conditions& conditions, const Fitted& fitted = {});

// What the allocator holds, and what to look for, on a card of so many bytes; 0: of any size. Of a card that would
// overflow, the allocator gives unused blocks back, so that such a card is too small only for `margin` x active.
// Measured peaks are within `margin` of estimates in nine cases of ten. Source: docs/estimate.md.
struct OnCard {
    std::int64_t reserved = 0, recommended = 0;
};
// Errors: as step_figures.
OnCard on_card(std::int64_t card, double margin, std::int64_t active, std::int64_t wanted, std::int64_t outside);

// What is recommended, as a calibration has it: the context is what it is.
std::int64_t multiplied(std::int64_t recommended, std::int64_t outside, double multiplier);

// Of the CUDA context with its kernels; of NCCL and torch.distributed as well where several GPUs work together.
std::int64_t outside_bytes(bool several);

// Rounded, and at least 0. Errors: as step_figures.
std::int64_t whole_bytes(double bytes);

}  // namespace ktrain
