// Rules between the fields that say how several GPUs share the work.
#include <fmt/format.h>

#include <algorithm>

#include "core/spec/rules.h"

namespace ktrain::spec {
namespace {

std::int64_t gpus_of(const TrainingSpec& spec) {
    return spec.resources.nodes * std::max<std::int64_t>(1, spec.resources.gpus_per_node);
}

bool is_sharded(const ParallelSpec& parallel) {
    return !parallel.strategy.empty() && parallel.strategy != "ddp";
}

bool shares_weights(const ParallelSpec& parallel) {
    return parallel.strategy == "zero3" || parallel.strategy == "fsdp";
}

}  // namespace

void rule_degrees(const TrainingSpec& spec, Report& report) {
    const ParallelSpec& parallel = spec.parallel;
    const std::int64_t gpus = gpus_of(spec), copy = parallel.tp_size * parallel.pp_size * parallel.cp_size;
    if (gpus % copy != 0) {
        report.error("parallel",
                     fmt::format("tp_size x pp_size x cp_size is {}, which does not divide the {} GPU{} of the job",
                                 copy, gpus, gpus == 1 ? "" : "s"),
                     "change them, or resources.nodes and resources.gpus_per_node");
        return;
    }
    const std::int64_t sharing = gpus / copy * parallel.cp_size;
    if (sharing % parallel.ep_size != 0)
        report.error("parallel.ep_size",
                     fmt::format("ep_size is {}, which does not divide the {} GPUs that see other tokens",
                                 parallel.ep_size, sharing),
                     fmt::format("write a divisor of {}", sharing));
}

void rule_shards(const TrainingSpec& spec, Report& report) {
    const ParallelSpec& parallel = spec.parallel;
    const std::int64_t sharing = gpus_of(spec) / (parallel.tp_size * parallel.pp_size);
    if (!is_sharded(parallel) || parallel.offload_optimizer || sharing > 1) return;
    report.error("parallel.strategy",
                 fmt::format("{} has one GPU, and nothing to share among several", parallel.strategy),
                 "set resources.gpus_per_node, offload_optimizer: true, or leave the strategy out");
}

void rule_offload(const TrainingSpec& spec, Report& report) {
    const ParallelSpec& parallel = spec.parallel;
    if (parallel.offload_param && !shares_weights(parallel))
        report.error("parallel.offload_param", "weights that every GPU holds whole are not offloaded",
                     "write strategy: fsdp, or zero3");
    else if (parallel.offload_optimizer && !is_sharded(parallel))
        report.error("parallel.offload_optimizer", "states that every GPU holds whole are not offloaded",
                     "write strategy: zero2, or another that shares them");
}

void rule_teacher(const TrainingSpec& spec, Report& report) {
    if (spec.objective.type == "distillation" && spec.objective.teacher_model_name_or_path.empty())
        report.error("objective.teacher_model_name_or_path", "there is no model to learn from",
                     "name one: teacher_model_name_or_path: llama-3.1-70b");
}

}  // namespace ktrain::spec
