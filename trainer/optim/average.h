// The moving average of the weights that are trained, which can take their place for a while.
#pragma once

#include <optional>

#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// As torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(decay): the first update copies the weights.
class WeightAverage {
public:
    // `parameters` must outlive it. Takes as much memory as the weights that train.
    WeightAverage(const Parameters& parameters, double decay);

    // After a step, while not shown.
    void update();

    // While shown, the parameters hold the average: to be evaluated and saved, not to be trained.
    void show(bool shown);
    bool shown() const { return shown_; }

    // While shown: what a checkpoint keeps beside the parameters, as live tensors: "<parameter>.raw",
    // "average_updates".
    NamedTensors state() const;

private:
    const Parameters& parameters_;
    double decay_;
    at::Tensor other_;    // the average; while shown, the raw weights
    at::Tensor updates_;  // how often it was updated
    bool shown_ = false;
};

// The average in place of the weights, if there is one, until the end of the scope.
class ShownAverage {
public:
    explicit ShownAverage(std::optional<WeightAverage>& average)
        : average_(average), before_(average && average->shown()) {
        if (average_) average_->show(true);
    }
    ~ShownAverage() {
        if (average_) average_->show(before_);
    }
    ShownAverage(const ShownAverage&) = delete;
    ShownAverage& operator=(const ShownAverage&) = delete;

private:
    std::optional<WeightAverage>& average_;
    bool before_;
};

}  // namespace ktrain::trainer
