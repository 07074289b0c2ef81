// The newest figures of a run by the names of the Prometheus endpoint (docs/trainer.md has the same table).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace ktrain::trainer {

struct MetricRow {
    std::string_view name;
    std::string_view event;   // where it comes from; empty: any event
    std::string_view member;  // of the event; empty: computed from several
    std::string_view help;
};

// A name that ends in _total is a counter, anything else a gauge.
inline constexpr std::array metric_rows{
    MetricRow{"ktrain_checkpoint_age_seconds", "", "",
              "Time since the newest checkpoint was written, or since the start."},
    MetricRow{"ktrain_checkpoint_duration_seconds", "checkpoint", "seconds", "Time that the newest checkpoint took."},
    MetricRow{"ktrain_epoch", "step", "epoch", "Epochs done, with the share of the running one."},
    MetricRow{"ktrain_eta_seconds", "step", "eta_seconds", "Time left, by the pace of the run."},
    MetricRow{"ktrain_eval_accuracy", "", "eval_accuracy", "Share of right predictions at the last evaluation."},
    MetricRow{"ktrain_eval_loss", "", "eval_loss", "Loss at the last evaluation."},
    MetricRow{"ktrain_eval_loss_rises", "", "", "Evaluations in a row whose loss was higher than the one before."},
    MetricRow{"ktrain_grad_norm", "step", "grad_norm", "Norm of the gradients before clipping."},
    MetricRow{"ktrain_learning_rate", "step", "learning_rate", "Learning rate of the last step."},
    MetricRow{"ktrain_loss", "step", "loss", "Training loss since the last log step."},
    MetricRow{"ktrain_memory_bytes", "step", "memory", "Memory by component: see the label."},
    MetricRow{"ktrain_planned_steps", "", "steps_total", "Steps of the whole run."},
    MetricRow{"ktrain_samples_per_second", "step", "samples_per_second", "Samples trained in a second."},
    MetricRow{"ktrain_skipped_steps_total", "step", "skipped_steps", "Steps whose update was left out."},
    MetricRow{"ktrain_step", "", "", "Steps done."},
    MetricRow{"ktrain_steps_since_best_loss", "", "", "Steps since the training loss was at its lowest."},
    MetricRow{"ktrain_tokens_per_second", "step", "tokens_per_second", "Tokens trained in a second."},
};

// May be read from any thread.
class LiveMetrics {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Sample {
        const MetricRow* row;
        std::string component;  // of ktrain_memory_bytes
        double value;
    };

    void take(const Json& event, Time now);
    // What is known so far, in the order of the table.
    std::vector<Sample> samples(Time now) const;

private:
    void watch_loss(double loss, double step);
    void watch_evaluation(double loss);

    mutable std::mutex mutex_;
    std::map<std::string_view, double> values_;
    std::map<std::string, double> memory_;
    std::optional<Time> saved_;  // or begun, of a run that saves
    std::optional<double> best_loss_, last_evaluation_;
    double best_step_ = 0;
};

}  // namespace ktrain::trainer
