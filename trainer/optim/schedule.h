// The learning rate over the run, as transformers' get_scheduler defines it.
#pragma once

#include <cstdint>

#include "core/spec/spec.h"

namespace ktrain::trainer {

enum class ScheduleKind {
    constant,
    constant_with_warmup,
    cosine,
    cosine_with_min_lr,
    cosine_with_restarts,
    inverse_sqrt,
    linear,
    polynomial,
    warmup_stable_decay,
};

enum class Ramp { one_minus_sqrt, cosine, linear };

struct Schedule {
    ScheduleKind kind = ScheduleKind::linear;
    double peak = 0;  // learning rate
    std::int64_t warmup_steps = 0;
    std::int64_t total_steps = 0;

    // Of lr_scheduler_kwargs:
    double cycles = 0.5;                             // waves of the cosine; with restarts: half waves
    double least = 0;                                // share of the peak that is left at the end
    double power = 1;                                // polynomial
    double timescale = 1;                            // inverse_sqrt: steps after which the rate has fallen to 1/sqrt(2)
    std::int64_t stable_steps = 0, decay_steps = 0;  // warmup_stable_decay
    Ramp rise = Ramp::linear, fall = Ramp::cosine;

    // The learning rate of the step after `done` steps.
    double rate(std::int64_t done) const;
};

// What `args` says for a run of `total_steps`. Errors: Error{bug} for what the spec does not allow.
Schedule make_schedule(const TrainingArgs& args, std::int64_t total_steps);

}  // namespace ktrain::trainer
