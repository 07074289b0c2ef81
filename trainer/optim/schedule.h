// The learning rate over the run, as transformers' get_scheduler defines it.
#pragma once

#include <cstdint>
#include <string_view>

namespace ktrain::trainer {

enum class ScheduleKind { constant, constant_with_warmup, cosine, linear };

// Errors: Error{bug} for a name the spec does not allow.
ScheduleKind schedule_kind(std::string_view name);

struct Schedule {
    ScheduleKind kind = ScheduleKind::linear;
    double peak = 0;  // learning rate
    std::int64_t warmup_steps = 0;
    std::int64_t total_steps = 0;

    // The learning rate of the step after `done` steps.
    double rate(std::int64_t done) const;
};

}  // namespace ktrain::trainer
