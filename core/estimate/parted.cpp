// The memory of a step under FSDP, for jobs that are not sharded.
#include "core/estimate/parted.h"

#include "core/estimate/spec_conditions.h"

namespace ktrain {

bool is_whole_on_each(const Estimate& estimate) {
    const TrainingSpec& spec = estimate.spec;
    return spec.method.type == "full" && spec::gpus_of_job(spec) > 1 && !spec::shares_work(spec.parallel);
}

bool has_reference_beside_adapters(const TrainingSpec& spec) {
    const ObjectiveSpec& objective = spec.objective;
    return spec.method.type != "full" && (objective.type == "dpo" || objective.type == "kto") &&
           !objective.ref_model_name_or_path.empty() && !objective.precompute_ref_log_probs;
}

std::optional<StepMemory> parted_over(const Estimate& estimate, std::int64_t gpus) {
    if (estimate.shape.hidden == 0) return std::nullopt;
    Conditions conditions = conditions_of(estimate.spec, estimate.shape, estimate.framework);
    conditions.sharding = Sharding::fsdp;
    conditions.degrees = {.data = gpus};
    return step_memory(conditions);
}

}  // namespace ktrain
