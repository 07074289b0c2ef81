// Adafactor over matrices: the squares of rows and columns, the length of the update, the update.
#include "trainer/kernel/adafactor.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "trainer/kernel/blocks.h"
#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

KTRAIN_INLINE const Lanes& lanes_at(const float* values) {
    return *reinterpret_cast<const Lanes*>(values);
}
KTRAIN_INLINE Lanes& lanes_at(float* values) {
    return *reinterpret_cast<Lanes*>(values);
}

KTRAIN_INLINE float sum_of(const Lanes& parts) {
    float sum = 0;
    for (std::int64_t l = 0; l < lanes; ++l) sum += parts[l];
    return sum;
}

// The squares of one row are added to those of the columns; returns their sum.
KTRAIN_CLONES float add_squares(float scale, std::int64_t n, const float* __restrict gradients,
                                float* __restrict columns) {
    Lanes sums = {};
    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        const Lanes g = lanes_at(gradients + i) * scale, squared = g * g + AdafactorStep::least;
        lanes_at(columns + i) += squared;
        sums += squared;
    }
    float rest = 0;
    for (; i < n; ++i) {
        const float g = gradients[i] * scale, squared = g * g + AdafactorStep::least;
        columns[i] += squared;
        rest += squared;
    }
    return sum_of(sums) + rest;
}

// The sum of the squares of gradient x scale x factor.
KTRAIN_CLONES float squares_of_update(float scale, std::int64_t n, const float* __restrict gradients,
                                      const float* __restrict factors) {
    Lanes sums = {};
    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        const Lanes update = lanes_at(gradients + i) * scale * lanes_at(factors + i);
        sums += update * update;
    }
    float rest = 0;
    for (; i < n; ++i) {
        const float update = gradients[i] * scale * factors[i];
        rest += update * update;
    }
    return sum_of(sums) + rest;
}

// `scale` is the part of the update that does not depend on the column, times the rate.
KTRAIN_CLONES void move(float kept, float scale, std::int64_t n, float* __restrict weights, float* __restrict gradients,
                        const float* __restrict factors) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        weights[i] = weights[i] * kept - gradients[i] * factors[i] * scale;
        gradients[i] = 0;
    }
}

// Moving means, and 1 / sqrt of them: what gradients of a column are multiplied by.
KTRAIN_CLONES void follow(const AdafactorStep& step, float share, std::int64_t n, const float* __restrict sums,
                          float* __restrict means, float* __restrict factors) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        means[i] = means[i] * step.old + step.fresh * (sums[i] * share);
        factors[i] = 1 / __builtin_sqrtf(means[i]);
    }
}

// What the rate is divided by so that the update is no longer than allowed.
double excess(const AdafactorStep& step, const std::vector<double>& squares, std::int64_t count) {
    const double sum = std::accumulate(squares.begin(), squares.end(), 0.0);
    return std::max(1.0, std::sqrt(sum / static_cast<double>(count)) / step.threshold);
}

// One step over one tensor. Rows are cut into at most 32 pieces a matrix, whatever the number of threads: each piece
// has sums of its own for all columns, which are added in order.
class MatrixStep {
public:
    MatrixStep(const AdafactorStep& step, const Matrices& shape, float* weights, float* gradients)
        : step_(step),
          shape_(shape),
          weights_(weights),
          gradients_(gradients),
          piece_rows_(std::max((shape.rows + 31) / 32, std::min(shape.rows, block / shape.columns + 1))),
          pieces_((shape.rows + piece_rows_ - 1) / piece_rows_),
          sums_(static_cast<std::size_t>(shape.count * pieces_ * shape.columns)),
          row_factors_(static_cast<std::size_t>(shape.count * shape.rows)),
          column_factors_(static_cast<std::size_t>(shape.count * shape.columns)) {}

