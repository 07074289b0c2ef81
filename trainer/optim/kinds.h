// What makes the optimizers beside Adam: one function for each kind.
#pragma once

#include "trainer/optim/optimizer.h"

namespace ktrain::trainer {

// With training.momentum, or without any state when that is 0.
std::unique_ptr<Optimizer> make_sgd(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays);

std::unique_ptr<Optimizer> make_lion(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays);

// The rate is that of the schedule: neither relative steps nor scaling by the size of the weights.
std::unique_ptr<Optimizer> make_adafactor(const TrainingArgs& args, const Parameters& parameters,
                                          const DecayRule& decays);

// Tensors of fewer than 4096 values, and embeddings, keep moments of 32 bits.
std::unique_ptr<Optimizer> make_adamw_8bit(const TrainingArgs& args, const Parameters& parameters,
                                           const DecayRule& decays);

}  // namespace ktrain::trainer
