// The table of methods with what their activations depend on; types and states of what trains.
#include "core/estimate/spec_method.h"

#include <algorithm>
#include <array>

#include "core/estimate/handbook.h"
#include "core/estimate/numbers.h"
#include "core/model/adapters.h"
#include "core/model/method_lora.h"
#include "core/model/parameters.h"
#include "core/spec/methods.h"
#include "core/spec/optimizers.h"

namespace ktrain {
namespace {

bool computes_in_16_bits(const TrainingSpec& spec) {
    return spec.training.bf16 || spec.model.dtype != "float32";
}

// ktrain keeps weights that train in float32, whatever it multiplies in; frozen ones are as model.dtype says, or in
// bfloat16 where it multiplies in that.
std::string_view storage_name(const TrainingSpec& spec, bool own) {
    const bool gptq = spec.quantization.quant_method == "gptq";
    switch (weight_bits(spec)) {
        case 4:
            if (gptq) return "gptq4";
            return spec.quantization.bnb_4bit_use_double_quant ? "nf4-dq" : "nf4";
        case 8:
            return gptq ? "gptq8" : "int8";
        case 32:
            return own && spec.method.type != "full" && spec.training.bf16 ? "bf16" : "fp32";
        default:
            break;
    }
    if (own && spec.method.type == "full") return "fp32";
    return spec.model.dtype == "float16" ? "fp16" : "bf16";
}

bool is_full(const TrainingSpec& spec) {
    return spec.method.type == "full";
}

// What trains beside LoRA's matrices: saved modules, DoRA's lengths, ranks of patterns.
void set_lora(const TrainingSpec& spec, const ModelShape& shape, Conditions& c) {
    c.targets = lora_targets(shape, spec.method);
    c.rank = spec.method.r;
    c.adapter_dropout = spec.method.lora_dropout > 0;
    for (const LinearModule& target : c.targets) {
        c.added -= c.rank * (target.in + target.out) * target.layers();
        // Its gradient needs the result of the layer, with and without the matrices.
        if (spec.method.use_dora)
            c.added_values += 2 * real(target.out) * real(target.layers()) / real(layer_count(shape));
    }
}

void set_ia3(const TrainingSpec& spec, const ModelShape& shape, Conditions& c) {
    const ScaledModules scaled = ia3_modules(shape, spec.method);
    const auto add = [&](const LinearModule& module, std::int64_t width) {
        c.added_values += real(width) * real(module.layers()) / real(layer_count(shape));
    };
    for (const LinearModule& module : scaled.outputs) add(module, module.out);
    for (const LinearModule& module : scaled.inputs) add(module, module.in);
}

// Input, inner value and its activation of both adapters of a layer.
void set_bottleneck(const TrainingSpec& spec, const ModelShape& shape, Conditions& c) {
    c.added_values = 2 * (real(shape.hidden) + 2 * real(spec.method.bottleneck_size));
}

// Attention to the prompt is a second one, whose result is scaled.
void set_adaption_prompt(const TrainingSpec& spec, const ModelShape& shape, Conditions& c) {
    const std::int64_t layers = spec.method.adapter_layers > 0 ? spec.method.adapter_layers : shape.layers;
    c.added_values = 2 * real(shape.heads) * real(shape.head_dim) * real(layers) / real(shape.layers);
    c.added_keys = spec.method.adapter_len;
}

void set_prefix(const TrainingSpec& spec, const ModelShape&, Conditions& c) {
    c.added_keys = spec.method.num_virtual_tokens;
}

void set_prompt(const TrainingSpec& spec, const ModelShape&, Conditions& c) {
    c.added_tokens = spec.method.num_virtual_tokens;
}

void set_norms(const TrainingSpec&, const ModelShape&, Conditions& c) {
    c.norms_train = true;
}

struct MethodRow {
    std::string_view name;
    void (*set)(const TrainingSpec& spec, const ModelShape& shape, Conditions& c);  // what its activations depend on
};

constexpr std::array table{
    MethodRow{"adaption_prompt", set_adaption_prompt},
    MethodRow{"bottleneck", set_bottleneck},
    MethodRow{"ia3", set_ia3},
    MethodRow{"ln_tuning", set_norms},
    MethodRow{"lora", set_lora},
    MethodRow{"p_tuning", set_prompt},
    MethodRow{"prefix_tuning", set_prefix},
    MethodRow{"prompt_tuning", set_prompt},
    MethodRow{"qlora", set_lora},
};
static_assert(std::ranges::all_of(spec::methods, [](const spec::MethodRow& method) {
    return method.name == "full" || std::ranges::find(table, method.name, &MethodRow::name) != table.end();
}));

bool names(const std::vector<std::string>& modules, std::string_view one) {
    return std::ranges::find(modules, one) != modules.end();
}

// Embedding and head, by name.
std::int64_t named_parameters(const std::vector<std::string>& modules, const ParameterParts& parts) {
    const std::int64_t head = parts.head > 0 ? parts.head : names(modules, "embed_tokens") ? 0 : parts.embedding;
    return (names(modules, "embed_tokens") ? parts.embedding : 0) + (names(modules, "lm_head") ? head : 0);
}

// Of a model whose tensors are not known, other modules than embedding and head do not count, and layers are alike.
std::int64_t trained(const TrainingSpec& spec, const ModelShape& shape) {
    if (const auto known = known_trained_parameters(shape, spec.method)) return *known;
    const ParameterParts parts = parameter_parts(shape);
    MethodSpec method = spec.method;
    method.modules_to_save = method.freeze_modules = {};
    method.freeze_layers = 0;
    const std::int64_t all = trained_parameters(shape, method);
    if (!is_full(spec)) return all + named_parameters(spec.method.modules_to_save, parts);
    const std::int64_t layers = std::max<std::int64_t>(1, layer_count(shape));
    const std::int64_t layer = (parts.total() - parts.embedding - parts.head) / layers;
    const std::int64_t frozen = std::min(layers, spec.method.freeze_layers) * layer;
    return std::max<std::int64_t>(0, all - frozen - named_parameters(spec.method.freeze_modules, parts));
}

}  // namespace

// Python's optimizers keep gradients and state in the type of what trains. DeepSpeed adds up gradients and steps in
// float32, on a copy of 16-bit weights; accelerate makes the weights that FSDP shards float32 for mixed precision.
void set_types(const TrainingSpec& spec, Conditions& c) {
    const bool own = c.framework->own_kernels, full = is_full(spec);
    const std::string& strategy = spec.parallel.strategy;
    c.storage = &find_storage(storage_name(spec, own));
    c.compute_bytes = computes_in_16_bits(spec) ? 2 : 4;
    c.master_weights = !own && full && c.storage->bytes < 4 && strategy.starts_with("zero");
    if (!own && full && strategy == "fsdp" && spec.training.bf16) c.storage = &find_storage("fp32");
    const double type = own || !full || c.master_weights ? 4 : c.storage->bytes;
    c.gradient_bytes = type;
    c.state_8bit = optimizer_row(spec.training.optim).kind == OptimizerKind::adamw_8bit;
    c.state_bytes = optimizer_state(spec.training).per_parameter() * (c.state_8bit ? 1 : type / 4);
    c.paged_state = !own && spec.training.optim.starts_with("paged_");
}

void set_method(const TrainingSpec& spec, const ModelShape& shape, Conditions& c) {
    c.full = is_full(spec);
    set_types(spec, c);
    const std::int64_t trains = trained(spec, shape);
    c.adapter_bytes = 4;
    if (c.full) {
        c.frozen = std::max<std::int64_t>(0, shape.parameters - trains);
        return;
    }
    c.added = trains;
    std::ranges::find(table, spec.method.type, &MethodRow::name)->set(spec, shape, c);
}

}  // namespace ktrain
