// Adam and AdamW by one pass over each stretch of the arena.
#include "trainer/optim/adam.h"

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "trainer/kernel/update.h"

namespace ktrain::trainer {

Adam::Adam(const Parameters& parameters, const AdamOptions& options, const DecayRule& decays)
    : parameters_(parameters),
      options_(options),
      first_(at::zeros_like(parameters.trainable())),
      second_(at::zeros_like(parameters.trainable())),
      steps_(at::zeros({}, at::kLong)) {
    for (const TensorDecl& declaration : parameters.declarations()) {
        if (!declaration.trainable) continue;
        const std::int64_t begin = parameters.offset(declaration), end = begin + declaration.elements();
        const bool decaying = decays(declaration);
        if (!spans_.empty() && spans_.back().end == begin && spans_.back().decays == decaying)
            spans_.back().end = end;
        else
            spans_.push_back({begin, end, decaying});
    }
}

void Adam::step(double rate, double scale) {
    const auto number = static_cast<double>(steps_.add_(1).item<std::int64_t>());
    const double correction1 = 1 - std::pow(options_.beta1, number);
    const double correction2 = 1 - std::pow(options_.beta2, number);
    for (const Span& span : spans_) {
        const double decay = span.decays ? options_.weight_decay : 0;
        AdamStep step;
        step.gradient_scale = static_cast<float>(scale);
        step.pull = static_cast<float>(options_.decoupled ? 0 : decay);
        step.kept = static_cast<float>(options_.decoupled ? 1 - rate * decay : 1);
        step.size = static_cast<float>(rate / correction1);
        step.root = static_cast<float>(std::sqrt(correction2));
        step.beta2 = static_cast<float>(options_.beta2);
        step.fresh1 = static_cast<float>(1 - options_.beta1);
        step.fresh2 = static_cast<float>(1 - options_.beta2);
        step.epsilon = static_cast<float>(options_.epsilon);
        const auto at = [&](const at::Tensor& flat) { return flat.mutable_data_ptr<float>() + span.begin; };
        adam_step(step, span.end - span.begin, at(parameters_.trainable()), at(parameters_.gradients()), at(first_),
                  at(second_));
    }
}

NamedTensors Adam::state() const {
    NamedTensors state;
    for (const TensorDecl& declaration : parameters_.declarations()) {
        if (!declaration.trainable) continue;
        state.push_back({declaration.name + ".exp_avg", parameters_.part(first_, declaration)});
        state.push_back({declaration.name + ".exp_avg_sq", parameters_.part(second_, declaration)});
    }
    state.push_back({"step", steps_});
    return state;
}

}  // namespace ktrain::trainer
