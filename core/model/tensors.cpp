// Tensors of simple_cnn and of the families of decoders, and their LoRA matrices.
#include "core/model/tensors.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/model/count.h"
#include "core/model/family.h"

namespace ktrain {
namespace {

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

// Collects the tensors of a decoder in the order of its layers.
class Decoder {
public:
    Decoder(const ModelShape& shape, const MethodSpec& method, std::string_view dtype)
        : shape_(shape),
          names_(*find_family(shape.family)->names),
          transposed_(find_family(shape.family)->transposed),
          method_(method),
          dtype_(dtype),
          modules_(linear_modules(shape)),
          adapted_(uses_lora(method)) {
        if (adapted_) targets_ = lora_targets(shape, method);
    }

    std::vector<TensorDecl> tensors() && {
        const std::string root(names_.root);
        add(fmt::format("{}{}.weight", root, names_.embedding), {shape_.vocab, shape_.hidden}, Role::embedding);
        if (shape_.learned_positions > 0)
            add(fmt::format("{}{}.weight", root, names_.positions), {shape_.learned_positions, shape_.hidden},
                Role::embedding);
        for (std::int64_t i = 0; i < shape_.layers; ++i) add_layer(fmt::format("{}{}.{}.", root, names_.layers, i));
        add_norm(fmt::format("{}{}", root, names_.norm), shape_.hidden);
        if (!shape_.tied) add("lm_head.weight", {shape_.vocab, shape_.hidden}, Role::head);
        return std::move(tensors_);
    }

private:
    void add(std::string name, std::vector<std::int64_t> shape, Role role) {
        tensors_.push_back({std::move(name), std::move(shape), dtype_, role, !adapted_});
    }

    void add_norm(const std::string& place, std::int64_t width) {
        add(place + ".weight", {width}, Role::norm);
        if (shape_.layer_norm) add(place + ".bias", {width}, Role::norm);
    }

    void add_adapter(const std::string& module, std::string_view matrix, std::vector<std::int64_t> shape) {
        // PEFT keeps the adapter in float32 beside a 16-bit base.
        tensors_.push_back({fmt::format("{}.{}.weight", adapter_place(module), matrix), std::move(shape), "float32",
                            Role::adapter, true});
    }

    void add_layer(const std::string& layer) {
        const LayerNames& names = names_.layer;
        for (const std::string_view norm : {names.input_norm, names.attention_norm, names.mlp_norm, names.result_norm})
            if (!norm.empty()) add_norm(layer + std::string(norm), shape_.hidden);
        if (shape_.qk_norm) {
            add_norm(layer + "self_attn.q_norm", shape_.head_dim);
            add_norm(layer + "self_attn.k_norm", shape_.head_dim);
        }
        for (const LinearModule& module : modules_) {
            const std::string name = layer + std::string(module.name);
            const std::vector<std::int64_t> rows_first{module.out, module.in}, columns_first{module.in, module.out};
            add(name + ".weight", transposed_ ? columns_first : rows_first, Role::linear);
        }
        // Behind the weights, so that those of queries, keys and values stay side by side, and their biases too.
        for (const LinearModule& module : modules_)
            if (module.bias) add(layer + std::string(module.name) + ".bias", {module.out}, Role::linear);
        for (const LinearModule& target : targets_) {
            const std::string name = layer + std::string(target.name);
            add_adapter(name, "lora_A", {method_.r, target.in});
            add_adapter(name, "lora_B", {target.out, method_.r});
        }
    }

    const ModelShape& shape_;
    const TensorNames& names_;
    bool transposed_;
    const MethodSpec& method_;
    std::string dtype_;
    std::vector<LinearModule> modules_;
    std::vector<LinearModule> targets_;
    bool adapted_;
    std::vector<TensorDecl> tensors_;
};

// What PEFT adapts when it is not told: queries and values, or the one matrix that has them.
std::vector<std::string> default_targets(const std::vector<LinearModule>& modules) {
    const std::string first(last_name(modules.front().name));
    return first == "q_proj" ? std::vector<std::string>{"q_proj", "v_proj"} : std::vector<std::string>{first};
}

}  // namespace

std::int64_t TensorDecl::elements() const {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count = product({count, size});
    return count;
}

bool has_inventory(const ModelShape& shape) {
    return shape.family == "simple_cnn" || find_family(shape.family) != nullptr;
}

std::vector<TensorDecl> inventory(const ModelShape& shape, const MethodSpec& method, std::string_view dtype) {
    if (!has_inventory(shape))
        throw Error(ErrorKind::input,
                    fmt::format("the tensors of {} (family {}) are not known", shape.name, shape.family), {},
                    fmt::format("families with known tensors: simple_cnn, {}", family_list()));
    if (shape.family != "simple_cnn") return Decoder(shape, method, dtype).tensors();
    if (uses_lora(method))
        throw Error(ErrorKind::input, "simple_cnn has no layers for LoRA", {"", 0, 0, "method.type"},
                    "use method.type: full");
    return cnn_tensors(shape, dtype);
}

std::vector<LinearModule> lora_targets(const ModelShape& shape, const MethodSpec& method) {
    const auto modules = linear_modules(shape);
    std::vector<std::string> wanted = method.target_modules;
    if (wanted.empty()) wanted = default_targets(modules);
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

std::string adapter_place(std::string_view module) {
    return "base_model.model." + std::string(module);
}

double lora_scale(const MethodSpec& method) {
    return method.lora_alpha / static_cast<double>(method.r);
}

std::int64_t lora_parameters(const ModelShape& shape, const MethodSpec& method) {
    std::int64_t layer = 0;
    for (const LinearModule& target : lora_targets(shape, method))
        layer = sum({layer, product({method.r, sum({target.in, target.out})})});
    return product({shape.layers, layer});
}

}  // namespace ktrain
