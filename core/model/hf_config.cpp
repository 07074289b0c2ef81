// Keys, defaults and limits of config.json by family.
#include "core/model/hf_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// What the family's code fixes and a config does not say.
struct Family {
    std::string_view name;
    bool qkv_bias;             // biases on q, k and v whatever the config says
    bool qk_norm;              // norms on queries and keys
    bool says_attention_bias;  // reads attention_bias (q, k, v and o)
    bool says_mlp_bias;        // reads mlp_bias
    std::int64_t head_dim;     // when the config has none; 0: hidden_size / num_attention_heads
    std::int64_t kv_heads;     // when the config has none; 0: as many as query heads
};

// Source: configuration_<family>.py of transformers.
constexpr std::array<Family, 4> families{{
    {"llama", false, false, true, true, 0, 0},
    {"mistral", false, false, false, false, 0, 8},
    {"qwen2", true, false, false, false, 0, 32},
    {"qwen3", false, true, true, false, 128, 32},
}};
static_assert(std::ranges::is_sorted(families, {}, &Family::name));

// Far above every published model, low enough for exact arithmetic.
constexpr std::int64_t max_layers = 4096;
constexpr std::int64_t max_heads = 1 << 16;
constexpr std::int64_t max_width = 1 << 24;
constexpr std::int64_t max_vocab = 1 << 28;

class Config {
public:
    Config(std::string_view text, std::string file) : file_(std::move(file)), json_(parse_json(text, file_)) {
        if (!json_.is_object()) fail("", "a model's config must be a JSON object");
    }

    [[noreturn]] void fail(const std::string& key, const std::string& message, const std::string& hint = "") const {
        throw Error(ErrorKind::input, message, {file_, 0, 0, key}, hint);
    }

    // Absent and null are the same to transformers.
    bool has(const std::string& key) const { return json_.contains(key) && !json_[key].is_null(); }

    std::int64_t size(const std::string& key, std::int64_t most) const {
        if (!has(key)) fail(key, key + " is missing");
        const Json& value = json_[key];
        const bool fits = value.is_number_integer() &&
                          (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::uint64_t(most));
        if (!fits || value.get<std::int64_t>() < 1 || value.get<std::int64_t>() > most)
            fail(key, fmt::format("{} must be a whole number from 1 to {}, got {}", key, most, shown(value)));
        return value.get<std::int64_t>();
    }

    std::int64_t size_or(const std::string& key, std::int64_t most, std::int64_t fallback) const {
        return has(key) ? size(key, most) : fallback;
    }

    bool flag(const std::string& key) const {
        if (!has(key)) return false;
        if (!json_[key].is_boolean())
            fail(key, fmt::format("{} must be true or false, got {}", key, shown(json_[key])));
        return json_[key].get<bool>();
    }

    std::string text(const std::string& key) const { return string_or(json_, key); }

private:
    static std::string shown(const Json& value) {
        const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
        return text.size() > 40 ? text.substr(0, 40) + "..." : text;
    }

    std::string file_;
    Json json_;
};

const Family& family_of(const Config& config) {
    const std::string type = config.text("model_type");
    const auto found = std::ranges::find(families, type, &Family::name);
    if (found != families.end()) return *found;
    std::vector<std::string> names;
    for (const Family& family : families) names.emplace_back(family.name);
    const std::string hint =
        fmt::format("families that are read: {}; other models by their catalog name", join(names, ", "));
    if (type.empty())
        config.fail("model_type", "model_type is missing: this is no config.json of a Hugging Face model", hint);
    config.fail("model_type", fmt::format("the family \"{}\" is not known", printable(type)), hint);
}

std::int64_t head_dim_of(const Config& config, const Family& family, const ModelShape& shape) {
    const std::int64_t given = config.size_or("head_dim", max_heads, family.head_dim);
    if (given > 0) return given;
    if (shape.hidden % shape.heads != 0)
        config.fail("head_dim",
                    fmt::format("hidden_size {} does not divide by num_attention_heads {}, and there is no head_dim",
                                shape.hidden, shape.heads));
    return shape.hidden / shape.heads;
}

}  // namespace

ModelShape read_hf_config(std::string_view text, const std::string& file, const std::string& name) {
    const Config config(text, file);
    const Family& family = family_of(config);
    ModelShape shape;
    shape.name = name;
    shape.family = family.name;
    shape.source = "config.json";
    shape.hidden = config.size("hidden_size", max_width);
    shape.layers = config.size("num_hidden_layers", max_layers);
    shape.heads = config.size("num_attention_heads", max_heads);
    shape.kv_heads =
        config.size_or("num_key_value_heads", max_heads, family.kv_heads > 0 ? family.kv_heads : shape.heads);
    shape.ffn = config.size("intermediate_size", max_width);
    shape.vocab = config.size("vocab_size", max_vocab);
    if (shape.heads % shape.kv_heads != 0)
        config.fail("num_key_value_heads",
                    fmt::format("num_attention_heads {} does not divide by num_key_value_heads {}", shape.heads,
                                shape.kv_heads));
    shape.head_dim = head_dim_of(config, family, shape);
    shape.tied = config.flag("tie_word_embeddings");
    const bool attention_bias = family.says_attention_bias && config.flag("attention_bias");
    shape.qkv_bias = family.qkv_bias || attention_bias;
    shape.out_bias = attention_bias;
    shape.mlp_bias = family.says_mlp_bias && config.flag("mlp_bias");
    shape.qk_norm = family.qk_norm;
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
