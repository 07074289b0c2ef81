// How many parameters a model has, which of them a token meets, and what its keys and values take.
// Source: docs/estimate.md, "Parameters"; every row of templates/models.csv is a test of it.
#pragma once

#include <cstdint>

#include "core/model/shape.h"

namespace ktrain {

// Where the parameters are, of all layers together. The parts add up to count_parameters().
struct ParameterParts {
    std::int64_t embedding = 0;  // of tokens and of learned positions
    std::int64_t head = 0;       // weights; 0 where they are those of the embedding
    std::int64_t linear = 0;     // weights of linear_modules(): attention, dense MLPs, shared experts
    std::int64_t experts = 0;    // routed experts with their biases
    std::int64_t router = 0;     // weights
    std::int64_t rest = 0;       // norms, biases, attention sinks, values of relative positions

    std::int64_t total() const;
};

// All zero for a shape without sizes (a bare count). Errors, here and below: Error{input} when the numbers do not fit
// 63 bits.
ParameterParts parameter_parts(const ModelShape& shape);

std::int64_t count_parameters(const ModelShape& shape);

// One routed expert of one layer, with its biases; 0 for a dense model.
std::int64_t expert_parameters(const ModelShape& shape);

// Those that one token meets: of the routed experts, experts_per_token. All, of a dense model and of a bare count. For
// gpt-oss without the input embedding, as its vendor counts.
std::int64_t active_parameters(const ModelShape& shape);

// Those that one token is multiplied with, twice as many floating-point operations: active parameters without the
// embedding, of which only a row is looked up, unless it is the head as well.
std::int64_t multiplied_parameters(const ModelShape& shape);

// Bytes of keys and values of one token, when each of their elements takes `bytes` and all layers keep all tokens. Of
// an encoder-decoder: of one of the decoder's tokens; what it keeps of a token of the encoder is as much again.
std::int64_t kv_bytes_per_token(const ModelShape& shape, std::int64_t bytes);

// The same for a sequence of `length` tokens, where layers with a sliding window keep no more tokens than that.
std::int64_t kv_bytes(const ModelShape& shape, std::int64_t length, std::int64_t bytes);

}  // namespace ktrain
