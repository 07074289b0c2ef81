// From config.json to the sizes of a model.
#include "core/model/hf_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/config_limits.h"
#include "core/model/config_reader.h"
#include "core/model/family.h"
#include "core/model/parameters.h"
#include "core/model/windows.h"

namespace ktrain {
namespace {

// A family, and where its config says what its model is.
struct Reading {
    const Family& family;
    const ShapeFamily* counted;  // nullptr: the family is trained, too
    ConfigReader config;
};

Reading reading_of(const ConfigReader& config) {
    const std::string type = config.text("model_type");
    if (const Family* family = find_family(type)) return {*family, nullptr, config};
    if (const ShapeFamily* row = find_shape_family(type))
        return {row->family, row, row->group.empty() ? config : config.group(row->group)};
    const std::string hint =
        fmt::format("families that are read: {}; other models by their catalog name", any_family_list());
    if (type.empty())
        config.fail("model_type", "model_type is missing: this is no config.json of a Hugging Face model", hint);
    config.fail("model_type", fmt::format("the family \"{}\" is not known", printable(type)), hint);
}

// Of keys "a|b" the one that is there; else the first.
std::string_view key_of(const ConfigReader& config, std::string_view keys) {
    for (std::string_view rest = keys; !rest.empty();) {
        const std::string_view key = rest.substr(0, rest.find('|'));
        if (config.has(key)) return key;
        rest.remove_prefix(std::min(rest.size(), key.size() + 1));
    }
    return keys.substr(0, keys.find('|'));
}

// A size that the config must have where `fallback` is 0.
std::int64_t size_of(const ConfigReader& config, std::string_view keys, std::int64_t most, std::int64_t fallback) {
    const std::string_view key = key_of(config, keys);
    return fallback > 0 ? config.size_or(key, most, fallback) : config.size(key, most);
}

std::int64_t head_dim_of(const ConfigReader& config, const Family& family, const ModelShape& shape) {
    const std::int64_t given = config.size_or(family.keys.head_dim, config_limits::heads, family.head_dim);
    if (given > 0) return given;
    if (shape.hidden % shape.heads != 0)
        config.fail("head_dim", fmt::format("{} {} does not divide by {} {}, and there is no head_dim",
                                            key_of(config, family.keys.hidden), shape.hidden,
                                            key_of(config, family.keys.heads), shape.heads));
    return shape.hidden / shape.heads;
}

void read_sizes(const ConfigReader& config, const Family& family, ModelShape& shape) {
    const ConfigKeys& keys = family.keys;
    shape.hidden = size_of(config, keys.hidden, config_limits::width, 0);
    shape.layers = size_of(config, keys.layers, config_limits::layers, 0);
    shape.heads = size_of(config, keys.heads, config_limits::heads, family.heads);
    const std::string_view kv_heads = key_of(config, keys.kv_heads);
    shape.kv_heads =
        config.size_or(kv_heads, config_limits::heads, family.kv_heads > 0 ? family.kv_heads : shape.heads);
    shape.ffn = size_of(config, keys.inner, config_limits::width, family.inner_by_four ? 4 * shape.hidden : 0);
    shape.vocab = size_of(config, "vocab_size", config_limits::vocab, family.vocab);
    if (shape.heads % shape.kv_heads != 0)
        config.fail(std::string(kv_heads), fmt::format("{} {} does not divide by {} {}", key_of(config, keys.heads),
                                                       shape.heads, kv_heads, shape.kv_heads));
    shape.head_dim = head_dim_of(config, family, shape);
    shape.max_positions = config.size_or(keys.positions, config_limits::width, family.positions);
    if (family.learned_positions) shape.learned_positions = shape.max_positions;
    for (const std::int64_t window : read_windows(config, family.name, shape.layers)) {
        shape.sliding_window = std::max(shape.sliding_window, window);
        shape.sliding_layers += window > 0 ? 1 : 0;
    }
}

void read_switches(const ConfigReader& config, const Family& family, ModelShape& shape) {
    shape.tied = config.flag_or("tie_word_embeddings", family.tied);
    shape.gated = family.gated;
    shape.layer_norm = family.layer_norm;
    shape.norms_per_layer = family.sandwich ? 4 : family.one_norm ? 1 : 2;
    shape.embedding_norm = family.embedding_norm;
    shape.parallel_block = family.one_norm;
    const bool attention_bias =
        family.all_bias || (family.says_attention_bias && config.flag_or("attention_bias", false));
    shape.qkv_bias = family.qkv_bias || attention_bias;
    shape.out_bias = attention_bias;
    shape.mlp_bias = family.all_bias || family.mlp_bias || (family.says_mlp_bias && config.flag_or("mlp_bias", false));
    shape.head_bias = family.head_bias;
    shape.qk_norm = family.qk_norm;
    shape.fused_qkv = family.names->layer.k.empty();
    shape.fused_gate_up = family.gated && family.names->layer.gate.empty();
}

}  // namespace

ModelShape read_hf_config(std::string_view text, const std::string& file, const std::string& name) {
    const ConfigReader whole(text, file);
    const Reading reading = reading_of(whole);
    ModelShape shape;
    shape.name = name;
    shape.family = reading.family.name;
    shape.source = "config.json";
    read_sizes(reading.config, reading.family, shape);
    read_switches(reading.config, reading.family, shape);
    const std::string dtype = whole.text("dtype");  // transformers 5; 4 calls it torch_dtype
    shape.dtype = dtype.empty() ? whole.text("torch_dtype") : dtype;
    try {
        if (reading.counted != nullptr && reading.counted->read_more != nullptr)
            reading.counted->read_more(reading.config, shape);
        shape.parameters = count_parameters(shape);
    } catch (const Error& error) {
        if (!error.where.file.empty()) throw;
        whole.fail("", error.message);
    }
    return shape;
}

}  // namespace ktrain
