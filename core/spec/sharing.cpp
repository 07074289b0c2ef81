// The conditions that sharing among GPUs must keep.
#include "core/spec/sharing.h"

#include <algorithm>

#include "core/spec/methods.h"

namespace ktrain::spec {

std::int64_t gpus_of_job(const TrainingSpec& spec) {
    return std::max<std::int64_t>(1, spec.resources.nodes) * std::max<std::int64_t>(1, spec.resources.gpus_per_node);
}

bool is_sharded(const ParallelSpec& parallel) {
    return !parallel.strategy.empty() && parallel.strategy != "ddp";
}

bool shares_weights(const ParallelSpec& parallel) {
    return parallel.strategy == "zero3" || parallel.strategy == "fsdp";
}

bool shares_work(const ParallelSpec& parallel) {
    return is_sharded(parallel) || gpus_of_copy(parallel) * parallel.ep_size > 1;
}

std::int64_t gpus_of_copy(const ParallelSpec& parallel) {
    return parallel.tp_size * parallel.pp_size * parallel.cp_size;
}

std::int64_t gpus_that_share(const TrainingSpec& spec) {
    return gpus_of_job(spec) / gpus_of_copy(spec.parallel) * spec.parallel.cp_size;
}

bool divides_evenly(const TrainingSpec& spec) {
    return gpus_of_job(spec) % gpus_of_copy(spec.parallel) == 0;
}

bool divides_experts(const TrainingSpec& spec) {
    return !divides_evenly(spec) || gpus_that_share(spec) % spec.parallel.ep_size == 0;
}

bool has_something_to_share(const TrainingSpec& spec) {
    const ParallelSpec& parallel = spec.parallel;
    const bool offloads = parallel.offload_optimizer || parallel.offload_param;
    return !is_sharded(parallel) || offloads || gpus_of_job(spec) / (parallel.tp_size * parallel.pp_size) > 1;
}

bool offloads_shares_alone(const ParallelSpec& parallel) {
    return (!parallel.offload_param || shares_weights(parallel)) &&
           (!parallel.offload_optimizer || is_sharded(parallel));
}

bool offloads_together(const ParallelSpec& parallel) {
    return parallel.strategy != "fsdp" || parallel.offload_optimizer == parallel.offload_param;
}

bool can_have_pipeline(const ParallelSpec& parallel) {
    return parallel.pp_size == 1 || (parallel.strategy != "zero2" && parallel.strategy != "zero3");
}

bool can_checkpoint(const TrainingSpec& spec) {
    const MethodRow* method = find_method(spec.method.type);
    return !spec.training.gradient_checkpointing || method == nullptr || method->checkpointing;
}

bool go_together(const TrainingSpec& spec) {
    const ParallelSpec& parallel = spec.parallel;
    return divides_evenly(spec) && divides_experts(spec) && has_something_to_share(spec) &&
           offloads_shares_alone(parallel) && offloads_together(parallel) && can_have_pipeline(parallel) &&
           can_checkpoint(spec);
}

}  // namespace ktrain::spec
