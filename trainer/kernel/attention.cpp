// Causal self-attention with rotary positions over packed sequences, forward and backward, on plain memory.
#include "trainer/kernel/attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "trainer/kernel/element.h"
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

// Tokens that see each other.
struct Sequence {
    std::int64_t row = 0, begin = 0, length = 0;  // row of the batch; first token in it
};

std::vector<Sequence> sequences_of(const Attention& shape) {
    std::vector<Sequence> all;
    for (std::int64_t row = 0; row < shape.batch; ++row)
        for (std::int64_t i = 0; i < shape.length; ++i) {
            const bool first = i == 0 || (shape.starts != nullptr && shape.starts[row * shape.length + i] == i);
            if (first) all.push_back({row, i, 0});
            ++all.back().length;
        }
    // The longest first: threads that take one after the other then end together.
    std::ranges::stable_sort(all, std::greater(), &Sequence::length);
    return all;
}

// One sequence as one head of keys and values sees it, with the room for its work.
template <class T>
class Group {
public:
    // `longest`: tokens of the longest sequence.
    Group(const Attention& shape, std::int64_t longest)
        : shape_(shape), per_group_(shape.heads / shape.kv_heads), width_(padded(shape.head_dim)) {
        const std::int64_t rows = padded(longest), columns = stride_of(rows);
        const auto room = [](std::int64_t n, std::int64_t m) {
            return std::vector<float>(static_cast<std::size_t>(n * m));
        };
        keys_ = room(rows, width_);
        values_ = room(rows, width_);
        keys_across_ = room(width_, columns);
        queries_ = room(block_rows, width_);
        scores_ = room(block_rows, columns);
        product_ = room(block_rows, width_);
        head_ = room(1, width_);
    }

    void forward(const Sequence& sequence, std::int64_t group, const T* qkv, T* out, float* log_sums);
    void backward(const Sequence& sequence, std::int64_t group, const T* qkv, const float* log_sums, const T* d_out,
                  T* d_qkv);

private:
    struct Rows {
        std::int64_t first = 0, count = 0;  // queries
        std::int64_t begin = 0, end = 0;    // keys that any of them sees; multiples of a vector
    };

    // Rows of powers of two would all begin in the same lines of the cache.
    static std::int64_t stride_of(std::int64_t n) { return n / lanes % 2 == 0 ? n + lanes : n; }

    std::int64_t first_key(std::int64_t i) const {
        return shape_.window > 0 ? std::max<std::int64_t>(0, i - shape_.window + 1) : 0;
    }
    std::int64_t log_sums_at(std::int64_t head) const {
        return (sequence_.row * shape_.heads + head) * shape_.length + sequence_.begin;
    }
    Rows rows_at(std::int64_t first) const;
    void begin(const Sequence& sequence, const T* qkv, std::int64_t group);
    void turn(const float* x, std::int64_t row, float direction, float factor, float* y) const;
    void load_queries(const T* qkv, std::int64_t head, const Rows& rows);
    void score(const Rows& rows);
    void across(const std::vector<float>& from, std::vector<float>& to) const;
    void softmax(const Rows& rows, float* log_sums);
    void probabilities(const Rows& rows, const float* log_sums);
    void block_backward(const T* qkv, std::int64_t head, const Rows& rows, const float* log_sums, const T* d_out,
                        T* d_qkv);

    const Attention& shape_;
    std::int64_t per_group_, width_;
    std::int64_t length_ = 0, stride_ = 0;  // of the padded copies
    Sequence sequence_;
    std::int64_t base_ = 0;  // the sequence's first row in the matrices
    std::vector<float> keys_, values_, keys_across_, queries_, scores_, product_, head_;
    std::vector<float> values_across_, d_keys_, d_values_, d_scores_, squashed_, d_rows_;  // backward only
};

template <class T>
typename Group<T>::Rows Group<T>::rows_at(std::int64_t first) const {
    Rows rows{first, std::min(block_rows, sequence_.length - first), 0, 0};
    rows.begin = first_key(first) / lanes * lanes;
    rows.end = padded(first + rows.count);
    return rows;
}

template <class T>
void Group<T>::turn(const float* x, std::int64_t row, float direction, float factor, float* y) const {
    const std::int64_t half = shape_.rotary / 2;
    if (half > 0) {
        const std::int64_t at = shape_.positions[row] * half;
        rotate(x, shape_.cosines + at, shape_.sines + at, half, direction, factor, y);
    }
    for (std::int64_t d = shape_.rotary; d < shape_.head_dim; ++d) y[d] = x[d] * factor;
}

