// Rules between the fields that say how several GPUs share the work.
#include <fmt/format.h>

#include "core/spec/rules.h"
#include "core/spec/sharing.h"

namespace ktrain::spec {

void rule_degrees(const TrainingSpec& spec, Report& report) {
    const ParallelSpec& parallel = spec.parallel;
    const std::int64_t gpus = gpus_of_job(spec), sharing = gpus_that_share(spec);
    if (!divides_evenly(spec))
        report.error("parallel",
                     fmt::format("tp_size x pp_size x cp_size is {}, which does not divide the {} GPU{} of the job",
                                 gpus_of_copy(parallel), gpus, gpus == 1 ? "" : "s"),
                     "change them, or resources.nodes and resources.gpus_per_node");
    else if (!divides_experts(spec))
        report.error("parallel.ep_size",
                     fmt::format("ep_size is {}, which does not divide the {} GPUs that see other tokens",
                                 parallel.ep_size, sharing),
                     fmt::format("write a divisor of {}", sharing));
}

void rule_shards(const TrainingSpec& spec, Report& report) {
    if (has_something_to_share(spec)) return;
    report.error("parallel.strategy",
                 fmt::format("{} has one GPU, and nothing to share among several", spec.parallel.strategy),
                 fmt::format("set resources.gpus_per_node, offload_optimizer{}: true, or leave the strategy out",
                             spec.parallel.strategy == "fsdp" ? " and offload_param" : ""));
}

void rule_offload(const TrainingSpec& spec, Report& report) {
    const ParallelSpec& parallel = spec.parallel;
    if (offloads_shares_alone(parallel)) return;
    if (parallel.offload_param && !shares_weights(parallel))
        report.error("parallel.offload_param", "weights that every GPU holds whole are not offloaded",
                     "write strategy: fsdp, or zero3");
    else
        report.error("parallel.offload_optimizer", "states that every GPU holds whole are not offloaded",
                     "write strategy: zero2, or another that shares them");
}

void rule_fsdp_offload(const TrainingSpec& spec, Report& report) {
    const ParallelSpec& parallel = spec.parallel;
    if (offloads_together(parallel)) return;
    const bool states = parallel.offload_optimizer;
    report.error(states ? "parallel.offload_optimizer" : "parallel.offload_param",
                 "fsdp moves weights and states to the host together, not one of them",
                 fmt::format("write {}: true too, or strategy: zero3", states ? "offload_param" : "offload_optimizer"));
}

void rule_pipeline(const TrainingSpec& spec, Report& report) {
    if (can_have_pipeline(spec.parallel)) return;
    report.error("parallel.strategy",
                 fmt::format("{} shares gradients, which a pipeline adds up over its batches: DeepSpeed has no such "
                             "training",
                             spec.parallel.strategy),
                 "write strategy: zero1, or pp_size: 1");
}

void rule_teacher(const TrainingSpec& spec, Report& report) {
    if (spec.objective.type == "distillation" && spec.objective.teacher_model_name_or_path.empty())
        report.error("objective.teacher_model_name_or_path", "there is no model to learn from",
                     "name one: teacher_model_name_or_path: llama-3.1-70b");
}

}  // namespace ktrain::spec
