// Tensors of simple_cnn and of llama-like models, and their LoRA matrices.
#include "core/model/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/model/count.h"

namespace ktrain {
namespace {

constexpr std::array<std::string_view, 4> llama_like{"llama", "mistral", "qwen2", "qwen3"};

bool uses_lora(const MethodSpec& method) {
    return method.type != "full";
}

std::string_view last_name(std::string_view module) {
    return module.substr(module.rfind('.') + 1);
}

// The handbook's nn.Sequential: convolutions at 0, 3 and 6, the classifier at 10.
std::vector<TensorDecl> cnn_tensors(const ModelShape& shape, std::string_view dtype) {
    const std::string type(dtype);
    std::vector<TensorDecl> tensors;
    const auto add = [&](std::string_view place, std::vector<std::int64_t> weight, Role role) {
        const std::int64_t out = weight[0];
        tensors.push_back({fmt::format("{}.weight", place), std::move(weight), type, role, true});
        tensors.push_back({fmt::format("{}.bias", place), {out}, type, role, true});
    };
    add("0", {32, shape.input_channels, 3, 3}, Role::convolution);
    add("3", {64, 32, 3, 3}, Role::convolution);
    add("6", {128, 64, 3, 3}, Role::convolution);
    add("10", {shape.num_classes, 128}, Role::head);
    return tensors;
}

// Collects the tensors of a llama-like model in the order of its layers.
class Decoder {
public:
    Decoder(const ModelShape& shape, const MethodSpec& method, std::string_view dtype)
        : shape_(shape), method_(method), dtype_(dtype), modules_(linear_modules(shape)), adapted_(uses_lora(method)) {
        if (adapted_) targets_ = lora_targets(shape, method);
    }

    std::vector<TensorDecl> tensors() && {
        add("model.embed_tokens.weight", {shape_.vocab, shape_.hidden}, Role::embedding);
        for (std::int64_t i = 0; i < shape_.layers; ++i) add_layer(fmt::format("model.layers.{}.", i));
        add("model.norm.weight", {shape_.hidden}, Role::norm);
        if (!shape_.tied) add("lm_head.weight", {shape_.vocab, shape_.hidden}, Role::head);
        return std::move(tensors_);
    }

private:
    void add(std::string name, std::vector<std::int64_t> shape, Role role) {
        tensors_.push_back({std::move(name), std::move(shape), dtype_, role, !adapted_});
    }

    void add_adapter(const std::string& module, std::string_view matrix, std::vector<std::int64_t> shape) {
        // PEFT keeps the adapter in float32 beside a 16-bit base.
        tensors_.push_back({fmt::format("base_model.model.{}.{}.weight", module, matrix), std::move(shape), "float32",
                            Role::adapter, true});
    }

    void add_layer(const std::string& layer) {
        add(layer + "input_layernorm.weight", {shape_.hidden}, Role::norm);
        if (shape_.qk_norm) {
            add(layer + "self_attn.q_norm.weight", {shape_.head_dim}, Role::norm);
            add(layer + "self_attn.k_norm.weight", {shape_.head_dim}, Role::norm);
        }
        add(layer + "post_attention_layernorm.weight", {shape_.hidden}, Role::norm);
        for (const LinearModule& module : modules_) {
            const std::string name = layer + std::string(module.name);
            add(name + ".weight", {module.out, module.in}, Role::linear);
            if (module.bias) add(name + ".bias", {module.out}, Role::linear);
        }
        for (const LinearModule& target : targets_) {
            const std::string name = layer + std::string(target.name);
            add_adapter(name, "lora_A", {method_.r, target.in});
            add_adapter(name, "lora_B", {target.out, method_.r});
        }
    }

    const ModelShape& shape_;
    const MethodSpec& method_;
    std::string dtype_;
    std::vector<LinearModule> modules_;
    std::vector<LinearModule> targets_;
    bool adapted_;
    std::vector<TensorDecl> tensors_;
};

}  // namespace

std::int64_t TensorDecl::elements() const {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count = product({count, size});
    return count;
}

bool has_inventory(const ModelShape& shape) {
    return shape.family == "simple_cnn" || std::ranges::find(llama_like, shape.family) != llama_like.end();
}

std::vector<TensorDecl> inventory(const ModelShape& shape, const MethodSpec& method, std::string_view dtype) {
    if (!has_inventory(shape))
        throw Error(ErrorKind::input,
                    fmt::format("the tensors of {} (family {}) are not known", shape.name, shape.family), {},
                    fmt::format("families with known tensors: simple_cnn, {}", fmt::join(llama_like, ", ")));
    if (shape.family != "simple_cnn") return Decoder(shape, method, dtype).tensors();
    if (uses_lora(method))
        throw Error(ErrorKind::input, "simple_cnn has no layers for LoRA", {"", 0, 0, "method.type"},
                    "use method.type: full");
    return cnn_tensors(shape, dtype);
}

std::vector<LinearModule> lora_targets(const ModelShape& shape, const MethodSpec& method) {
    const auto modules = linear_modules(shape);
    std::vector<std::string> wanted = method.target_modules;
    if (wanted.empty())
        wanted = shape.fused_qkv ? std::vector<std::string>{"qkv_proj"} : std::vector<std::string>{"q_proj", "v_proj"};
    if (wanted == std::vector<std::string>{"all-linear"}) return modules;
    std::vector<std::string> names;
    for (const auto& module : modules) names.emplace_back(last_name(module.name));
    for (const auto& word : wanted) {
        if (std::ranges::find(names, word) != names.end()) continue;
        const std::string near = nearest(word, names);
        throw Error(
            ErrorKind::input, fmt::format("{} has no linear layer \"{}\"", shape.name, printable(word)),
            {"", 0, 0, "method.target_modules"},
            near.empty() ? fmt::format("it has: {}", join(names, ", ")) : fmt::format("did you mean {}?", near));
    }
    std::vector<LinearModule> targets;
    for (const auto& module : modules)
        if (std::ranges::find(wanted, last_name(module.name)) != wanted.end()) targets.push_back(module);
    return targets;
}

std::int64_t lora_parameters(const ModelShape& shape, const MethodSpec& method) {
    std::int64_t layer = 0;
    for (const LinearModule& target : lora_targets(shape, method))
        layer = sum({layer, product({method.r, sum({target.in, target.out})})});
    return product({shape.layers, layer});
}

}  // namespace ktrain
