// Causal self-attention with rotary positions over packed sequences, forward and backward, on plain memory.
#include "trainer/kernel/attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/kernel/rows.h"
#include "trainer/kernel/simd.h"
#include "trainer/kernel/tile.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t block_rows = 48;  // queries that are handled together: their scores stay in the cache

std::int64_t padded(std::int64_t n) {
    return (n + lanes - 1) / lanes * lanes;
}

// Rotates a head by the angles of its position; `direction` -1 turns back.
KTRAIN_CLONES void rotate(const float* x, const float* cosines, const float* sines, std::int64_t half, float direction,
                          float factor, float* y) {
#pragma omp simd
    for (std::int64_t d = 0; d < half; ++d) {
        const float a = x[d] * factor, b = x[d + half] * factor;
        const float s = sines[d] * direction;
        y[d] = a * cosines[d] - b * s;
        y[d + half] = b * cosines[d] + a * s;
    }
}

// x = e^(x - shift); their sum.
KTRAIN_CLONES float row_exponentials(float* x, std::int64_t n, float shift) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) {
        x[i] = fast_exp(x[i] - shift);
        sum += x[i];
    }
    return sum;
}

// dp becomes the gradient of the scores: p * (dp - sum(p * dp)).
KTRAIN_CLONES void row_score_gradient(const float* p, float* dp, std::int64_t n) {
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (std::int64_t i = 0; i < n; ++i) dot += p[i] * dp[i];
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) dp[i] = p[i] * (dp[i] - dot);
}

// One sequence as one head of keys and values sees it, with the room for its work.
class Group {
public:
    explicit Group(const Attention& shape)
        : shape_(shape), width_(padded(shape.head_dim)), length_(padded(shape.length)) {
        const auto room = [](std::int64_t rows, std::int64_t columns) {
            return std::vector<float>(static_cast<std::size_t>(rows * columns));
        };
        keys_ = room(length_, width_);
        values_ = room(length_, width_);
        keys_across_ = room(width_, length_);
        queries_ = room(block_rows, width_);
        scores_ = room(block_rows, length_);
        product_ = room(block_rows, width_);
    }

    void forward(std::int64_t sequence, std::int64_t group, const float* qkv, float* out, float* log_sums);
    void backward(std::int64_t sequence, std::int64_t group, const float* qkv, const float* log_sums,
                  const float* d_out, float* d_qkv);

private:
    struct Rows {
        std::int64_t first = 0, count = 0;  // queries
        std::int64_t begin = 0, end = 0;    // keys that any of them sees; multiples of a vector
    };

    std::int64_t first_key(std::int64_t i) const {
        const std::int64_t start = shape_.starts == nullptr ? 0 : shape_.starts[base_ + i];
        return shape_.window > 0 ? std::max(start, i - shape_.window + 1) : start;
    }
    Rows rows_at(std::int64_t first) const;
    void turn(const float* x, std::int64_t row, float direction, float factor, float* y) const;
    void load_keys(const float* qkv, std::int64_t group);
    void load_queries(const float* qkv, std::int64_t head, const Rows& rows);
    void score(const Rows& rows);
    static void across(const std::vector<float>& from, std::int64_t rows, std::int64_t columns, std::vector<float>& to);
    void block_backward(const float* qkv, std::int64_t head, const Rows& rows, const float* log_sums,
                        const float* d_out, float* d_qkv);

    const Attention& shape_;
    std::int64_t width_, length_;  // of the padded copies
    std::int64_t base_ = 0;        // the sequence's first row in the matrices
    std::vector<float> keys_, values_, keys_across_, queries_, scores_, product_;
    std::vector<float> values_across_, d_keys_, d_values_, d_scores_, squashed_, d_rows_;  // backward only
};

Group::Rows Group::rows_at(std::int64_t first) const {
    Rows rows{first, std::min(block_rows, shape_.length - first), length_, 0};
    for (std::int64_t i = first; i < first + rows.count; ++i) rows.begin = std::min(rows.begin, first_key(i));
    rows.begin = rows.begin / lanes * lanes;
    rows.end = padded(first + rows.count);
    return rows;
}

