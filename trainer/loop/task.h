// What the loop trains, as functions: it knows nothing of images or text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "trainer/model/named_tensors.h"
#include "trainer/objective/classification.h"

namespace ktrain::trainer {

// Each call computes the next micro-batch of a pass; nothing after the last.
using Scores = std::function<std::optional<Score>()>;

struct Task {
    NamedTensors parameters;         // trained in place
    std::int64_t train_samples = 0;  // of one epoch
    // The training pass of an epoch (from 0), beginning at its sample number `first`.
    std::function<Scores(std::int64_t epoch, std::int64_t first)> train;
    // The evaluation pass; empty: the run has none.
    std::function<Scores()> evaluate;
};

}  // namespace ktrain::trainer
