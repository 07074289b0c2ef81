// Factors of the learning rate schedules.
#include "trainer/optim/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

struct Row {
    std::string_view name;
    ScheduleKind kind;
};

constexpr std::array<Row, 4> table{{
    {"constant", ScheduleKind::constant},
    {"constant_with_warmup", ScheduleKind::constant_with_warmup},
    {"cosine", ScheduleKind::cosine},
    {"linear", ScheduleKind::linear},
}};
static_assert(std::ranges::is_sorted(table, {}, &Row::name));

double factor(const Schedule& schedule, std::int64_t done) {
    if (schedule.kind == ScheduleKind::constant) return 1;
    if (done < schedule.warmup_steps) return static_cast<double>(done) / static_cast<double>(schedule.warmup_steps);
    const auto span = static_cast<double>(std::max<std::int64_t>(1, schedule.total_steps - schedule.warmup_steps));
    switch (schedule.kind) {
        case ScheduleKind::linear:
            return std::max(0.0, static_cast<double>(schedule.total_steps - done) / span);
        case ScheduleKind::cosine: {
            const double progress = static_cast<double>(done - schedule.warmup_steps) / span;
            return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
        }
        default:
            return 1;
    }
}

}  // namespace

ScheduleKind schedule_kind(std::string_view name) {
    const auto row = std::ranges::find(table, name, &Row::name);
    if (row == table.end()) throw Error(ErrorKind::bug, "no schedule is called " + std::string(name));
    return row->kind;
}

double Schedule::rate(std::int64_t done) const {
    return peak * factor(*this, done);
}

}  // namespace ktrain::trainer
