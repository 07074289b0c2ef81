// The labels of memory: those of estimates, and those that runs log, by the same names where they mean the same.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace ktrain::labels {

inline constexpr std::string_view activations = "activations", adapters = "adapters", average = "average",
                                  checkpoint_copy = "checkpoint copy", checkpoints = "checkpoints",
                                  gradients = "gradients", logits = "logits", optimizer = "optimizer",
                                  process = "process", rounded_copies = "rounded copies", weights = "weights",
                                  working_set = "working set";

struct Logged {
    std::string_view name;
    bool estimated;  // a run's figure can be compared with an estimate
};

// What a run of ktrain logs (docs/trainer.md). Activations are the most that a step added to what was there before,
// process is the resident memory of everything.
inline constexpr std::array logged{
    Logged{activations, true},      Logged{adapters, true},       Logged{average, false},
    Logged{checkpoint_copy, false}, Logged{gradients, true},      Logged{optimizer, true},
    Logged{process, false},         Logged{rounded_copies, true}, Logged{weights, true},
};
static_assert(std::ranges::is_sorted(logged, {}, &Logged::name));

// nullptr for a label that no run has.
constexpr const Logged* find_logged(std::string_view name) {
    const auto row = std::ranges::find(logged, name, &Logged::name);
    return row == logged.end() ? nullptr : &*row;
}

}  // namespace ktrain::labels
