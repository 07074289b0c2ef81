// Tensors of simple_cnn and of the families of decoders, and which of them train.
#include "core/model/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/text.h"
#include "core/model/count.h"
#include "core/model/family.h"
#include "core/model/method_full.h"
#include "core/model/method_lora.h"
#include "core/model/score_head.h"
#include "core/model/weight_names.h"

namespace ktrain {
namespace {

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
          dtype_(dtype),
          modules_(linear_modules(shape)) {
        if (!uses_lora(method)) return;
        lora_.emplace(lora_config(shape, method));
        targets_ = lora_targets(shape, method);
    }

    std::vector<TensorDecl> tensors() && {
        const std::string root(names_.root), embedding = fmt::format("{}{}", root, names_.embedding);
        add(embedding + ".weight", {shape_.vocab, shape_.hidden}, Role::embedding);
        if (shape_.learned_positions > 0)
            add(fmt::format("{}{}.weight", root, names_.positions), {shape_.learned_positions, shape_.hidden},
                Role::embedding);
        for (std::int64_t i = 0; i < shape_.layers; ++i) add_layer(layer_place(shape_, i));
        add_norm(fmt::format("{}{}", root, names_.norm), shape_.hidden);
        if (shape_.labels > 0) {
            add(std::string(score_tensor), {shape_.labels, shape_.hidden}, Role::head);
            return std::move(tensors_);
        }
        // PEFT trains a copy of what is in modules_to_save, so that two that were one part.
        const bool parts = lora_ && (lora_->saves(embedding) || lora_->saves("lm_head"));
        if (!shape_.tied || parts) add(std::string(token_head), {shape_.vocab, shape_.hidden}, Role::head);
        return std::move(tensors_);
    }

private:
    void add(std::string name, std::vector<std::int64_t> shape, Role role) {
        tensors_.push_back({std::move(name), std::move(shape), dtype_, role, true});
    }

    void add_norm(const std::string& place, std::int64_t width) {
        add(place + ".weight", {width}, Role::norm);
        if (shape_.layer_norm) add(place + ".bias", {width}, Role::norm);
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
            if (!lora_->adapts(name)) continue;
            for (TensorDecl& tensor : lora_->tensors(target, name)) tensors_.push_back(std::move(tensor));
        }
    }

    const ModelShape& shape_;
    const TensorNames& names_;
    bool transposed_;
    std::string dtype_;
    std::vector<LinearModule> modules_;
    std::optional<Lora> lora_;
    std::vector<LinearModule> targets_;
    std::vector<TensorDecl> tensors_;
};

// The modules that have tensors, each once; not those of adapters.
std::vector<std::string> modules_of(const std::vector<TensorDecl>& tensors) {
    std::vector<std::string> modules;
    std::set<std::string_view> seen;
    for (const TensorDecl& tensor : tensors)
        if (tensor.role != Role::adapter && seen.insert(module_of(tensor.name)).second)
            modules.emplace_back(module_of(tensor.name));
    return modules;
}

// Says of each tensor whether it trains.
void choose(const ModelShape& shape, const MethodSpec& method, std::vector<TensorDecl>& tensors) {
    const std::vector<std::string> modules = modules_of(tensors);
    if (uses_lora(method)) {
        const Lora lora(lora_config(shape, method));
        lora.check_saved(modules);
        for (TensorDecl& tensor : tensors)
            tensor.trainable = tensor.role == Role::adapter || lora.saves(module_of(tensor.name));
        if (std::ranges::find(tensors, Role::adapter, &TensorDecl::role) == tensors.end())
            throw Error(ErrorKind::input, "all target modules are in modules_to_save: none is left for LoRA",
                        {"", 0, 0, "method.modules_to_save"}, "leave out some, or write method.type: full");
    } else {
        const Freezing freezing(shape, method, modules);
        for (TensorDecl& tensor : tensors) tensor.trainable = !freezing.freezes(module_of(tensor.name));
        if (std::ranges::find(tensors, true, &TensorDecl::trainable) == tensors.end())
            throw Error(ErrorKind::input, "every module is frozen: there is nothing to train",
                        {"", 0, 0, "method.freeze_modules"}, "leave out some");
    }
}

// Queries, keys and values are computed as one matrix, and so are gate and up: their gradients lie side by side.
void check_together(const ModelShape& shape, const MethodSpec& method, const std::vector<TensorDecl>& tensors) {
    std::set<std::string, std::less<>> training;  // modules
    for (const TensorDecl& tensor : tensors)
        if (tensor.trainable) training.emplace(module_of(tensor.name));
    const LayerNames& names = find_family(shape.family)->names->layer;
    const bool lora = uses_lora(method);
    const auto check = [&](const std::string& layer, std::initializer_list<std::string_view> group) {
        std::vector<std::string> modules;
        for (const std::string_view name : group)
            if (!name.empty()) modules.push_back(layer + std::string(name));
        const auto trained =
            std::ranges::count_if(modules, [&](const auto& module) { return training.contains(module); });
        if (trained == 0 || trained == std::ssize(modules)) return;
        throw Error(ErrorKind::input,
                    fmt::format("{} are computed as one matrix: some of them alone cannot be {}", join(modules, ", "),
                                lora ? "trained" : "frozen"),
                    {"", 0, 0, lora ? "method.modules_to_save" : "method.freeze_modules"}, "name all of them, or none");
    };
    for (std::int64_t i = 0; i < shape.layers; ++i) {
        check(layer_place(shape, i), {names.q, names.k, names.v});
        check(layer_place(shape, i), {names.gate, names.up});
    }
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
    if (shape.family == "simple_cnn") {
        if (uses_lora(method))
            throw Error(ErrorKind::input, "simple_cnn has no layers for LoRA", {"", 0, 0, "method.type"},
                        "use method.type: full");
        return cnn_tensors(shape, dtype);
    }
    std::vector<TensorDecl> tensors = Decoder(shape, method, dtype).tensors();
    choose(shape, method, tensors);
    check_together(shape, method, tensors);
    return tensors;
}

std::int64_t trainable_parameters(const ModelShape& shape, const MethodSpec& method) {
    std::int64_t total = 0;
    for (const TensorDecl& tensor : inventory(shape, method, "float32"))
        if (tensor.trainable) total = sum({total, tensor.elements()});
    return total;
}

std::string_view module_of(std::string_view tensor) {
    return tensor.substr(0, tensor.rfind('.'));
}

}  // namespace ktrain
