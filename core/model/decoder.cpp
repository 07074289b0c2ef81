// What config.json says of a decoder's computation, with each family's defaults.
#include "core/model/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.h"
#include "core/model/config_limits.h"
#include "core/model/config_reader.h"
#include "core/model/family.h"
#include "core/model/hf_config.h"
#include "core/model/windows.h"

namespace ktrain {
namespace {

struct Activation {
    std::string_view name;
    ActivationType type;
};
constexpr std::array activations{
    Activation{"gelu_new", ActivationType::gelu_tanh},
    Activation{"gelu_pytorch_tanh", ActivationType::gelu_tanh},
    Activation{"silu", ActivationType::silu},
    Activation{"swish", ActivationType::silu},
};

struct RopeName {
    std::string_view name;
    RopeType type;
};
constexpr std::array rope_names{
    RopeName{"default", RopeType::plain}, RopeName{"linear", RopeType::linear},
    RopeName{"llama3", RopeType::llama3}, RopeName{"longrope", RopeType::longrope},
    RopeName{"su", RopeType::longrope},   RopeName{"yarn", RopeType::yarn},
};

// The name of a table's row that the config has under `key`, or its fallback.
template <typename Table>
auto chosen(const ConfigReader& config, std::string_view key, const Table& table, std::string_view fallback) {
    const std::string name = config.text(key).empty() ? std::string(fallback) : config.text(key);
    const auto row = std::ranges::find(table, name, [](const auto& entry) { return entry.name; });
    if (row != table.end()) return row->type;
    std::vector<std::string> names;
    for (const auto& entry : table) names.emplace_back(entry.name);
    config.fail(std::string(key), fmt::format("{} \"{}\" is not known", key, printable(name)),
                "known: " + join(names, ", "));
}

// transformers 5 keeps all in rope_parameters, 4 in rope_theta and rope_scaling, whose type was once called "type".
RopeConfig read_rope(const ConfigReader& config, std::int64_t positions) {
    const bool five = config.has("rope_parameters");
    const ConfigReader group = config.group(five ? "rope_parameters" : "rope_scaling");
    RopeConfig rope;
    rope.theta = (five ? group : config).number_or("rope_theta", rope.theta);
    rope.theta = rope.theta > 0 ? rope.theta : 10000;
    rope.partial_rotary_factor = group.number_or("partial_rotary_factor", config.number_or("partial_rotary_factor", 1));
    rope.type = chosen(group, group.has("rope_type") ? "rope_type" : "type", rope_names, "default");
    rope.low_freq_factor = group.number_or("low_freq_factor", rope.low_freq_factor);
    rope.high_freq_factor = group.number_or("high_freq_factor", rope.high_freq_factor);
    rope.attention_factor = group.number_or("attention_factor", 0);
    rope.beta_fast = group.number_or("beta_fast", rope.beta_fast);
    rope.beta_slow = group.number_or("beta_slow", rope.beta_slow);
    rope.mscale = group.number_or("mscale", 0);
    rope.mscale_all_dim = group.number_or("mscale_all_dim", 0);
    rope.truncate = group.flag_or("truncate", true);
    rope.original_positions =
        group.size_or("original_max_position_embeddings", config_limits::width,
                      config.size_or("original_max_position_embeddings", config_limits::width, positions));
    rope.short_factor = group.numbers("short_factor");
    rope.long_factor = group.numbers("long_factor");
    const bool by_lengths = rope.type == RopeType::longrope || rope.type == RopeType::yarn;
    rope.factor = group.number_or(
        "factor", by_lengths ? static_cast<double>(positions) / static_cast<double>(rope.original_positions) : 1);
    if (rope.factor <= 0) group.fail("factor", "factor must be greater than 0");
    if (rope.partial_rotary_factor > 1)
        group.fail("partial_rotary_factor", "partial_rotary_factor must be from 0 to 1: it is a share of a head");
    return rope;
}

void read_gemma(const ConfigReader& config, DecoderConfig& decoder) {
    const auto cap = [&](std::string_view key, double fallback) {
        return config.says(key) ? config.number_or(key, 0) : fallback;
    };
    decoder.norm_offset = 1;
    const double scalar = config.number_or("query_pre_attn_scalar", 256);
    if (scalar <= 0) config.fail("query_pre_attn_scalar", "query_pre_attn_scalar must be greater than 0");
    decoder.attention_scale = 1 / std::sqrt(scalar);
    decoder.attention_soft_cap = cap("attn_logit_softcapping", 50);
    decoder.logit_soft_cap = cap("final_logit_softcapping", 30);
    // As modeling_gemma2.py: the root is taken in the type of the embeddings.
    decoder.embedding_scale = static_cast<float>(std::sqrt(static_cast<double>(decoder.shape.hidden)));
}

}  // namespace

DecoderConfig read_decoder_config(std::string_view text, const std::string& file, const std::string& name) {
    const ConfigReader config(text, file);
    if (const std::string type = config.text("model_type"); find_shape_family(type) != nullptr)
        config.fail("model_type", fmt::format("models of the family \"{}\" are not trained here", type),
                    "families that are: " + family_list());
    DecoderConfig decoder;
    decoder.shape = read_hf_config(text, file, name);
    const Family& family = *find_family(decoder.shape.family);
    decoder.positions = decoder.shape.max_positions;
    decoder.norm_epsilon = config.number_or(family.keys.epsilon, family.norm_epsilon);
    const std::string_view usual = family.name == "gpt2" ? "gelu_new" : family.sandwich ? "gelu_pytorch_tanh" : "silu";
    decoder.activation = chosen(config, family.keys.activation, activations, usual);
    if (!family.learned_positions) decoder.rope = read_rope(config, decoder.positions);
    decoder.attention_scale = 1 / std::sqrt(static_cast<double>(decoder.shape.head_dim));
    if (family.name == "gemma2") read_gemma(config, decoder);
    if (family.name == "gpt2" &&
        (config.flag_or("scale_attn_by_inverse_layer_idx", false) || !config.flag_or("scale_attn_weights", true)))
        config.fail("scale_attn_weights", "GPT-2 with another scale of the attention is not known here");
    decoder.windows = read_windows(config, decoder.shape.family, decoder.shape.layers);
    decoder.initializer_range = config.number_or("initializer_range", decoder.initializer_range);
    for (const std::string_view key : {"attention_dropout", "attn_pdrop", "embd_pdrop", "resid_pdrop"})
        decoder.dropout = std::max(decoder.dropout, config.number_or(key, 0));
    return decoder;
}

}  // namespace ktrain
