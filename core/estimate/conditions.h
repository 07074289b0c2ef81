// Everything that decides what one GPU holds during a training step: the model, the method and the code that runs it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/model/shape.h"

namespace ktrain {

// How the weights of linear layers are stored. Embeddings, the head and norms are never quantised.
struct Storage {
    std::string_view name;  // as in the columns of measured rows: "bf16", "nf4-dq"
    double bytes;           // of an element, constants of its block included
    bool quantised;
    std::string_view formula;
};
// Errors: Error{input} with the nearest name.
const Storage& find_storage(std::string_view name);

// What the code that trains does with memory, beyond what every code must.
struct Framework {
    std::string_view name;  // "accelerate": Hugging Face's Trainer and TRL
    // The allocator grows segments instead of keeping blocks of each size (PYTORCH_CUDA_ALLOC_CONF).
    bool expandable_segments;
    bool keeps_quantised_inputs;  // of 4-bit layers, which need them for no gradient: bitsandbytes until 2024
    bool views_of_fused_qkv;      // queries, keys and values stay alive as one tensor
    bool keeps_inner;             // the input of the MLP's last layer, though that is frozen
    bool root_has_embedding;      // FSDP gathers embedding and head together, and keeps them
    // ktrain's own kernels and arenas: see kept_by_own_layer() and docs/trainer.md, "training.bf16".
    bool own_kernels;
    std::string_view source;
};
// Errors: Error{input} with the nearest name.
const Framework& find_framework(std::string_view name);

enum class Sharding { none, ddp, zero1, zero2, zero3, fsdp };
enum class Offload { none, optimizer, parameters, both };
enum class Recompute { none, selective, full };
// How logits and cross-entropy are computed.
//   full          in the type of the computation
//   fp32_logits   converted to float32 as a whole
//   chunked       logits are kept, the loss takes them in pieces
//   head_chunked  the head is inside the piece
//   fused         logits are never stored (Liger, cut cross-entropy)
enum class LossKernel { full, fp32_logits, chunked, head_chunked, fused };

// Degrees of parallelism; the product of the first four is the number of GPUs.
struct Degrees {
    std::int64_t data = 1, tensor = 1, pipeline = 1, context = 1;
    std::int64_t expert = 1;          // of data x context, which share the experts of a layer
    std::int64_t virtual_stages = 1;  // of each GPU of a pipeline; above 1: interleaved
};

// What an objective adds to the step of one model on one text.
struct Companions {
    std::int64_t texts = 1;      // of a row, which pass the model together
    bool scored = false;         // a text has one value, no logits of the vocabulary
    std::int64_t trained = 1;    // models that train, or sets of adapters: of PPO a policy and a value model
    std::int64_t frozen = 0;     // whole models beside them, as large as the one that trains
    std::int64_t adapters = 0;   // sets of adapters that do not train
    bool second_logits = false;  // a pass without gradients, while the logits of the one with gradients are kept
    std::int64_t generated = 0;  // tokens of each row that the model writes itself
    std::int64_t other = 0;      // parameters of a model of another size: a teacher, or a reference that is named
};

struct Conditions {
    ModelShape shape;
    const Framework* framework = nullptr;
    const Storage* storage = nullptr;
    bool head_quantised = false;

    bool full = true;                   // every weight trains
    std::vector<LinearModule> targets;  // else: layers with LoRA matrices of `rank`
    std::int64_t rank = 0;
    std::int64_t added = 0;         // parameters that train beside LoRA's matrices: saved modules, prompts, scales
    double added_values = 0;        // of each layer and token, which adapters of other kinds keep
    std::int64_t added_tokens = 0;  // in front of each text
    std::int64_t added_keys = 0;    // keys and values in front of each text, in every layer
    bool norms_train = false;       // of frozen weights, these alone
    std::int64_t frozen = 0;        // parameters that do not train when the rest does
    double adapter_bytes = 4;
    bool adapter_dropout = false;

    double compute_bytes = 2, gradient_bytes = 4;  // of an element
    bool master_weights = false;                   // a float32 copy of 16-bit weights
    double state_bytes = 8;                        // of the optimizer, for each parameter that trains
    bool state_8bit = false;                       // embeddings keep 8 B all the same
    bool paged_state = false;                      // in memory that the allocator does not count
    bool step_in_backward = false;                 // each gradient is used and freed as it comes

    std::int64_t micro_batch = 1, length = 1, accumulation = 1;
    bool varying_lengths = false;  // batches are padded to their longest sample
    Recompute recompute = Recompute::none;
    bool activations_offloaded = false;
    bool eager_attention = false;  // scores are stored
    LossKernel loss = LossKernel::fp32_logits;
    std::int64_t loss_chunks = 8;
    bool compiled = false;       // torch.compile
    bool fused_kernels = false;  // norms and gated MLPs keep only their inputs (Liger)

    Sharding sharding = Sharding::none;
    Offload offload = Offload::none;
    Degrees degrees;
    std::int64_t nodes = 1;
    Companions companions;
    std::int64_t gpu_memory = 0;  // bytes of the card; 0: not known
};

}  // namespace ktrain