void Group::turn(const float* x, std::int64_t row, float direction, float factor, float* y) const {
    const std::int64_t half = shape_.rotary / 2;
    if (half > 0) {
        const std::int64_t at = shape_.positions[row] * half;
        rotate(x, shape_.cosines + at, shape_.sines + at, half, direction, factor, y);
    }
    for (std::int64_t d = shape_.rotary; d < shape_.head_dim; ++d) y[d] = x[d] * factor;
}

void Group::across(const std::vector<float>& from, std::int64_t rows, std::int64_t columns, std::vector<float>& to) {
    for (std::int64_t i = 0; i < rows; i += lanes)
        for (std::int64_t j = 0; j < columns; ++j)
            for (std::int64_t l = 0; l < lanes; ++l)
                to[static_cast<std::size_t>(j * rows + i + l)] = from[static_cast<std::size_t>((i + l) * columns + j)];
}

void Group::load_keys(const float* qkv, std::int64_t group) {
    for (std::int64_t i = 0; i < shape_.length; ++i) {
        const float* row = qkv + (base_ + i) * shape_.columns();
        const float* key = row + (shape_.heads + group) * shape_.head_dim;
        turn(key, base_ + i, 1, 1, keys_.data() + i * width_);
        std::copy_n(key + shape_.kv_heads * shape_.head_dim, shape_.head_dim, values_.data() + i * width_);
    }
    across(keys_, length_, width_, keys_across_);
}

void Group::load_queries(const float* qkv, std::int64_t head, const Rows& rows) {
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t row = base_ + rows.first + i;
        turn(qkv + row * shape_.columns() + head * shape_.head_dim, row, 1, shape_.scale, queries_.data() + i * width_);
    }
}

// The scores of a block of queries, before softmax.
void Group::score(const Rows& rows) {
    multiply({rows.count, rows.end - rows.begin, shape_.head_dim, queries_.data(), width_, 1,
              keys_across_.data() + rows.begin, length_, scores_.data() + rows.begin, length_, false});
    if (shape_.soft_cap > 0)
        for (std::int64_t i = 0; i < rows.count; ++i)
            row_squash(scores_.data() + i * length_ + rows.begin, rows.end - rows.begin, shape_.soft_cap);
}

void Group::forward(std::int64_t sequence, std::int64_t group, const float* qkv, float* out, float* log_sums) {
    base_ = sequence * shape_.length;
    load_keys(qkv, group);
    const std::int64_t per_group = shape_.heads / shape_.kv_heads;
    for (std::int64_t head = group * per_group; head < (group + 1) * per_group; ++head) {
        for (std::int64_t first = 0; first < shape_.length; first += block_rows) {
            const Rows rows = rows_at(first);
            load_queries(qkv, head, rows);
            score(rows);
            for (std::int64_t i = 0; i < rows.count; ++i) {
                float* row = scores_.data() + i * length_;
                const std::int64_t low = first_key(first + i), seen = first + i + 1 - low;
                const float most = row_largest(row + low, seen);
                const float sum = row_exponentials(row + low, seen, most);
                row_scale(row + low, seen, 1.0f / sum);
                std::fill(row + rows.begin, row + low, 0.0f);
                std::fill(row + low + seen, row + rows.end, 0.0f);
                log_sums[(sequence * shape_.heads + head) * shape_.length + first + i] = most + std::log(sum);
            }
            multiply({rows.count, width_, rows.end - rows.begin, scores_.data() + rows.begin, length_, 1,
                      values_.data() + rows.begin * width_, width_, product_.data(), width_, false});
            for (std::int64_t i = 0; i < rows.count; ++i)
                std::copy_n(product_.data() + i * width_, shape_.head_dim,
                            out + ((base_ + first + i) * shape_.heads + head) * shape_.head_dim);
        }
    }
}