    void run(float* row_means, float* column_means) {
        add_up(row_means);
        follow_means(row_means, column_means);
        const double rate = step_.rate / excess(step_, lengths(), shape_.count * shape_.rows * shape_.columns);
        for_rows([&](std::int64_t, std::int64_t row, const float* factors) {
            const std::int64_t at = row * shape_.columns;
            const auto scale = static_cast<float>(rate * row_factors_[static_cast<std::size_t>(row)]);
            move(step_.kept, scale * step_.gradient_scale, shape_.columns, weights_ + at, gradients_ + at, factors);
        });
    }

private:
    // Calls body(piece, row, factors of its matrix' columns) for all rows of all matrices.
    template <class Body>
    void for_rows(const Body& body) const {
        const std::int64_t size = std::max<std::int64_t>(1, piece_rows_ * shape_.columns);
        at::parallel_for(0, shape_.count * pieces_, std::max<std::int64_t>(1, 4 * block / size),
                         [&](std::int64_t begin, std::int64_t end) {
                             for (std::int64_t piece = begin; piece < end; ++piece) {
                                 const std::int64_t matrix = piece / pieces_;
                                 const std::int64_t first = piece % pieces_ * piece_rows_;
                                 const std::int64_t last = std::min(shape_.rows, first + piece_rows_);
                                 for (std::int64_t row = first; row < last; ++row)
                                     body(piece, matrix * shape_.rows + row,
                                          column_factors_.data() + matrix * shape_.columns);
                             }
                         });
    }

    void add_up(float* row_means) {
        for_rows([&](std::int64_t piece, std::int64_t row, const float*) {
            const float sum = add_squares(step_.gradient_scale, shape_.columns, gradients_ + row * shape_.columns,
                                          sums_.data() + piece * shape_.columns);
            row_means[row] = row_means[row] * step_.old + step_.fresh * (sum / static_cast<float>(shape_.columns));
        });
    }

    void follow_means(const float* row_means, float* column_means) {
        const std::int64_t rows = shape_.rows, columns = shape_.columns;
        for (std::int64_t matrix = 0; matrix < shape_.count; ++matrix) {
            float* sums = sums_.data() + matrix * pieces_ * columns;
            for (std::int64_t piece = 1; piece < pieces_; ++piece)
                for (std::int64_t c = 0; c < columns; ++c) sums[c] += sums[piece * columns + c];
            follow(step_, 1 / static_cast<float>(rows), columns, sums, column_means + matrix * columns,
                   column_factors_.data() + matrix * columns);
            const float* means = row_means + matrix * rows;
            const double mean = std::accumulate(means, means + rows, 0.0) / static_cast<double>(rows);
            for (std::int64_t r = 0; r < rows; ++r)
                row_factors_[static_cast<std::size_t>(matrix * rows + r)] =
                    static_cast<float>(1 / std::sqrt(means[r] / mean));
        }
    }

    // The sum of the squares of the update, by piece.
    std::vector<double> lengths() const {
        std::vector<double> squares(static_cast<std::size_t>(shape_.count * pieces_));
        for_rows([&](std::int64_t piece, std::int64_t row, const float* factors) {
            const float scale = step_.gradient_scale * row_factors_[static_cast<std::size_t>(row)];
            squares[static_cast<std::size_t>(piece)] +=
                squares_of_update(scale, shape_.columns, gradients_ + row * shape_.columns, factors);
        });
        return squares;
    }

    const AdafactorStep& step_;
    const Matrices& shape_;
    float* weights_;
    float* gradients_;
    std::int64_t piece_rows_, pieces_;
    std::vector<float> sums_, row_factors_, column_factors_;
};

}  // namespace

void adafactor_step(const AdafactorStep& step, const Matrices& shape, float* weights, float* gradients,
                    float* row_means, float* column_means) {
    MatrixStep(step, shape, weights, gradients).run(row_means, column_means);
}

void adafactor_step(const AdafactorStep& step, std::int64_t count, float* weights, float* gradients, float* squares) {
    std::vector<double> lengths(static_cast<std::size_t>(blocks_of(count)));
    std::vector<float> factors(static_cast<std::size_t>(count));
    for_blocks(count, [&](std::int64_t at, std::int64_t n) {
        std::vector<float> fresh(static_cast<std::size_t>(n));
        add_squares(step.gradient_scale, n, gradients + at, fresh.data());
        follow(step, 1, n, fresh.data(), squares + at, factors.data() + at);
        lengths[static_cast<std::size_t>(at / block)] =
            squares_of_update(step.gradient_scale, n, gradients + at, factors.data() + at);
    });
    const double rate = step.rate / excess(step, lengths, count);
    for_blocks(count, [&](std::int64_t at, std::int64_t n) {
        move(step.kept, static_cast<float>(rate) * step.gradient_scale, n, weights + at, gradients + at,
             factors.data() + at);
    });
}

}  // namespace ktrain::trainer
