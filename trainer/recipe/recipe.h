// What this build can train: one row for each kind of model.
#pragma once

#include <span>
#include <string_view>

#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

struct Recipe {
    std::string_view model_type;
    // Trains from data to final files. Returns the signal that stopped it, or 0.
    int (*run)(const TrainingSpec& spec, const Host& host);
};

std::span<const Recipe> recipes();  // sorted by model_type

// Checks the spec against what this build does and runs its recipe. Errors: Error{input} for what it does not train,
// and what the recipe throws.
int train(const TrainingSpec& spec, const Host& host);

}  // namespace ktrain::trainer
