// Optimizers over the arena of a model's parameters, and what a checkpoint keeps of them.
#pragma once

#include <functional>
#include <memory>

#include "core/spec/spec.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

class Optimizer {
public:
    virtual ~Optimizer() = default;

    // One update of the parameters that train from their gradients, which are cleared. `scale` multiplies every
    // gradient first (clipping).
    virtual void step(double rate, double scale) = 0;

    // Everything that the next step depends on beside the parameters, as live tensors: "<parameter>.exp_avg", "step".
    virtual NamedTensors state() const = 0;
};

// Whether a parameter's weight decays.
using DecayRule = std::function<bool(const TensorDecl&)>;

// Hugging Face's Trainer: all but norms and biases.
bool decays_unless_norm_or_bias(const TensorDecl& declaration);

// By training.optim. `parameters` must outlive it. Errors: Error{bug} for a name the spec does not allow.
std::unique_ptr<Optimizer> make_optimizer(const TrainingArgs& args, const Parameters& parameters,
                                          const DecayRule& decays);

}  // namespace ktrain::trainer