template <class T>
void Group<T>::across(const std::vector<float>& from, std::vector<float>& to) const {
    for (std::int64_t i = 0; i < length_; i += lanes)
        for (std::int64_t j = 0; j < width_; ++j)
            for (std::int64_t l = 0; l < lanes; ++l)
                to[static_cast<std::size_t>(j * stride_ + i + l)] =
                    from[static_cast<std::size_t>((i + l) * width_ + j)];
}

// Takes a sequence's keys and values.
template <class T>
void Group<T>::begin(const Sequence& sequence, const T* qkv, std::int64_t group) {
    sequence_ = sequence;
    base_ = sequence.row * shape_.length + sequence.begin;
    length_ = padded(sequence.length);
    stride_ = stride_of(length_);
    for (std::int64_t i = 0; i < sequence.length; ++i) {
        const T* key = qkv + (base_ + i) * shape_.columns() + (shape_.heads + group) * shape_.head_dim;
        turn(floats_of(key, shape_.head_dim, head_.data()), base_ + i, 1, 1, keys_.data() + i * width_);
        const float* value = floats_of(key + shape_.kv_heads * shape_.head_dim, shape_.head_dim, head_.data());
        std::copy_n(value, shape_.head_dim, values_.data() + i * width_);
    }
    // What an earlier, longer sequence left behind the end would be multiplied by zero, and may be infinite.
    std::fill(keys_.data() + sequence.length * width_, keys_.data() + length_ * width_, 0.0f);
    std::fill(values_.data() + sequence.length * width_, values_.data() + length_ * width_, 0.0f);
    across(keys_, keys_across_);
}

template <class T>
void Group<T>::load_queries(const T* qkv, std::int64_t head, const Rows& rows) {
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t row = base_ + rows.first + i;
        const T* query = qkv + row * shape_.columns() + head * shape_.head_dim;
        turn(floats_of(query, shape_.head_dim, head_.data()), row, 1, shape_.scale, queries_.data() + i * width_);
    }
}

// The scores of a block of queries, before softmax.
template <class T>
void Group<T>::score(const Rows& rows) {
    multiply({rows.count, rows.end - rows.begin, shape_.head_dim, queries_.data(), width_, 1,
              keys_across_.data() + rows.begin, stride_, scores_.data() + rows.begin, stride_, false});
    if (shape_.soft_cap > 0)
        for (std::int64_t i = 0; i < rows.count; ++i)
            row_squash(scores_.data() + i * stride_ + rows.begin, rows.end - rows.begin, shape_.soft_cap);
}

template <class T>
void Group<T>::softmax(const Rows& rows, float* log_sums) {
    for (std::int64_t i = 0; i < rows.count; ++i) {
        float* row = scores_.data() + i * stride_;
        const std::int64_t low = first_key(rows.first + i), seen = rows.first + i + 1 - low;
        const float most = row_largest(row + low, seen);
        const float sum = row_exponentials(row + low, seen, most);
        row_scale(row + low, seen, 1.0f / sum);
        std::fill(row + rows.begin, row + low, 0.0f);
        std::fill(row + low + seen, row + rows.end, 0.0f);
        log_sums[rows.first + i] = most + std::log(sum);
    }
}

template <class T>
void Group<T>::forward(const Sequence& sequence, std::int64_t group, const T* qkv, T* out, float* log_sums) {
    begin(sequence, qkv, group);
    for (std::int64_t head = group * per_group_; head < (group + 1) * per_group_; ++head) {
        for (std::int64_t first = 0; first < sequence.length; first += block_rows) {
            const Rows rows = rows_at(first);
            load_queries(qkv, head, rows);
            score(rows);
            softmax(rows, log_sums + log_sums_at(head));
            multiply({rows.count, width_, rows.end - rows.begin, scores_.data() + rows.begin, stride_, 1,
                      values_.data() + rows.begin * width_, width_, product_.data(), width_, false});
            for (std::int64_t i = 0; i < rows.count; ++i)
                put_floats(product_.data() + i * width_, shape_.head_dim,
                           out + ((base_ + first + i) * shape_.heads + head) * shape_.head_dim);
        }
    }
}

// The softmax again, from its denominators.
template <class T>
void Group<T>::probabilities(const Rows& rows, const float* log_sums) {
    for (std::int64_t i = 0; i < rows.count; ++i) {
        float* row = scores_.data() + i * stride_;
        const std::int64_t low = first_key(rows.first + i), seen = rows.first + i + 1 - low;
        row_exponentials(row + low, seen, log_sums[rows.first + i]);
        std::fill(row + rows.begin, row + low, 0.0f);
        std::fill(row + low + seen, row + rows.end, 0.0f);
    }
}

