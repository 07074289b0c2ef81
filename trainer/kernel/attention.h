// Causal self-attention with rotary positions over packed sequences, forward and backward, on plain memory.
// Source: Vaswani et al. 2017; Su et al. 2021 (RoPE, the half-rotating form of transformers); Dao et al. 2022 for the
// recomputation of the scores in the backward pass.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

struct Attention {
    std::int64_t batch = 0, length = 0;  // rows of the matrices: batch * length
    std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
    float scale = 1;                 // of the scores, 1 / sqrt(head_dim) for most models
    float soft_cap = 0;              // > 0: scores are squashed to soft_cap * tanh(score / soft_cap)
    std::int64_t window = 0;         // > 0: a query sees itself and the window - 1 keys before it
    std::int64_t rotary = 0;         // first dimensions of a head that are rotated; 0: none
    const float* cosines = nullptr;  // [positions, rotary / 2]
    const float* sines = nullptr;
    const std::int64_t* positions = nullptr;  // [batch * length]: row of the tables
    // [batch * length]: index in its row of the first token of its sequence, before which it sees nothing
    const std::int64_t* starts = nullptr;

    std::int64_t columns() const { return (heads + 2 * kv_heads) * head_dim; }
};

// T, here and below: float or BFloat16; everything between is float.

// qkv [batch * length, columns()]: all queries of a row, then its keys, then its values, heads in order. Out
// [batch * length, heads * head_dim], and the logarithm of each softmax's denominator [batch, heads, length] for the
// backward pass.
template <class T>
void attention(const Attention& shape, const T* qkv, T* out, float* log_sums);

// d_qkv like qkv, from d_out like out.
template <class T>
void attention_backward(const Attention& shape, const T* qkv, const float* log_sums, const T* d_out, T* d_qkv);

}  // namespace ktrain::trainer
