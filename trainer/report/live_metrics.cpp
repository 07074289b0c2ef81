// Taking figures out of events.
#include "trainer/report/live_metrics.h"

#include <algorithm>
#include <array>

namespace ktrain::trainer {
namespace {

// Events that come with the step that the run is at. One that was written beside the training tells of its own step.
constexpr std::array<std::string_view, 5> present{"epoch", "eval", "progress", "resume", "step"};
static_assert(std::ranges::is_sorted(present));

}  // namespace

static_assert(std::ranges::is_sorted(metric_rows, {}, &MetricRow::name));

void LiveMetrics::watch_loss(double loss, double step) {
    if (!best_loss_ || loss < *best_loss_) {
        best_loss_ = loss;
        best_step_ = step;
    }
    values_["ktrain_steps_since_best_loss"] = step - best_step_;
}

void LiveMetrics::watch_evaluation(double loss) {
    double& rises = values_["ktrain_eval_loss_rises"];
    rises = last_evaluation_ && loss > *last_evaluation_ ? rises + 1 : 0;
    last_evaluation_ = loss;
}

void LiveMetrics::take(const Json& event, Time now) {
    const std::string kind = string_or(event, "event");
    const std::lock_guard lock(mutex_);
    for (const MetricRow& row : metric_rows)
        if (!row.member.empty() && (row.event.empty() || row.event == kind))
            if (const Json& value = at_path(event, {row.member}); value.is_number()) values_[row.name] = value;
    if (const Json& step = at_path(event, {"step"}); step.is_number() && std::ranges::binary_search(present, kind))
        values_["ktrain_step"] = step;
    const std::string saves = kind == "start" ? string_or(event, "save_strategy", "no") : "no";
    if (kind == "checkpoint" || saves != "no") saved_ = now;
    if (const Json& loss = at_path(event, {"eval_loss"}); loss.is_number()) watch_evaluation(loss);
    if (kind != "step") return;
    const Json& loss = at_path(event, {"loss"});  // null when every step since the last line was skipped
    const Json& step = at_path(event, {"step"});
    if (loss.is_number() && step.is_number()) watch_loss(loss, step);
    if (const Json& memory = at_path(event, {"memory"}); memory.is_object())
        for (const auto& [label, bytes] : memory.items()) memory_[label] = bytes.get<double>();
}

std::vector<LiveMetrics::Sample> LiveMetrics::samples(Time now) const {
    const std::lock_guard lock(mutex_);
    std::vector<Sample> found;
    for (const MetricRow& row : metric_rows) {
        if (row.member == "memory")
            for (const auto& [label, bytes] : memory_) found.push_back({&row, label, bytes});
        else if (row.name == "ktrain_checkpoint_age_seconds" && saved_)
            found.push_back({&row, "", std::chrono::duration<double>(now - *saved_).count()});
        else if (const auto value = values_.find(row.name); value != values_.end())
            found.push_back({&row, "", value->second});
    }
    return found;
}

}  // namespace ktrain::trainer