void Group::block_backward(const float* qkv, std::int64_t head, const Rows& rows, const float* log_sums,
                           const float* d_out, float* d_qkv) {
    const std::int64_t span = rows.end - rows.begin;
    load_queries(qkv, head, rows);
    score(rows);
    if (shape_.soft_cap > 0) squashed_ = scores_;
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t q = rows.first + i;
        float* row = scores_.data() + i * length_;
        const std::int64_t low = first_key(q), seen = q + 1 - low;
        row_exponentials(row + low, seen, log_sums[q]);
        std::fill(row + rows.begin, row + low, 0.0f);
        std::fill(row + low + seen, row + rows.end, 0.0f);
        std::copy_n(d_out + ((base_ + q) * shape_.heads + head) * shape_.head_dim, shape_.head_dim,
                    d_rows_.data() + i * width_);
    }
    multiply({rows.count, span, shape_.head_dim, d_rows_.data(), width_, 1, values_across_.data() + rows.begin, length_,
              d_scores_.data() + rows.begin, length_, false});
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t at = i * length_ + rows.begin;
        row_score_gradient(scores_.data() + at, d_scores_.data() + at, span);
        if (shape_.soft_cap > 0)
            row_squash_backward(d_scores_.data() + at, squashed_.data() + at, span, shape_.soft_cap);
    }
    multiply({span, width_, rows.count, scores_.data() + rows.begin, 1, length_, d_rows_.data(), width_,
              d_values_.data() + rows.begin * width_, width_, true});
    multiply({span, width_, rows.count, d_scores_.data() + rows.begin, 1, length_, queries_.data(), width_,
              d_keys_.data() + rows.begin * width_, width_, true});
    multiply({rows.count, width_, span, d_scores_.data() + rows.begin, length_, 1, keys_.data() + rows.begin * width_,
              width_, product_.data(), width_, false});
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t row = base_ + rows.first + i;
        turn(product_.data() + i * width_, row, -1, shape_.scale,
             d_qkv + row * shape_.columns() + head * shape_.head_dim);
    }
}

void Group::backward(std::int64_t sequence, std::int64_t group, const float* qkv, const float* log_sums,
                     const float* d_out, float* d_qkv) {
    base_ = sequence * shape_.length;
    load_keys(qkv, group);
    values_across_.resize(keys_across_.size());
    across(values_, length_, width_, values_across_);
    d_keys_.assign(keys_.size(), 0.0f);
    d_values_.assign(values_.size(), 0.0f);
    d_scores_.resize(scores_.size());
    d_rows_.resize(queries_.size());
    const std::int64_t per_group = shape_.heads / shape_.kv_heads;
    for (std::int64_t head = group * per_group; head < (group + 1) * per_group; ++head)
        for (std::int64_t first = 0; first < shape_.length; first += block_rows)
            block_backward(qkv, head, rows_at(first), log_sums + (sequence * shape_.heads + head) * shape_.length,
                           d_out, d_qkv);
    for (std::int64_t i = 0; i < shape_.length; ++i) {
        float* row = d_qkv + (base_ + i) * shape_.columns() + (shape_.heads + group) * shape_.head_dim;
        turn(d_keys_.data() + i * width_, base_ + i, -1, 1, row);
        std::copy_n(d_values_.data() + i * width_, shape_.head_dim, row + shape_.kv_heads * shape_.head_dim);
    }
}

}  // namespace

void attention(const Attention& shape, const float* qkv, float* out, float* log_sums) {
    at::parallel_for(0, shape.batch * shape.kv_heads, 1, [&](std::int64_t begin, std::int64_t end) {
        Group group(shape);
        for (std::int64_t task = begin; task < end; ++task)
            group.forward(task / shape.kv_heads, task % shape.kv_heads, qkv, out, log_sums);
    });
}

void attention_backward(const Attention& shape, const float* qkv, const float* log_sums, const float* d_out,
                        float* d_qkv) {
    at::parallel_for(0, shape.batch * shape.kv_heads, 1, [&](std::int64_t begin, std::int64_t end) {
        Group group(shape);
        for (std::int64_t task = begin; task < end; ++task)
            group.backward(task / shape.kv_heads, task % shape.kv_heads, qkv, log_sums, d_out, d_qkv);
    });
}

}  // namespace ktrain::trainer
