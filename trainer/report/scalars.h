// The numbers of an event by the names that transformers gives them at TensorBoard and W&B.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace ktrain::trainer {

struct Scalar {
    std::string tag;  // "train/loss", "eval/loss", "memory/weights"
    double value = 0;
};

// Whether the event has the numbers of a step, an evaluation or an epoch, which stay when the run is over.
bool has_numbers(const Json& event);

// Empty for an event that is not about a step. "eval_x" becomes "eval/x", "test_x" "test/x", anything else "train/...".
std::vector<Scalar> scalars(const Json& event);

}  // namespace ktrain::trainer
