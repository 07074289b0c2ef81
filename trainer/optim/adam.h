// Adam and AdamW over a model's arena.
#pragma once

#include "trainer/kernel/update.h"
#include "trainer/optim/spans.h"

namespace ktrain::trainer {

struct AdamOptions {
    bool decoupled = true;  // AdamW: the weight decay acts on the weights; Adam: on the gradient
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
};

// The numbers of step 1, 2, ... for weights that decay, or do not.
AdamStep adam_numbers(const AdamOptions& options, std::int64_t number, double rate, double scale, bool decays);

class Adam final : public Optimizer {
public:
    Adam(const Parameters& parameters, const AdamOptions& options, const DecayRule& decays);

    void step(double rate, double scale) override;
    NamedTensors state() const override;

private:
    const Parameters& parameters_;
    AdamOptions options_;
    std::vector<Span> spans_;
    at::Tensor first_, second_, steps_;
};

}  // namespace ktrain::trainer
