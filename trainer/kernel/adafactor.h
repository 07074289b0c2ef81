// Adafactor's step: second moments of matrices as the means of rows and columns.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// Source: Shazeer and Stern 2018 with an outer learning rate, as transformers.optimization.Adafactor computes it.
struct AdafactorStep {
    float gradient_scale = 1;
    float kept = 1;                         // weight decay: what the weight is multiplied by
    float old = 0, fresh = 1;               // shares of the moments so far and of this step's squares; together 1
    double rate = 0;                        // learning rate
    double threshold = 1;                   // the update is scaled down to this root mean square
    static constexpr float least = 1e-30f;  // added to every square
};

// A tensor as `count` matrices that lie one behind another: all but its last two dimensions count them.
struct Matrices {
    std::int64_t count = 1, rows = 1, columns = 1;
};

// `row_means` has count x rows values, `column_means` count x columns: moving means of the squares.
void adafactor_step(const AdafactorStep& step, const Matrices& shape, float* weights, float* gradients,
                    float* row_means, float* column_means);

// Of a vector: every square has a moving mean of its own.
void adafactor_step(const AdafactorStep& step, std::int64_t count, float* weights, float* gradients, float* squares);

}  // namespace ktrain::trainer
