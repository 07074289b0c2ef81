// Factors of the learning rate schedules.
#include "trainer/optim/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "core/base/error.h"
#include "core/spec/choices.h"
#include "core/spec/schedules.h"

namespace ktrain::trainer {
namespace {

// (1 + cos) / 2 after so many half waves.
double wave(double half_waves) {
    return 0.5 * (1 + std::cos(std::numbers::pi * half_waves));
}

double share(std::int64_t part, std::int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(1, whole));
}

double lifted(double factor, double least) {
    return std::max(0.0, factor * (1 - least) + least);
}

double cosine(const Schedule& s, double progress) {
    return lifted(wave(2 * s.cycles * progress), s.least);
}

double restarts(const Schedule& s, double progress) {
    return progress >= 1 ? 0 : wave(std::fmod(s.cycles * progress, 1));
}

double polynomial(const Schedule& s, double progress) {
    if (progress > 1) return s.least;
    return std::pow(1 - progress, s.power) * (1 - s.least) + s.least;
}

double inverse_sqrt(const Schedule& s, std::int64_t done) {
    return 1 / std::sqrt((static_cast<double>(done - s.warmup_steps) + s.timescale) / s.timescale);
}

double rising(const Schedule& s, double progress) {
    if (s.kind != ScheduleKind::warmup_stable_decay) return progress;
    switch (s.rise) {
        case Ramp::cosine:
            return lifted(1 - wave(progress), s.least);
        case Ramp::one_minus_sqrt:
            return lifted(1 - std::sqrt(1 - progress), s.least);
        default:
            return lifted(progress, s.least);
    }
}

double falling(const Schedule& s, std::int64_t decayed) {
    if (decayed < 0) return 1;
    if (decayed >= s.decay_steps) return s.least;
    const double progress = share(decayed, s.decay_steps);
    switch (s.fall) {
        case Ramp::cosine:
            return cosine(s, progress);
        case Ramp::one_minus_sqrt:
            return lifted(1 - std::sqrt(progress), s.least);
        default:
            return lifted(1 - progress, s.least);
    }
}

double factor(const Schedule& s, std::int64_t done) {
    if (s.kind == ScheduleKind::constant) return 1;
    if (done < s.warmup_steps) return rising(s, share(done, s.warmup_steps));
    const double progress = share(done - s.warmup_steps, s.total_steps - s.warmup_steps);
    switch (s.kind) {
        case ScheduleKind::cosine:
        case ScheduleKind::cosine_with_min_lr:
            return cosine(s, progress);
        case ScheduleKind::cosine_with_restarts:
            return restarts(s, progress);
        case ScheduleKind::inverse_sqrt:
            return inverse_sqrt(s, done);
        case ScheduleKind::linear:
            return std::max(0.0, share(s.total_steps - done, s.total_steps - s.warmup_steps));
        case ScheduleKind::polynomial:
            return polynomial(s, progress);
        case ScheduleKind::warmup_stable_decay:
            return falling(s, done - s.warmup_steps - s.stable_steps);
        default:
            return 1;
    }
}

template <class Value>
struct Named {
    std::string_view name;
    Value value;
};

constexpr std::array<Named<ScheduleKind>, spec::choices::scheduler.size()> kinds{{
    {"constant", ScheduleKind::constant},
    {"constant_with_warmup", ScheduleKind::constant_with_warmup},
    {"cosine", ScheduleKind::cosine},
    {"cosine_with_min_lr", ScheduleKind::cosine_with_min_lr},
    {"cosine_with_restarts", ScheduleKind::cosine_with_restarts},
    {"inverse_sqrt", ScheduleKind::inverse_sqrt},
    {"linear", ScheduleKind::linear},
    {"polynomial", ScheduleKind::polynomial},
    {"warmup_stable_decay", ScheduleKind::warmup_stable_decay},
}};
static_assert(std::ranges::equal(kinds, spec::choices::scheduler, {}, &Named<ScheduleKind>::name));

constexpr std::array<Named<Ramp>, spec::ramps.size()> ramps{
    {{"1-sqrt", Ramp::one_minus_sqrt}, {"cosine", Ramp::cosine}, {"linear", Ramp::linear}}};
static_assert(std::ranges::equal(ramps, spec::ramps, {}, &Named<Ramp>::name));

auto chosen(const auto& table, std::string_view name) {
    for (const auto& row : table)
        if (row.name == name) return row.value;
    throw Error(ErrorKind::bug, "no schedule is called " + std::string(name));
}

Ramp ramp(const TrainingArgs& args, const std::string& name, Ramp otherwise) {
    const auto said = args.lr_scheduler_kwargs.find(name);
    return said == args.lr_scheduler_kwargs.end() ? otherwise : chosen(ramps, said->second);
}

// The share of the peak below which the rate does not fall.
double least(const TrainingArgs& args) {
    if (args.lr_scheduler_type == "polynomial")
        return spec::schedule_number(args, "lr_end").value_or(spec::polynomial_end) / args.learning_rate;
    if (const auto rate = spec::schedule_number(args, "min_lr")) return *rate / args.learning_rate;
    if (const auto part = spec::schedule_number(args, "min_lr_rate")) return *part;
    return spec::schedule_number(args, "min_lr_ratio").value_or(0);
}

}  // namespace

Schedule make_schedule(const TrainingArgs& args, std::int64_t total_steps) {
    const auto number = [&](std::string_view name, double otherwise) {
        return spec::schedule_number(args, name).value_or(otherwise);
    };
    const auto steps = [&](std::string_view name, std::int64_t otherwise) {
        const auto said = spec::schedule_number(args, name);
        return said ? static_cast<std::int64_t>(std::min(*said, 1e15)) : otherwise;
    };
    Schedule s;
    s.kind = chosen(kinds, args.lr_scheduler_type);
    s.peak = args.learning_rate;
    s.total_steps = total_steps;
    s.warmup_steps = args.warmup_steps > 0
                         ? args.warmup_steps
                         : static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * args.warmup_ratio));
    s.cycles = number("num_cycles", s.kind == ScheduleKind::cosine_with_restarts ? 1 : 0.5);
    s.least = least(args);
    s.power = number("power", 1);
    s.timescale = number("timescale", s.warmup_steps > 0 ? static_cast<double>(s.warmup_steps) : 10000);
    s.decay_steps = steps("num_decay_steps", 0);
    s.stable_steps = steps("num_stable_steps", total_steps - s.warmup_steps - s.decay_steps);
    s.rise = ramp(args, "warmup_type", Ramp::linear);
    s.fall = ramp(args, "decay_type", Ramp::cosine);
    return s;
}

double Schedule::rate(std::int64_t done) const {
    return peak * factor(*this, done);
}

}  // namespace ktrain::trainer
