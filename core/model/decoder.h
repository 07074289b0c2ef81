// What a decoder computes beside the sizes of its tensors: positions, norms, scales, caps and windows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/shape.h"

namespace ktrain {

enum class RopeType { plain, linear, llama3, longrope, yarn };

// Rotary positions. Source: modeling_rope_utils.py of transformers, whose names the members have.
struct RopeConfig {
    RopeType type = RopeType::plain;
    double theta = 10000;
    double partial_rotary_factor = 1;  // share of a head that is rotated
    double factor = 1;
    double low_freq_factor = 1, high_freq_factor = 4;
    double attention_factor = 0;  // 0: by the type's formula
    double beta_fast = 32, beta_slow = 1;
    double mscale = 0, mscale_all_dim = 0;
    bool truncate = true;
    std::int64_t original_positions = 0;
    std::vector<double> short_factor, long_factor;
};

enum class ActivationType { gelu_tanh, silu };

struct DecoderConfig {
    ModelShape shape;
    std::int64_t positions = 0;  // longest sequence: max_position_embeddings
    double norm_epsilon = 1e-6;
    double norm_offset = 0;  // added to norm weights: 1 for Gemma
    ActivationType activation = ActivationType::silu;
    RopeConfig rope;  // not for learned positions
    double attention_scale = 1;
    double attention_soft_cap = 0, logit_soft_cap = 0;  // 0: none
    double embedding_scale = 1;
    std::vector<std::int64_t> windows;  // by layer: keys that a query sees, itself included; 0: all before it
    double initializer_range = 0.02;
    double dropout = 0;  // the largest rate that the config names
};

// From config.json as transformers 4 and 5 write it. Errors: as read_hf_config, and Error{input} for a family that is
// only counted, and an activation, a RoPE type or an option that is not known.
DecoderConfig read_decoder_config(std::string_view text, const std::string& file, const std::string& name);

}  // namespace ktrain
