// From config.json to the sizes of a model.
#include "core/model/hf_config.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/config_limits.h"
#include "core/model/config_reader.h"
#include "core/model/family.h"

namespace ktrain {
namespace {

const Family& family_of(const ConfigReader& config) {
    const std::string type = config.text("model_type");
    if (const Family* family = find_family(type)) return *family;
    const std::string hint =
        fmt::format("families that are read: {}; other models by their catalog name", family_list());
    if (type.empty())
        config.fail("model_type", "model_type is missing: this is no config.json of a Hugging Face model", hint);
    config.fail("model_type", fmt::format("the family \"{}\" is not known", printable(type)), hint);
}

std::int64_t head_dim_of(const ConfigReader& config, const Family& family, const ModelShape& shape) {
    const std::int64_t given = config.size_or("head_dim", config_limits::heads, family.head_dim);
    if (given > 0) return given;
    if (shape.hidden % shape.heads != 0)
        config.fail("head_dim", fmt::format("{} {} does not divide by {} {}, and there is no head_dim",
                                            family.keys.hidden, shape.hidden, family.keys.heads, shape.heads));
    return shape.hidden / shape.heads;
}

void read_sizes(const ConfigReader& config, const Family& family, ModelShape& shape) {
    shape.hidden = config.size(family.keys.hidden, config_limits::width);
    shape.layers = config.size(family.keys.layers, config_limits::layers);
    shape.heads = config.size(family.keys.heads, config_limits::heads);
    shape.kv_heads = config.size_or("num_key_value_heads", config_limits::heads,
                                    family.kv_heads > 0 ? family.kv_heads : shape.heads);
    // GPT-2 leaves it out for the usual four times.
    shape.ffn = family.learned_positions ? config.size_or(family.keys.inner, config_limits::width, 4 * shape.hidden)
                                         : config.size(family.keys.inner, config_limits::width);
    shape.vocab = config.size("vocab_size", config_limits::vocab);
    if (shape.heads % shape.kv_heads != 0)
        config.fail("num_key_value_heads", fmt::format("{} {} does not divide by num_key_value_heads {}",
                                                       family.keys.heads, shape.heads, shape.kv_heads));
    shape.head_dim = head_dim_of(config, family, shape);
    if (family.learned_positions)
        shape.learned_positions = config.size_or(family.keys.positions, config_limits::width, family.positions);
}

void read_switches(const ConfigReader& config, const Family& family, ModelShape& shape) {
    shape.tied = config.flag_or("tie_word_embeddings", family.tied);
    shape.gated = family.gated;
    shape.layer_norm = family.layer_norm;
    shape.norms_per_layer = family.sandwich ? 4 : 2;
    const bool attention_bias =
        family.all_bias || (family.says_attention_bias && config.flag_or("attention_bias", false));
    shape.qkv_bias = family.qkv_bias || attention_bias;
    shape.out_bias = attention_bias;
    shape.mlp_bias = family.all_bias || (family.says_mlp_bias && config.flag_or("mlp_bias", false));
    shape.qk_norm = family.qk_norm;
    shape.fused_qkv = family.fused;
    shape.fused_gate_up = family.fused && family.gated;
}

}  // namespace

ModelShape read_hf_config(std::string_view text, const std::string& file, const std::string& name) {
    const ConfigReader config(text, file);
    const Family& family = family_of(config);
    ModelShape shape;
    shape.name = name;
    shape.family = family.name;
    shape.source = "config.json";
    read_sizes(config, family, shape);
    read_switches(config, family, shape);
    const std::string dtype = config.text("dtype");  // transformers 5; 4 calls it torch_dtype
    shape.dtype = dtype.empty() ? config.text("torch_dtype") : dtype;
    try {
        shape.parameters = count_parameters(shape);
    } catch (const Error& error) {
        config.fail("", error.message);
    }
    return shape;
}

}  // namespace ktrain
