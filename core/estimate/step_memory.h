// What one GPU holds at the peak of a training step, component by component (profile "detailed").
//
// A step has phases that hold different things: logits and their gradient while the loss is computed, a layer's values
// and their gradients inside the backward pass, fewer activations but all gradients at its end. What is in use peaks in
// one of them. An allocator that keeps freed blocks by size reserves about the sum of all components, each at its own
// peak, because the blocks of one phase do not fit those of another. Source: docs/estimate.md, "Profile detailed".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/conditions.h"
#include "core/estimate/memory.h"
#include "core/estimate/step_figures.h"

namespace ktrain {

struct StepPhase {
    std::string_view name;  // one of step_phases
    std::int64_t bytes = 0;
};

// Nine of ten errors of estimates whose conditions are known are smaller: the 90th percentile of tests/golden/measured.
inline constexpr double band = 0.16;
inline constexpr std::string_view band_basis = "nine of ten of 123 measured peaks are within 16 % of their estimate";

struct StepMemory {
    MemoryBreakdown components;  // each at its own peak, on one GPU
    std::vector<StepPhase> phases;
    std::string_view peak_phase;
    std::int64_t active = 0;         // in use at the peak
    std::int64_t wanted = 0;         // by the allocator, where the card has room for it
    std::int64_t reserved = 0;       // held by the allocator
    std::int64_t outside = 0;        // context and communication library: of the GPU, not of the allocator
    std::int64_t recommended = 0;    // what to look for in a GPU
    double factor = 1;               // of what is in use, at least
    double multiplier = 1;           // of a calibration: of what is reserved and recommended
    std::string margin;              // how `recommended` follows from the others
    std::int64_t low = 0, high = 0;  // between which what is in use will be, nine times of ten
    std::int64_t host = 0;           // of the memory of one node, for what is offloaded
    std::string_view part;           // "first" or "last": the GPUs of a pipeline that need the most; empty without
};

// Errors: Error{input} when the numbers do not fit 63 bits.
StepMemory step_memory(const Conditions& conditions, const Fitted& fitted = {});

// Bytes to look for in a GPU with so many: see on_card().
std::int64_t recommended_on(const StepMemory& memory, std::int64_t card);

// The same for components that are all there at once, such as those of a small network on images.
StepMemory plain_memory(MemoryBreakdown components);

}  // namespace ktrain
