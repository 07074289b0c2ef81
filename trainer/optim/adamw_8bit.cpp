// AdamW with moments of 8 bits, but for small tensors and embeddings.
#include <ATen/ops/zeros.h>

#include "trainer/kernel/adam_8bit.h"
#include "trainer/optim/adam.h"
#include "trainer/optim/kinds.h"

namespace ktrain::trainer {
namespace {

// Small tensors keep 32 bits: they take little, and norms and biases suffer most from rounding.
constexpr std::int64_t least_for_8bit = 4096;

// Most rows of an embedding have no gradient in most steps, and few have a large one: one block would hold both.
// Source: bitsandbytes.nn.StableEmbedding, and the override of nn.Embedding in transformers' Trainer.
bool keeps_32bit(const TensorDecl& declaration) {
    return declaration.elements() < least_for_8bit || declaration.role == Role::embedding;
}

// One moment of one parameter: codes with the largest magnitude of each block, or plain values.
struct Kept {
    at::Tensor values;
    at::Tensor largest;  // undefined for 32 bits

    explicit Kept(const TensorDecl& declaration) {
        const std::int64_t count = declaration.elements();
        const bool whole = keeps_32bit(declaration);
        values = at::zeros(declaration.shape, whole ? at::kFloat : at::kByte);
        if (!whole) largest = at::zeros({(count + moment_block - 1) / moment_block});
    }

    Moment moment() const { return {values.mutable_data_ptr<std::uint8_t>(), largest.mutable_data_ptr<float>()}; }

    void add_to(NamedTensors& state, const std::string& name) const {
        state.push_back({name, values});
        if (largest.defined()) state.push_back({name + ".absmax", largest});
    }
};

class AdamW8bit final : public Optimizer {
public:
    AdamW8bit(const AdamOptions& options, const Parameters& parameters, const DecayRule& decays)
        : parameters_(parameters), options_(options) {
        for (const TensorDecl& declaration : parameters.declarations())
            if (declaration.trainable)
                tensors_.push_back({declaration.name, parameters.offset(declaration), decays(declaration),
                                    Kept(declaration), Kept(declaration)});
    }

    void step(double rate, double scale) override {
        const auto number = steps_.add_(1).item<std::int64_t>();
        for (const One& one : tensors_) {
            const AdamStep step = adam_numbers(options_, number, rate, scale, one.decays);
            const std::int64_t count = one.first.values.numel();
            float* weights = parameters_.trainable().mutable_data_ptr<float>() + one.begin;
            float* gradients = parameters_.gradients().mutable_data_ptr<float>() + one.begin;
            if (one.first.largest.defined())
                adam_8bit_step(step, count, weights, gradients, one.first.moment(), one.second.moment());
            else
                adam_step(step, count, weights, gradients, one.first.values.mutable_data_ptr<float>(),
                          one.second.values.mutable_data_ptr<float>());
        }
    }

    NamedTensors state() const override {
        NamedTensors state;
        for (const One& one : tensors_) {
            one.first.add_to(state, one.name + ".exp_avg");
            one.second.add_to(state, one.name + ".exp_avg_sq");
        }
        state.push_back({"step", steps_});
        return state;
    }

private:
    struct One {
        std::string name;
        std::int64_t begin;
        bool decays;
        Kept first, second;
    };

    const Parameters& parameters_;
    AdamOptions options_;
    std::vector<One> tensors_;
    at::Tensor steps_ = at::zeros({}, at::kLong);
};

}  // namespace

std::unique_ptr<Optimizer> make_adamw_8bit(const TrainingArgs& args, const Parameters& parameters,
                                           const DecayRule& decays) {
    const AdamOptions options{true, args.adam_beta1, args.adam_beta2, args.adam_epsilon, args.weight_decay};
    return std::make_unique<AdamW8bit>(options, parameters, decays);
}

}  // namespace ktrain::trainer
