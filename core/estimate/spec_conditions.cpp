// What ktrain's trainer, or Python's, makes of the fields of a spec.
#include "core/estimate/spec_conditions.h"

#include "core/estimate/gpus.h"
#include "core/estimate/handbook.h"
#include "core/model/method_lora.h"
#include "core/spec/optimizers.h"

namespace ktrain {
namespace {

bool computes_in_16_bits(const TrainingSpec& spec) {
    return spec.training.bf16 || spec.model.dtype != "float32";
}

// ktrain keeps weights that train in float32, whatever it multiplies in; frozen ones are as model.dtype says.
std::string_view storage_name(const TrainingSpec& spec, bool own) {
    switch (weight_bits(spec)) {
        case 4:
            return spec.quantization.bnb_4bit_use_double_quant ? "nf4-dq" : "nf4";
        case 8:
            return "int8";
        case 32:
            return "fp32";
        default:
            break;
    }
    if (own && spec.method.type == "full") return "fp32";
    return spec.model.dtype == "float16" ? "fp16" : "bf16";
}

void set_method(const TrainingSpec& spec, const ModelShape& shape, bool own, Conditions& c) {
    c.full = spec.method.type == "full";
    c.storage = &find_storage(storage_name(spec, own));
    c.compute_bytes = computes_in_16_bits(spec) ? 2 : 4;
    // Python's optimizers keep gradients and state in the type of what trains.
    const double trained = own || !c.full ? 4 : c.storage->bytes;
    c.gradient_bytes = trained;
    const OptimizerKind kind = optimizer_row(spec.training.optim).kind;
    c.state_8bit = kind == OptimizerKind::adamw_8bit;
    c.state_bytes = optimizer_state(spec.training).per_parameter() * (c.state_8bit ? 1 : trained / 4);
    if (c.full) return;
    c.targets = lora_targets(shape, spec.method);
    c.rank = spec.method.r;
    c.adapter_bytes = 4;
    c.adapter_dropout = spec.method.lora_dropout > 0;
}

}  // namespace

Conditions conditions_of(const TrainingSpec& spec, const ModelShape& shape, std::string_view framework) {
    Conditions c;
    c.shape = shape;
    c.framework = &find_framework(framework);
    set_method(spec, shape, c.framework->own_kernels, c);
    c.micro_batch = spec.training.per_device_train_batch_size;
    c.length = spec.objective.max_length;
    c.accumulation = spec.training.gradient_accumulation_steps;
    c.varying_lengths = !spec.objective.packing && !c.framework->own_kernels;
    if (spec.objective.type == "reward") c.micro_batch *= 2;  // two texts of each row
    c.recompute = spec.training.gradient_checkpointing ? Recompute::full : Recompute::none;
    if (spec.resources.nodes * spec.resources.gpus_per_node > 1) {
        c.sharding = Sharding::ddp;
        c.degrees.data = spec.resources.nodes * spec.resources.gpus_per_node;
    }
    if (!spec.resources.gpu.empty()) c.gpu_memory = find_gpu(spec.resources.gpu).memory;
    return c;
}

}  // namespace ktrain
