// The limits of the trainers.
#include "core/spec/trainer_limits.h"

#include <fmt/format.h>

#include "core/spec/methods.h"
#include "core/spec/objectives.h"
#include "core/spec/read.h"
#include "core/spec/sharing.h"

namespace ktrain::spec {
namespace {

// What only `ktrain estimate` takes.
void warn_of_estimates(const TrainingSpec& spec, Diagnostics& warnings) {
    if (const MethodRow* method = find_method(spec.method.type); method != nullptr && method->estimate_only)
        warnings.push_back(warning("method.type",
                                   fmt::format("{} can only be estimated: ktrain run does not train it", method->name),
                                   "set method.type: lora, or full"));
    const ObjectiveRow* objective = find_objective(spec.objective.type);
    if (objective != nullptr && objective->estimate_only)
        warnings.push_back(
            warning("objective.type",
                    fmt::format("{} can only be estimated: ktrain run does not train for it", objective->name),
                    "set objective.type: sft"));
    if (spec.quantization.quant_method == "gptq")
        warnings.push_back(warning("quantization.quant_method",
                                   "gptq can only be estimated: ktrain run does not load it", "leave it out"));
    if (shares_work(spec.parallel))
        warnings.push_back(warning(
            "parallel", "sharing of a model among GPUs can only be estimated: ktrain run does not", "leave it out"));
}

}  // namespace

Diagnostics trainer_warnings(const TrainingSpec& spec) {
    Diagnostics warnings;
    warn_of_estimates(spec, warnings);
    if (spec.model.type != "simple_cnn") return warnings;
    if (spec.resources.nodes > 1)
        warnings.push_back(warning("resources.nodes",
                                   fmt::format("simple_cnn is trained in one pod so far: all {} pods will refuse to "
                                               "start",
                                               spec.resources.nodes),
                                   "set resources.nodes: 1"));
    if (spec.resources.gpus_per_node > 0)
        warnings.push_back(warning("resources.gpus_per_node",
                                   "simple_cnn is trained on the CPU so far: the GPUs of its pods stay idle",
                                   "set resources.gpus_per_node: 0"));
    return warnings;
}

}  // namespace ktrain::spec
