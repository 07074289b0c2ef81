// The table of methods with their counts and contradictions.
#include "core/model/adapters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/model/count.h"
#include "core/model/method_lora.h"
#include "core/model/tensors.h"
#include "core/spec/methods.h"

namespace ktrain {
namespace {

[[noreturn]] void contradiction(const std::string& field, const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::input, message, {"", 0, 0, "method." + field}, hint);
}

std::int64_t norm_size(const ModelShape& shape) {
    return product({shape.layer_norm ? 2 : 1, shape.hidden});
}

std::int64_t stacks(const ModelShape& shape) {
    return shape.encoder_decoder ? 2 : 1;
}

bool freezes(const MethodSpec& method) {
    return method.freeze_layers > 0 || !method.freeze_modules.empty();
}

std::int64_t count_full(const ModelShape& shape, const MethodSpec& method) {
    return freezes(method) ? trainable_parameters(shape, method) : shape.parameters;
}

// An encoder-decoder has them in front of both texts.
std::int64_t count_prompt(const ModelShape& shape, const MethodSpec& method) {
    return product({method.num_virtual_tokens, stacks(shape), shape.hidden});
}

// The tokens, and three linear layers with biases behind them.
std::int64_t count_p_tuning(const ModelShape& shape, const MethodSpec& method) {
    const std::int64_t hidden = shape.hidden;
    const std::int64_t inner = method.encoder_hidden_size > 0 ? method.encoder_hidden_size : hidden;
    return sum({count_prompt(shape, method), product({hidden, inner}), inner, product({inner, inner}), inner,
                product({inner, hidden}), hidden});
}

// Keys and values of every layer.
std::int64_t count_prefix(const ModelShape& shape, const MethodSpec& method) {
    if (shape.latent.kv_rank > 0)
        contradiction("type",
                      fmt::format("{} has latent attention: there are no keys and values to put in front", shape.name),
                      "write method.type: lora, or prompt_tuning");
    return product({method.num_virtual_tokens, 2, shape.layers, shape.kv_heads, shape.head_dim});
}

std::int64_t adapted_layers(const ModelShape& shape, const MethodSpec& method) {
    return method.adapter_layers > 0 ? method.adapter_layers : shape.layers;
}

std::int64_t count_adaption_prompt(const ModelShape& shape, const MethodSpec& method) {
    return adaption_prompt_parameters(adapted_layers(shape, method), method.adapter_len, shape.hidden, 1);
}

// Two in each layer: down and up, with biases.
std::int64_t count_bottleneck(const ModelShape& shape, const MethodSpec& method) {
    const std::int64_t inner = method.bottleneck_size;
    const std::int64_t one = sum({product({2, shape.hidden, inner}), inner, shape.hidden});
    return product({2, layer_count(shape), one});
}

std::int64_t count_ia3(const ModelShape& shape, const MethodSpec& method) {
    const ScaledModules scaled = ia3_modules(shape, method);
    std::int64_t total = 0;
    for (const LinearModule& module : scaled.outputs) total = sum({total, product({module.layers(), module.out})});
    for (const LinearModule& module : scaled.inputs) total = sum({total, product({module.layers(), module.in})});
    return total;
}

// All norms as wide as the model, the last one too; not those of queries and keys, which PEFT leaves out.
std::int64_t count_norms(const ModelShape& shape, const MethodSpec&) {
    const std::int64_t behind = shape.encoder_decoder ? shape.layers : 0;
    const std::int64_t norms = sum(
        {product({layer_count(shape), shape.norms_per_layer}), behind, stacks(shape), shape.embedding_norm ? 1 : 0});
    return product({norms, norm_size(shape)});
}

void check_nothing(const ModelShape&, const MethodSpec&) {}

void check_lora(const ModelShape& shape, const MethodSpec& method) {
    const Lora lora(lora_config(shape, method));
    for (const LinearModule& target : lora_targets(shape, method)) {
        const std::int64_t most = std::min(target.in, target.out);
        for (std::int64_t i = target.first; i < target.end; ++i) {
            const std::int64_t rank = lora.rank(layer_place(shape, i) + std::string(target.name));
            if (rank <= most) continue;
            contradiction(
                rank == method.r ? "r" : "rank_pattern",
                fmt::format("a rank of {} is above the {} of {}, which is {} x {}", rank, most, target.name, target.out,
                            target.in),
                fmt::format("write at most {}, or leave {} out of target_modules", most, last_name(target.name)));
        }
    }
}

void check_tokens(const ModelShape& shape, const MethodSpec& method) {
    if (shape.max_positions > 0 && method.num_virtual_tokens >= shape.max_positions)
        contradiction("num_virtual_tokens",
                      fmt::format("{} virtual tokens leave no room for a text in the {} positions of {}",
                                  method.num_virtual_tokens, shape.max_positions, shape.name),
                      fmt::format("write fewer than {}", shape.max_positions));
}

void check_adaption_prompt(const ModelShape& shape, const MethodSpec& method) {
    if (method.adapter_layers > shape.layers)
        contradiction("adapter_layers",
                      fmt::format("{} has {} layers, not {}", shape.name, shape.layers, method.adapter_layers),
                      fmt::format("write at most {}", shape.layers));
    if (shape.max_positions > 0 && method.adapter_len >= shape.max_positions)
        contradiction("adapter_len",
                      fmt::format("{} tokens of a prompt are no fewer than the {} positions of {}", method.adapter_len,
                                  shape.max_positions, shape.name),
                      fmt::format("write fewer than {}", shape.max_positions));
}

void check_bottleneck(const ModelShape& shape, const MethodSpec& method) {
    if (method.bottleneck_size > shape.hidden)
        contradiction("bottleneck_size",
                      fmt::format("a bottleneck of {} is wider than the {} of {}", method.bottleneck_size, shape.hidden,
                                  shape.name),
                      fmt::format("write at most {}", shape.hidden));
}

void check_ia3(const ModelShape& shape, const MethodSpec& method) {
    ia3_modules(shape, method);
}

struct AdapterMethod {
    std::string_view name;
    std::int64_t (*count)(const ModelShape& shape, const MethodSpec& method);
    void (*check)(const ModelShape& shape, const MethodSpec& method);
};

constexpr std::array table{
    AdapterMethod{"adaption_prompt", count_adaption_prompt, check_adaption_prompt},
    AdapterMethod{"bottleneck", count_bottleneck, check_bottleneck},
    AdapterMethod{"full", count_full, check_nothing},
    AdapterMethod{"ia3", count_ia3, check_ia3},
    AdapterMethod{"ln_tuning", count_norms, check_nothing},
    AdapterMethod{"lora", lora_parameters, check_lora},
    AdapterMethod{"p_tuning", count_p_tuning, check_tokens},
    AdapterMethod{"prefix_tuning", count_prefix, check_tokens},
    AdapterMethod{"prompt_tuning", count_prompt, check_tokens},
    AdapterMethod{"qlora", lora_parameters, check_lora},
};
static_assert(std::ranges::equal(table, spec::methods, {}, &AdapterMethod::name, &spec::MethodRow::name));

const AdapterMethod& method_of(const MethodSpec& method) {
    const auto row = std::ranges::find(table, method.type, &AdapterMethod::name);
    if (row == table.end()) throw Error(ErrorKind::bug, fmt::format("no method is called {}", method.type));
    return *row;
}

// Families whose queries PEFT scales in place of their keys. Source: peft/utils/constants.py.
constexpr std::array<std::string_view, 8> scales_queries{"gemma", "gemma2", "gemma3", "gemma3_text",
                                                         "gptj",  "phi",    "qwen2",  "qwen3"};

std::vector<LinearModule> ia3_targets(const ModelShape& shape, const MethodSpec& method) {
    if (!method.target_modules.empty()) return named_modules(shape, method.target_modules, "method.target_modules");
    if (shape.latent.kv_rank > 0)
        contradiction("target_modules",
                      fmt::format("{} has latent attention, for which ia3 has no usual targets", shape.name),
                      "name some of its linear layers");
    const bool queries = std::ranges::find(scales_queries, shape.family) != scales_queries.end();
    const LinearPart first = queries ? LinearPart::q : LinearPart::k;
    std::vector<LinearModule> targets;
    for (const LinearModule& module : linear_modules(shape))
        if (module.part == first || module.part == LinearPart::v || module.part == LinearPart::qkv ||
            module.part == LinearPart::down)
            targets.push_back(module);
    return targets;
}

}  // namespace

