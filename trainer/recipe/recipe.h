// What this build can train: one row for each kind of model.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// One setting of the spec that must have the given form.
struct Demand {
    std::string_view path;
    bool (*met)(const TrainingSpec& spec);
    std::string_view message, hint;
};

struct Recipe {
    std::string_view model_type;
    std::span<const Demand> demands;
    // Trains from data to final files. Returns the signal that stopped it, or 0.
    int (*run)(const TrainingSpec& spec, const Host& host);
    // The members of the "dry_run" event, or an empty object when the host asked to stop.
    Json (*dry_run)(const TrainingSpec& spec, const Host& host);
};

// Of this build: {"versions", "devices", "models"}.
Json description();

// Checks the spec against what this build does and runs its recipe. Errors: Error{input} for what it does not train,
// and what the recipe throws.
int train(const TrainingSpec& spec, const Host& host);

// The same checks; then one "dry_run" event instead of the training. Errors: as train() has them before its first step.
int dry_run(const TrainingSpec& spec, const Host& host);

}  // namespace ktrain::trainer
