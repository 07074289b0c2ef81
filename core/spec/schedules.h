// What training.lr_scheduler_kwargs may say to each schedule, by the names of transformers' get_scheduler.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

struct ScheduleSetting {
    std::string_view schedule;
    Field field;  // name, and limits or choices
    bool whole = false;
    bool required = false;
};

// Sorted by schedule, then by name.
std::span<const ScheduleSetting> schedule_settings();

// How a warm-up rises and a decay falls.
inline constexpr std::array<std::string_view, 3> ramps{"1-sqrt", "cosine", "linear"};

// lr_end of polynomial, unless it is said.
inline constexpr double polynomial_end = 1e-7;

// A number as lr_scheduler_kwargs has it. Nothing when it is not there, or no number.
std::optional<double> schedule_number(const TrainingArgs& args, std::string_view name);

}  // namespace ktrain::spec