std::int64_t adaption_prompt_parameters(std::int64_t layers, std::int64_t tokens, std::int64_t hidden,
                                        std::int64_t gates) {
    return product({layers, sum({product({tokens, hidden}), gates})});
}

ScaledModules ia3_modules(const ModelShape& shape, const MethodSpec& method) {
    const auto holds = [](const std::vector<LinearModule>& modules, const LinearModule& one) {
        return std::ranges::any_of(modules, [&](const LinearModule& module) { return module.name == one.name; });
    };
    std::vector<LinearModule> inputs;
    if (!method.feedforward_modules.empty())
        inputs = named_modules(shape, method.feedforward_modules, "method.feedforward_modules");
    const std::vector<LinearModule> targets = ia3_targets(shape, method);
    for (const LinearModule& input : inputs)
        if (!holds(targets, input))
            contradiction(
                "feedforward_modules",
                fmt::format("the input of {} cannot be scaled: it is none of the targets", last_name(input.name)),
                fmt::format("add {} to target_modules, or leave it out here", last_name(input.name)));
    ScaledModules scaled;
    for (const LinearModule& target : targets) {
        const bool usual = method.feedforward_modules.empty() && target.part == LinearPart::down;
        (usual || holds(inputs, target) ? scaled.inputs : scaled.outputs).push_back(target);
    }
    return scaled;
}

void check_method(const ModelShape& shape, const MethodSpec& method) {
    const AdapterMethod& row = method_of(method);
    if (method.type == "full") return;
    if (shape.family == "simple_cnn")
        contradiction("type", fmt::format("simple_cnn has no layers for {}", method.type), "use method.type: full");
    if (shape.hidden == 0)
        throw Error(ErrorKind::input,
                    fmt::format("{} needs the sizes of the model, and \"{}\" is only a count", method.type, shape.name),
                    {"", 0, 0, "model.model_name_or_path"},
                    "name a catalog model such as llama-2-7b, or a folder with config.json");
    row.check(shape, method);
}

std::int64_t trained_parameters(const ModelShape& shape, const MethodSpec& method) {
    check_method(shape, method);
    return method_of(method).count(shape, method);
}

std::optional<std::int64_t> known_trained_parameters(const ModelShape& shape, const MethodSpec& method) {
    const bool names_modules = method.type == "full" ? freezes(method) : !method.modules_to_save.empty();
    if (names_modules && !has_inventory(shape)) return std::nullopt;
    if (shape.hidden == 0 && method.type != "full") return std::nullopt;
    if (uses_lora(method) && method.target_modules.empty() && shape.latent.kv_rank > 0) return std::nullopt;
    return trained_parameters(shape, method);
}

}  // namespace ktrain
