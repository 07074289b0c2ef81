// Adam and AdamW by one pass over each stretch of the arena.
#include "trainer/optim/adam.h"

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace ktrain::trainer {

AdamStep adam_numbers(const AdamOptions& options, std::int64_t number, double rate, double scale, bool decays) {
    const double correction1 = 1 - std::pow(options.beta1, static_cast<double>(number));
    const double correction2 = 1 - std::pow(options.beta2, static_cast<double>(number));
    const double decay = decays ? options.weight_decay : 0;
    AdamStep step;
    step.gradient_scale = static_cast<float>(scale);
    step.pull = static_cast<float>(options.decoupled ? 0 : decay);
    step.kept = static_cast<float>(options.decoupled ? 1 - rate * decay : 1);
    step.size = static_cast<float>(rate / correction1);
    step.root = static_cast<float>(std::sqrt(correction2));
    step.beta1 = static_cast<float>(options.beta1);
    step.beta2 = static_cast<float>(options.beta2);
    step.fresh1 = static_cast<float>(1 - options.beta1);
    step.fresh2 = static_cast<float>(1 - options.beta2);
    step.epsilon = static_cast<float>(options.epsilon);
    return step;
}

Adam::Adam(const Parameters& parameters, const AdamOptions& options, const DecayRule& decays)
    : parameters_(parameters),
      options_(options),
      spans_(spans_of(parameters, decays)),
      first_(at::zeros_like(parameters.trainable())),
      second_(at::zeros_like(parameters.trainable())),
      steps_(at::zeros({}, at::kLong)) {}

void Adam::step(double rate, double scale) {
    const auto number = steps_.add_(1).item<std::int64_t>();
    for (const Span& span : spans_)
        adam_step(adam_numbers(options_, number, rate, scale, span.decays), span.size(),
                  span.in(parameters_.trainable()), span.in(parameters_.gradients()), span.in(first_),
                  span.in(second_));
}

NamedTensors Adam::state() const {
    NamedTensors state;
    add_parts(state, parameters_, first_, "exp_avg");
    add_parts(state, parameters_, second_, "exp_avg_sq");
    state.push_back({"step", steps_});
    return state;
}

}  // namespace ktrain::trainer
