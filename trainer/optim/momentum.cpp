// SGD and Lion: optimizers that remember one average of the gradients.
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "trainer/kernel/update.h"
#include "trainer/optim/kinds.h"
#include "trainer/optim/spans.h"

namespace ktrain::trainer {
namespace {

class Sgd final : public Optimizer {
public:
    Sgd(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays)
        : parameters_(parameters),
          momentum_(args.momentum),
          weight_decay_(args.weight_decay),
          spans_(spans_of(parameters, decays)) {
        if (momentum_ > 0) average_ = at::zeros_like(parameters.trainable());
    }

    void step(double rate, double scale) override {
        steps_.add_(1);
        for (const Span& span : spans_) {
            const SgdStep step{static_cast<float>(scale), static_cast<float>(span.decays ? weight_decay_ : 0),
                               static_cast<float>(rate), static_cast<float>(momentum_)};
            sgd_step(step, span.size(), span.in(parameters_.trainable()), span.in(parameters_.gradients()),
                     average_.defined() ? span.in(average_) : nullptr);
        }
    }

    NamedTensors state() const override {
        NamedTensors state;
        if (average_.defined()) add_parts(state, parameters_, average_, "momentum_buffer");
        state.push_back({"step", steps_});
        return state;
    }

private:
    const Parameters& parameters_;
    double momentum_, weight_decay_;
    std::vector<Span> spans_;
    at::Tensor average_, steps_ = at::zeros({}, at::kLong);
};

class Lion final : public Optimizer {
public:
    Lion(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays)
        : parameters_(parameters),
          weight_decay_(args.weight_decay),
          spans_(spans_of(parameters, decays)),
          average_(at::zeros_like(parameters.trainable())) {
        numbers_.beta1 = static_cast<float>(args.adam_beta1);
        numbers_.beta2 = static_cast<float>(args.adam_beta2);
        numbers_.fresh1 = static_cast<float>(1 - args.adam_beta1);
        numbers_.fresh2 = static_cast<float>(1 - args.adam_beta2);
    }

    void step(double rate, double scale) override {
        steps_.add_(1);
        LionStep step = numbers_;
        step.gradient_scale = static_cast<float>(scale);
        step.rate = static_cast<float>(rate);
        for (const Span& span : spans_) {
            step.kept = static_cast<float>(span.decays ? 1 - rate * weight_decay_ : 1);
            lion_step(step, span.size(), span.in(parameters_.trainable()), span.in(parameters_.gradients()),
                      span.in(average_));
        }
    }

    NamedTensors state() const override {
        NamedTensors state;
        add_parts(state, parameters_, average_, "exp_avg");
        state.push_back({"step", steps_});
        return state;
    }

private:
    const Parameters& parameters_;
    double weight_decay_;
    std::vector<Span> spans_;
    at::Tensor average_, steps_ = at::zeros({}, at::kLong);
    LionStep numbers_;
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays) {
    return std::make_unique<Sgd>(args, parameters, decays);
}

std::unique_ptr<Optimizer> make_lion(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays) {
    return std::make_unique<Lion>(args, parameters, decays);
}

}  // namespace ktrain::trainer
