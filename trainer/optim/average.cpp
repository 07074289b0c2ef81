// Averaging over the whole arena, and the exchange of its content.
#include "trainer/optim/average.h"

#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace ktrain::trainer {

WeightAverage::WeightAverage(const Parameters& parameters, double decay)
    : parameters_(parameters),
      decay_(decay),
      other_(parameters.trainable().clone()),
      updates_(at::zeros({}, at::kLong)) {}

void WeightAverage::update() {
    if (updates_.item<std::int64_t>() == 0)
        other_.copy_(parameters_.trainable());
    else
        other_.lerp_(parameters_.trainable(), 1 - decay_);
    updates_.add_(1);
}

void WeightAverage::show(bool shown) {
    if (shown == shown_) return;
    auto* live = parameters_.trainable().mutable_data_ptr<float>();
    auto* other = other_.mutable_data_ptr<float>();
    at::parallel_for(0, other_.numel(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
        std::swap_ranges(live + begin, live + end, other + begin);
    });
    parameters_.round_trained();
    shown_ = shown;
}

NamedTensors WeightAverage::state() const {
    NamedTensors state;
    for (const TensorDecl& declaration : parameters_.declarations())
        if (declaration.trainable) state.push_back({declaration.name + ".raw", parameters_.part(other_, declaration)});
    state.push_back({"average_updates", updates_});
    return state;
}

}  // namespace ktrain::trainer
