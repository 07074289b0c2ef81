// The handbook's formulas, line by line.
#include "core/estimate/handbook.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/count.h"
#include "core/model/method_lora.h"
#include "core/spec/optimizers.h"

namespace ktrain {
namespace {

MemoryLine weights(const TrainingSpec& spec, const ModelShape& shape) {
    const int bits = weight_bits(spec);
    const std::int64_t bytes = bits == 4 ? (shape.parameters + 1) / 2 : product({shape.parameters, bits / 8});
    const std::string width = bits == 4 ? "0.5" : fmt::format("{}", bits / 8);
    const std::string type = bits == 4 ? "4-bit" : bits == 8 ? "8-bit" : spec.model.dtype;
    return {"weights", bytes,
            fmt::format("parameters x precision = {} x {} B ({})", grouped(shape.parameters), width, type)};
}

MemoryLine per_parameter(std::string_view label, std::int64_t bytes, const ModelShape& shape) {
    return {std::string(label), product({shape.parameters, bytes}),
            fmt::format("parameters x {} B = {} x {} B", bytes, grouped(shape.parameters), bytes)};
}

// The handbook's 8 B are those of AdamW; other optimizers remember less.
MemoryLine optimizer(const TrainingSpec& spec, const ModelShape& shape) {
    const OptimizerState state = optimizer_state(spec.training);
    MemoryLine line = per_parameter("optimizer", state.bytes, shape);
    if (state.bytes == 8) return line;
    if (state.bytes_per_block > 0) {
        const std::int64_t blocks = (shape.parameters + 255) / 256;
        line.bytes = sum({line.bytes, product({blocks, state.bytes_per_block})});
        line.formula += fmt::format(" + {} B for every 256", state.bytes_per_block);
    }
    line.formula += fmt::format(" ({})", spec.training.optim);
    return line;
}

// Activations are in the type of the computation.
std::int64_t compute_bytes(const TrainingSpec& spec) {
    return spec.training.bf16 || spec.model.dtype != "float32" ? 2 : 4;
}

MemoryLine adapters(const TrainingSpec& spec, const ModelShape& shape) {
    if (shape.family == "simple_cnn")
        throw Error(ErrorKind::input, "simple_cnn has no layers for LoRA", {"", 0, 0, "method.type"},
                    "use method.type: full");
    if (!has_handbook_formula(spec))
        throw Error(ErrorKind::input, fmt::format("the handbook has no formula for {}", spec.method.type),
                    {"", 0, 0, "method.type"}, "use method.type: lora, qlora or full");
    if (shape.hidden == 0)
        throw Error(ErrorKind::input,
                    fmt::format("LoRA needs the hidden size of the model, and \"{}\" is only a count", shape.name),
                    {"", 0, 0, "model.model_name_or_path"},
                    "name a catalog model such as llama-2-7b, or a folder with config.json");
    return {"lora", product({spec.method.r, shape.hidden, 2, 2}),
            fmt::format("rank x hidden x 2 = {} x {} x 2, 2 B each", spec.method.r, grouped(shape.hidden))};
}

MemoryLine activations(const TrainingSpec& spec, const ModelShape& shape) {
    const std::int64_t batch = spec.training.per_device_train_batch_size;
    const std::int64_t length = counted_length(spec, shape);
    const std::int64_t bytes = compute_bytes(spec);
    return {"activations", product({batch, length, shape.hidden, shape.layers, bytes}),
            fmt::format("batch x seq x hidden x layers = {} x {} x {} x {}, {} B each", batch, grouped(length),
                        grouped(shape.hidden), shape.layers, bytes)};
}

// Outputs of every layer of simple_cnn for one image: convolution, ReLU and pooling at three sizes, pooled features
// and scores. The handbook has no formula for it.
std::int64_t cnn_outputs(std::int64_t side, std::int64_t classes) {
    const std::int64_t full = side * side;
    const std::int64_t half = (side / 2) * (side / 2);
    const std::int64_t quarter = (side / 4) * (side / 4);
    return 2 * 32 * full + (32 + 2 * 64) * half + (64 + 2 * 128) * quarter + 128 + classes;
}

MemoryLine cnn_activations(const TrainingSpec& spec, const ModelShape& shape) {
    const bool idx = spec.data.dataset == "mnist" || spec.data.dataset == "fashion_mnist";
    const std::int64_t outputs = cnn_outputs(idx ? 28 : 32, shape.num_classes);
    const std::int64_t batch = spec.training.per_device_train_batch_size;
    const std::int64_t bytes = compute_bytes(spec);
    return {"activations", product({batch, outputs, bytes}),
            fmt::format("batch x outputs of all layers = {} x {}, {} B each", batch, grouped(outputs), bytes)};
}

}  // namespace

std::int64_t MemoryBreakdown::total() const {
    std::int64_t bytes = 0;
    for (const MemoryLine& line : lines) bytes = sum({bytes, line.bytes});
    return bytes;
}

int weight_bits(const TrainingSpec& spec) {
    const bool quantised = spec.quantization.load_in_4bit || spec.quantization.load_in_8bit;
    if (spec.method.type == "full") {
        if (quantised)
            throw Error(ErrorKind::input, "quantised weights cannot be trained in full", {"", 0, 0, "method.type"},
                        "use method.type: qlora");
        return spec.model.dtype == "float32" ? 32 : 16;
    }
    if (spec.quantization.load_in_8bit) return 8;
    if (spec.quantization.load_in_4bit || spec.method.type == "qlora") return 4;
    return spec.model.dtype == "float32" ? 32 : 16;
}

bool has_handbook_formula(const TrainingSpec& spec) {
    return spec.method.type == "full" || uses_lora(spec.method);
}

MemoryBreakdown handbook_memory(const TrainingSpec& spec, const ModelShape& shape) {
    MemoryBreakdown memory;
    memory.lines.push_back(weights(spec, shape));
    if (spec.method.type == "full") {
        memory.lines.push_back(per_parameter("gradients", 4, shape));
        memory.lines.push_back(optimizer(spec, shape));
    } else {
        memory.lines.push_back(adapters(spec, shape));
    }
    if (shape.family == "simple_cnn")
        memory.lines.push_back(cnn_activations(spec, shape));
    else if (shape.hidden > 0)
        memory.lines.push_back(activations(spec, shape));
    return memory;
}

}  // namespace ktrain
