// From a GGUF header to a shape.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/model/config_limits.h"
#include "core/model/count.h"
#include "core/model/gguf.h"
#include "core/model/parameters.h"
#include "core/model/windows.h"

namespace ktrain {
namespace {

// What llama.cpp calls a family, and what Hugging Face does. Source: gguf-py/gguf/constants.py.
struct Architecture {
    std::string_view name, family;
};
constexpr std::array architectures{
    Architecture{"baichuan", "baichuan"},
    Architecture{"bloom", "bloom"},
    Architecture{"deepseek2", "deepseek_v2"},
    Architecture{"falcon", "falcon"},
    Architecture{"gemma", "gemma"},
    Architecture{"gemma2", "gemma2"},
    Architecture{"gemma3", "gemma3_text"},
    Architecture{"gpt-oss", "gpt_oss"},
    Architecture{"gpt2", "gpt2"},
    Architecture{"gptj", "gptj"},
    Architecture{"gptneox", "gpt_neox"},
    Architecture{"llama", "llama"},
    Architecture{"mistral3", "mistral"},
    Architecture{"phi2", "phi"},
    Architecture{"phi3", "phi3"},
    Architecture{"qwen", "qwen"},
    Architecture{"qwen2", "qwen2"},
    Architecture{"qwen2moe", "qwen2_moe"},
    Architecture{"qwen3", "qwen3"},
    Architecture{"qwen3moe", "qwen3_moe"},
    Architecture{"smollm3", "smollm3"},
    Architecture{"stablelm", "stablelm"},
    Architecture{"starcoder", "gpt_bigcode"},
};
static_assert(std::ranges::is_sorted(architectures, {}, &Architecture::name));

std::string family_of(const std::string& architecture, const ModelShape& shape) {
    if (architecture == "llama" && shape.experts > 0) return "mixtral";
    if (architecture == "deepseek2" && shape.router_bias) return "deepseek_v3";
    const auto row = std::ranges::find(architectures, architecture, &Architecture::name);
    return row == architectures.end() ? printable(architecture) : std::string(row->family);
}

// Sizes that the metadata names, under the name of the architecture.
class Sizes {
public:
    Sizes(const Gguf& gguf, const std::string& file)
        : gguf_(gguf), file_(file), prefix_(gguf.text("general.architecture") + ".") {}

    std::int64_t of(const std::string& key, std::int64_t most, std::int64_t fallback) const {
        const auto row = gguf_.metadata.find(prefix_ + key);
        if (row == gguf_.metadata.end()) return fallback;
        if (row->second.number < 0 || row->second.number > most)
            refuse(file_,
                   fmt::format("{}: {} is {}, which no model has", file_, printable(prefix_ + key), row->second.number),
                   "check that it is the right file");
        return row->second.number;
    }

private:
    const Gguf& gguf_;
    const std::string& file_;
    std::string prefix_;
};

// Tensors tell the widths of all heads together; the metadata says how many they are.
void read_heads(const Sizes& sizes, ModelShape& shape) {
    const std::int64_t queries = product({shape.heads, shape.head_dim}),
                       keys = product({shape.kv_heads, shape.head_dim});
    const std::int64_t heads = sizes.of("attention.head_count", config_limits::heads, 0);
    if (heads == 0) return;
    if (shape.latent.kv_rank > 0) {
        shape.heads = heads;
        return;
    }
    const std::int64_t size = sizes.of("attention.key_length", config_limits::heads, queries / heads);
    if (size == 0 || queries % size != 0 || keys % size != 0) return;
    shape.heads = queries / size;
    shape.kv_heads = keys / size;
    shape.head_dim = size;
}

void read_experts(const Sizes& sizes, ModelShape& shape) {
    if (shape.experts == 0) return;
    shape.experts_per_token =
        std::min(shape.experts, sizes.of("expert_used_count", config_limits::width, shape.experts));
    const std::int64_t shared = sizes.of("expert_shared_count", config_limits::width, 0);
    if (shared > 0 && shape.shared_experts > 0) shape.shared_experts = shared;
}

}  // namespace

ModelShape shape_of_gguf(const Gguf& gguf, const std::string& file) {
    ModelShape shape = shape_of_weights(gguf.tensors, file);
    shape.source = "gguf";
    const std::string architecture = gguf.text("general.architecture");
    const Sizes sizes(gguf, file);
    if (shape.hidden > 0) {
        shape.note.clear();  // what tensors alone do not tell
        shape.family = family_of(architecture, shape);
        read_heads(sizes, shape);
        read_experts(sizes, shape);
        shape.max_positions = sizes.of("context_length", std::int64_t{1} << 40, shape.max_positions);
        shape.sliding_window = sizes.of("attention.sliding_window", config_limits::width, 0);
        if (shape.sliding_window > 0) shape.sliding_layers = usual_sliding_layers(shape.family, shape.layers);
        const std::int64_t counted = count_parameters(shape);
        if (counted != shape.parameters)
            add_note(shape, fmt::format("{} parameters are counted, and the layers that are known here have {}",
                                        shape.parameters, counted));
    }
    if (shape.dtype.empty())
        add_note(shape, fmt::format("the file holds {} of weights in fewer bits", human_bytes(gguf.bytes)));
    return shape;
}

}  // namespace ktrain
