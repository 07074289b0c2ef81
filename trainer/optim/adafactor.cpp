// Adafactor over the tensors of a model: a matrix keeps one value for each row and each column.
#include "trainer/kernel/adafactor.h"

#include <ATen/ops/zeros.h>

#include <cmath>

#include "trainer/optim/kinds.h"

namespace ktrain::trainer {
namespace {

// A parameter with its moments: of rows and columns, or of every value.
struct Factored {
    std::string name;
    std::int64_t begin = 0;
    bool decays = true;
    Matrices shape;
    at::Tensor rows, columns;  // undefined for a vector
    at::Tensor squares;        // undefined for matrices
};

Factored factored(const TensorDecl& declaration, std::int64_t begin, bool decays) {
    Factored one{declaration.name, begin, decays, {}, {}, {}, {}};
    std::vector<std::int64_t> rows = declaration.shape;
    if (rows.size() < 2) {
        one.squares = at::zeros(declaration.shape);
        return one;
    }
    std::vector<std::int64_t> columns = rows;
    columns.erase(columns.end() - 2);
    one.shape = {declaration.elements() / (rows.back() * rows[rows.size() - 2]), rows[rows.size() - 2], rows.back()};
    rows.pop_back();
    one.rows = at::zeros(rows);
    one.columns = at::zeros(columns);
    return one;
}

class Adafactor final : public Optimizer {
public:
    Adafactor(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays)
        : parameters_(parameters), weight_decay_(args.weight_decay) {
        for (const TensorDecl& declaration : parameters.declarations())
            if (declaration.trainable)
                tensors_.push_back(factored(declaration, parameters.offset(declaration), decays(declaration)));
    }

    void step(double rate, double scale) override {
        const auto number = steps_.add_(1).item<std::int64_t>();
        const double fresh = std::pow(static_cast<double>(number), -0.8);
        AdafactorStep step;
        step.gradient_scale = static_cast<float>(scale);
        step.old = static_cast<float>(1 - fresh);
        step.fresh = static_cast<float>(fresh);
        step.rate = rate;
        for (const Factored& one : tensors_) {
            step.kept = static_cast<float>(one.decays ? 1 - rate * weight_decay_ : 1);
            float* weights = parameters_.trainable().mutable_data_ptr<float>() + one.begin;
            float* gradients = parameters_.gradients().mutable_data_ptr<float>() + one.begin;
            if (one.squares.defined())
                adafactor_step(step, one.squares.numel(), weights, gradients, one.squares.mutable_data_ptr<float>());
            else
                adafactor_step(step, one.shape, weights, gradients, one.rows.mutable_data_ptr<float>(),
                               one.columns.mutable_data_ptr<float>());
        }
    }

    NamedTensors state() const override {
        NamedTensors state;
        for (const Factored& one : tensors_) {
            if (one.squares.defined()) {
                state.push_back({one.name + ".exp_avg_sq", one.squares});
            } else {
                state.push_back({one.name + ".exp_avg_sq_row", one.rows});
                state.push_back({one.name + ".exp_avg_sq_col", one.columns});
            }
        }
        state.push_back({"step", steps_});
        return state;
    }

private:
    const Parameters& parameters_;
    double weight_decay_;
    std::vector<Factored> tensors_;
    at::Tensor steps_ = at::zeros({}, at::kLong);
};

}  // namespace

std::unique_ptr<Optimizer> make_adafactor(const TrainingArgs& args, const Parameters& parameters,
                                          const DecayRule& decays) {
    return std::make_unique<Adafactor>(args, parameters, decays);
}

}  // namespace ktrain::trainer
