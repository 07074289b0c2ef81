// Lines for what lies in the memory of a node and on its disks.
#include "core/estimate/pod_needs.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/estimate/checkpoint_files.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/count.h"

namespace ktrain {
namespace {

constexpr std::int64_t mib = std::int64_t{1} << 20;
constexpr std::int64_t gib = std::int64_t{1} << 30;

constexpr std::int64_t cpu_process = 512 * mib;  // a run of a tiny model takes 147 MiB; the rest is for its data
constexpr std::int64_t gpu_process = 3 * gib;    // CUDA's libraries and the host side of a context as well
constexpr std::int64_t shm_default = 64 * mib;   // Docker's own
constexpr std::int64_t shm_nccl = gib;           // NCCL's guide: docker run --shm-size=1g
constexpr std::int64_t batches_ahead = 2;        // of each thread that prepares them

// simple_cnn is trained by one process on the CPU, whatever GPUs its pod has.
bool on_gpus(const Estimate& e) {
    return e.spec.resources.gpus_per_node > 0 && e.shape.family != "simple_cnn";
}

std::int64_t processes(const Estimate& e) {
    return on_gpus(e) ? e.spec.resources.gpus_per_node : 1;
}

// Of one batch: identifiers, labels and lengths of tokens, or pixels in float32.
std::int64_t batch_bytes(const Estimate& e) {
    const std::int64_t batch = e.spec.training.per_device_train_batch_size;
    if (e.shape.family == "simple_cnn") return product({batch, e.shape.input_channels, 32, 32, 4});
    return product({batch, counted_length(e.spec, e.shape), 12});
}

// Every process has its threads, and the step's own batch.
std::int64_t batches(const Estimate& e) {
    return product({processes(e), sum({product({e.spec.training.dataloader_num_workers, batches_ahead}), 1})});
}

MemoryBreakdown shm_of(const Estimate& e) {
    MemoryBreakdown shm;
    shm.lines.push_back({"base", shm_default, "64 MiB", "Docker's default"});
    if (processes(e) > 1)
        shm.lines.push_back({"collectives", shm_nccl, "1 GiB where GPUs of a pod work together", "NCCL user guide"});
    if (e.spec.training.dataloader_num_workers > 0)
        shm.lines.push_back({"batches", product({batches(e), batch_bytes(e)}),
                             fmt::format("{} batches x {} B", batches(e), grouped(batch_bytes(e))),
                             "docs/estimate.md"});
    return shm;
}

// Weights are read one tensor at a time, and turned into the type that they are held in.
std::int64_t largest_tensor(const Estimate& e) {
    const std::int64_t widest = std::max({e.shape.vocab, e.shape.ffn, e.shape.expert_ffn * e.shape.experts});
    return product({2, widest, e.shape.hidden, e.spec.model.dtype == "float32" ? 4 : 2});
}

MemoryBreakdown memory_of(const Estimate& e, const PodNeeds& needs) {
    MemoryBreakdown memory;
    const std::int64_t count = processes(e);
    const std::int64_t process = on_gpus(e) ? gpu_process : cpu_process;
    memory.lines.push_back({"processes", product({count, process}),
                            fmt::format("{} x {}", count, human_gib(static_cast<std::uint64_t>(process))), "assumed"});
    if (on_gpus(e))
        memory.lines.push_back({"loading", product({count, largest_tensor(e)}),
                                fmt::format("{} x the largest tensor, twice", count), "trainer/model"});
    else
        memory.lines.push_back({"training", e.step->active, "what a GPU would hold", "ktrain estimate"});
    if (e.step->host > 0)
        memory.lines.push_back({"offloaded", e.step->host,
                                "states and weights that parallel offloads, pinned buffers "
                                "included",
                                "DeepSpeed"});
    if (e.spec.checkpoint.async_save && e.spec.checkpoint.save_strategy != "no")
        memory.lines.push_back(
            {"checkpoint", needs.checkpoint.total(), "a copy that is written meanwhile", "checkpoint.async_save"});
    memory.lines.push_back({"batches", product({batches(e), batch_bytes(e)}),
                            fmt::format("{} batches x {} B", batches(e), grouped(batch_bytes(e))),
                            "training.dataloader_num_workers"});
    memory.lines.push_back({"/dev/shm", needs.shm.total(), "counts against the memory of the pod", "Kubernetes"});
    return memory;
}

std::int64_t up_to(std::int64_t bytes, std::int64_t unit) {
    return product({sum({bytes, unit - 1}) / unit, unit});
}

}  // namespace

std::int64_t PodNeeds::recommended_memory() const {
    const std::int64_t total = memory.total();
    return std::max(least, up_to(sum({total, total / 5}), gib));
}

std::int64_t PodNeeds::recommended_shm() const {
    return up_to(shm.total(), mib);
}

std::int64_t PodNeeds::disk() const {
    const std::int64_t kept = checkpoints > 0 ? sum({checkpoints, 1}) : 2;
    return sum({product({kept, checkpoint.total()}), finished});
}

PodNeeds pod_needs(const Estimate& estimate) {
    PodNeeds needs;
    const TrainingSpec& spec = estimate.spec;
    needs.shm = shm_of(estimate);
    needs.checkpoint = checkpoint_files(spec, estimate.shape, estimate.trainable_parameters);
    needs.finished = needs.checkpoint.lines.front().bytes;
    needs.checkpoints = spec.checkpoint.save_total_limit;
    // The best one may be none of the newest.
    if (needs.checkpoints > 0 && spec.training.load_best_model_at_end) ++needs.checkpoints;
    needs.memory = memory_of(estimate, needs);
    return needs;
}

std::string memory_shortage(const TrainingSpec& spec, const PodNeeds& needs) {
    const auto said = Quantity::parse(spec.resources.memory);
    const std::int64_t total = needs.memory.total();
    if (!said || *said >= Quantity::of_units(total)) return "";
    return fmt::format("{} is less than the {} that each pod is estimated to need", spec.resources.memory,
                       human_gib(static_cast<std::uint64_t>(total)));
}

}  // namespace ktrain