template <class T>
void Group<T>::block_backward(const T* qkv, std::int64_t head, const Rows& rows, const float* log_sums, const T* d_out,
                              T* d_qkv) {
    const std::int64_t span = rows.end - rows.begin;
    load_queries(qkv, head, rows);
    score(rows);
    if (shape_.soft_cap > 0) squashed_ = scores_;
    probabilities(rows, log_sums);
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const T* row = d_out + ((base_ + rows.first + i) * shape_.heads + head) * shape_.head_dim;
        std::copy_n(floats_of(row, shape_.head_dim, head_.data()), shape_.head_dim, d_rows_.data() + i * width_);
    }
    multiply({rows.count, span, shape_.head_dim, d_rows_.data(), width_, 1, values_across_.data() + rows.begin, stride_,
              d_scores_.data() + rows.begin, stride_, false});
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t at = i * stride_ + rows.begin;
        row_score_gradient(scores_.data() + at, d_scores_.data() + at, span);
        if (shape_.soft_cap > 0)
            row_squash_backward(d_scores_.data() + at, squashed_.data() + at, span, shape_.soft_cap);
    }
    multiply({span, width_, rows.count, scores_.data() + rows.begin, 1, stride_, d_rows_.data(), width_,
              d_values_.data() + rows.begin * width_, width_, true});
    multiply({span, width_, rows.count, d_scores_.data() + rows.begin, 1, stride_, queries_.data(), width_,
              d_keys_.data() + rows.begin * width_, width_, true});
    multiply({rows.count, width_, span, d_scores_.data() + rows.begin, stride_, 1, keys_.data() + rows.begin * width_,
              width_, product_.data(), width_, false});
    for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t row = base_ + rows.first + i;
        T* target = d_qkv + row * shape_.columns() + head * shape_.head_dim;
        float* work = begin_row(target, head_.data());
        turn(product_.data() + i * width_, row, -1, shape_.scale, work);
        finish_row(work, shape_.head_dim, target);
    }
}

template <class T>
void Group<T>::backward(const Sequence& sequence, std::int64_t group, const T* qkv, const float* log_sums,
                        const T* d_out, T* d_qkv) {
    begin(sequence, qkv, group);
    values_across_.resize(keys_across_.size());
    across(values_, values_across_);
    d_keys_.assign(keys_.size(), 0.0f);
    d_values_.assign(values_.size(), 0.0f);
    d_scores_.resize(scores_.size());
    d_rows_.resize(queries_.size());
    for (std::int64_t head = group * per_group_; head < (group + 1) * per_group_; ++head)
        for (std::int64_t first = 0; first < sequence.length; first += block_rows)
            block_backward(qkv, head, rows_at(first), log_sums + log_sums_at(head), d_out, d_qkv);
    for (std::int64_t i = 0; i < sequence.length; ++i) {
        T* target = d_qkv + (base_ + i) * shape_.columns() + (shape_.heads + group) * shape_.head_dim;
        float* work = begin_row(target, head_.data());
        turn(d_keys_.data() + i * width_, base_ + i, -1, 1, work);
        finish_row(work, shape_.head_dim, target);
        put_floats(d_values_.data() + i * width_, shape_.head_dim, target + shape_.kv_heads * shape_.head_dim);
    }
}

// Calls work(group, sequence, head of keys) for all of them, each thread taking one after the other.
template <class T, class Work>
void for_each_group(const Attention& shape, const Work& work) {
    const std::vector<Sequence> sequences = sequences_of(shape);
    const auto tasks = static_cast<std::int64_t>(sequences.size()) * shape.kv_heads;
    std::atomic<std::int64_t> next = 0;
    at::parallel_for(0, std::min<std::int64_t>(tasks, at::get_num_threads()), 1, [&](std::int64_t, std::int64_t) {
        std::optional<Group<T>> group;
        for (std::int64_t task = next++; task < tasks; task = next++) {
            if (!group) group.emplace(shape, sequences.front().length);
            work(*group, sequences[static_cast<std::size_t>(task / shape.kv_heads)], task % shape.kv_heads);
        }
    });
}

}  // namespace

template <class T>
void attention(const Attention& shape, const T* qkv, T* out, float* log_sums) {
    for_each_group<T>(shape, [&](Group<T>& group, const Sequence& sequence, std::int64_t head) {
        group.forward(sequence, head, qkv, out, log_sums);
    });
}

template <class T>
void attention_backward(const Attention& shape, const T* qkv, const float* log_sums, const T* d_out, T* d_qkv) {
    for_each_group<T>(shape, [&](Group<T>& group, const Sequence& sequence, std::int64_t head) {
        group.backward(sequence, head, qkv, log_sums, d_out, d_qkv);
    });
}

template void attention(const Attention&, const float*, float*, float*);
template void attention(const Attention&, const BFloat16*, BFloat16*, float*);
template void attention_backward(const Attention&, const float*, const float*, const float*, float*);
template void attention_backward(const Attention&, const BFloat16*, const float*, const BFloat16*, BFloat16*);

}  // namespace ktrain::trainer
