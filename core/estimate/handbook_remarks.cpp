// One row for each inconsistency: when it applies, and what to say.
#include "core/estimate/handbook_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "core/estimate/handbook.h"
#include "core/model/count.h"

namespace ktrain {
namespace {

using Text = std::optional<std::string>;

std::string gigabytes(double bytes) {
    return human_bytes(static_cast<std::uint64_t>(std::clamp(bytes, 0.0, 1e18)));
}

double parameters(const Estimate& e) {
    return static_cast<double>(e.shape.parameters);
}

bool full(const Estimate& e) {
    return e.spec.method.type == "full";
}

bool quantised(const Estimate& e) {
    return !full(e) && weight_bits(e.spec) < 16;
}

bool about(const Estimate& e, double low, double high) {
    return parameters(e) >= low * 1e9 && parameters(e) <= high * 1e9;
}

std::int64_t gpus(const Estimate& e) {
    return e.spec.resources.nodes * e.spec.resources.gpus_per_node;
}

double tokens(const Estimate& e) {
    return static_cast<double>(e.spec.training.per_device_train_batch_size) *
           static_cast<double>(e.spec.objective.max_length);
}

std::int64_t line(const Estimate& e, std::string_view label) {
    for (const MemoryLine& each : e.memory.lines)
        if (each.label == label) return each.bytes;
    return 0;
}

Text full_bytes(const Estimate& e) {
    if (!full(e)) return {};
    const double p = parameters(e);
    return fmt::format(
        "112 GB and, by its own sum, 98 GB for 7B; here 8 B a parameter (all in 16 bits) are {}, 14 B {}, "
        "16 B {} and 18 B (mixed precision with float32 gradients) {}",
        gigabytes(8 * p), gigabytes(14 * p), gigabytes(16 * p), gigabytes(18 * p));
}

Text gradients(const Estimate& e) {
    if (!full(e) || e.spec.model.dtype == "float32") return {};
    return "gradients of 4 B beside 16-bit weights hold only where they are summed in float32; weights that train in "
           "16 "
           "bits have gradients of 2 B";
}

Text master(const Estimate& e) {
    if (!full(e)) return {};
    return fmt::format("8 B for AdamW leave out the float32 copy that mixed precision keeps of 16-bit weights, {} here",
                       gigabytes(4 * parameters(e)));
}

Text activations(const Estimate& e) {
    if (e.shape.hidden == 0) return {};
    const std::int64_t said = product(
        {e.spec.training.per_device_train_batch_size, e.spec.objective.max_length, e.shape.hidden, e.shape.layers, 2});
    const std::int64_t kept = line(e, "activations") + line(e, "checkpoints") + line(e, "working set");
    return fmt::format("batch x seq x hidden x layers is what full checkpointing alone keeps, {}; this step holds {}",
                       gigabytes(static_cast<double>(said)), gigabytes(static_cast<double>(kept)));
}

Text logits(const Estimate& e) {
    if (e.shape.vocab == 0) return {};
    const double bytes = 14 * tokens(e) * static_cast<double>(e.shape.vocab);
    if (bytes < 0.05 * static_cast<double>(e.step->active)) return {};
    return fmt::format("no logits: at once, in float32 with their gradient, they would take {} of {} classes",
                       gigabytes(bytes), grouped(e.shape.vocab));
}

Text lora_formula(const Estimate& e) {
    if (full(e) || !e.trainable_parameters) return {};
    const double said = 4 * static_cast<double>(e.spec.method.r) * static_cast<double>(e.shape.hidden);
    const auto trained = static_cast<double>(*e.trainable_parameters);
    return fmt::format(
        "rank x hidden x 2 is {}, and its example says 1 GB; these {} parameters take {} with gradients "
        "and AdamW",
        gigabytes(said), human_count(static_cast<std::uint64_t>(trained)), gigabytes(16 * trained));
}

Text lora_layer(const Estimate& e) {
    if (full(e) || !e.trainable_parameters || e.shape.layers == 0) return {};
    return fmt::format("\"65K of 16.8M a layer\" is a matrix, not a layer: here {} train in each of {} layers",
                       human_count(static_cast<std::uint64_t>(*e.trainable_parameters / e.shape.layers)),
                       e.shape.layers);
}

Text lora_range(const Estimate& e) {
    if (full(e) || quantised(e) || !about(e, 6.5, 7.7)) return {};
    if (e.spec.training.gradient_checkpointing || tokens(e) <= 1024) return {};
    return fmt::format("16-24 GB hold up to 1,024 tokens or with checkpointing; {} tokens without need {}",
                       grouped(static_cast<std::int64_t>(tokens(e))), gigabytes(static_cast<double>(e.step->active)));
}

Text qlora_range(const Estimate& e) {
    if (!quantised(e) || !about(e, 6.5, 7.7)) return {};
    return fmt::format("6-12 GB is the least; {} tokens need {}", grouped(static_cast<std::int64_t>(tokens(e))),
                       gigabytes(static_cast<double>(e.step->active)));
}

Text host_memory(const Estimate& e) {
    if (!quantised(e) || parameters(e) < 60e9) return {};
    return fmt::format(
        "its 48Gi are memory of the container, not of the GPU: loading {} of 16-bit weights within them "
        "takes a reader of one shard at a time, and the GPU needs {}",
        gigabytes(2 * parameters(e)), gigabytes(static_cast<double>(e.step->active)));
}

Text more_gpus(const Estimate& e) {
    if (full(e) || gpus(e) < 2 || !e.wanted || !e.wanted->fits) return {};
    return fmt::format("{} GPUs for what one {} holds: more of them make it faster, not possible", gpus(e),
                       e.wanted->gpu.id);
}

Text unsharded(const Estimate& e) {
    if (!full(e) || gpus(e) < 2 || !e.wanted || e.wanted->fits) return {};
    return fmt::format(
        "{} GPUs that each hold the whole model and its optimizer do not help it fit: {} on each, unless "
        "FSDP or ZeRO parts it, as \"2x A100 80GB\" for 7B needs too",
        gpus(e), gigabytes(static_cast<double>(e.step->active)));
}

Text high_rank(const Estimate& e) {
    if (full(e) || parameters(e) < 30e9 || e.spec.method.r < 32 || !e.trainable_parameters) return {};
    return fmt::format("\"+1 GB\" for LoRA is wrong by {:.0f} times at rank {}: {} at 16 B a parameter",
                       16e-9 * static_cast<double>(*e.trainable_parameters), e.spec.method.r,
                       gigabytes(16 * static_cast<double>(*e.trainable_parameters)));
}

Text same_hardware(const Estimate& e) {
    if (parameters(e) < 60e9 || !e.wanted || e.wanted->fits) return {};
    return fmt::format("the table has 70B on the hardware of 7B; {} is short of {}", e.wanted->gpu.id,
                       gigabytes(-static_cast<double>(e.wanted->headroom)));
}

struct Row {
    std::string_view name, section;
    Text (*text)(const Estimate&);
};

constexpr std::array rows{
    Row{"activations-without-bytes", "1.3", activations},
    Row{"adamw-without-master-weights", "1.3", master},
    Row{"full-7b-112-or-98-gb", "1.2, 1.3", full_bytes},
    Row{"gpus-for-lora", "2.2", more_gpus},
    Row{"gradients-in-float32", "1.3", gradients},
    Row{"lora-16-24-gb", "1.2", lora_range},
    Row{"lora-65k-a-layer", "2.1", lora_layer},
    Row{"lora-one-gigabyte", "1.3", lora_formula},
    Row{"lora-rank-above-30b", "8.1", high_rank},
    Row{"no-logits", "1.3", logits},
    Row{"qlora-48gi", "3.1", host_memory},
    Row{"qlora-6-12-gb", "1.2", qlora_range},
    Row{"same-hardware-for-70b", "7.1", same_hardware},
    Row{"several-gpus-without-sharding", "4.1, 7.1", unsharded},
};
static_assert(std::ranges::is_sorted(rows, {}, &Row::name));

}  // namespace

std::vector<HandbookRemark> handbook_remarks(const Estimate& detailed) {
    std::vector<HandbookRemark> remarks;
    for (const Row& row : rows)
        if (const Text text = row.text(detailed)) remarks.push_back({row.name, row.section, *text});
    return remarks;
}

}  // namespace ktrain
