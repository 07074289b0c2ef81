// What a spec asks for, held against what was estimated that it needs.
#include <fmt/format.h>

#include "core/estimate/amount_text.h"
#include "core/plan/checks.h"
#include "core/spec/pod_folders.h"
#include "core/spec/read.h"

namespace ktrain {
namespace {

using spec::warning;

constexpr const char* see = "see what would: ktrain estimate FILE";

void check_gpu(const Estimate& estimate, Diagnostics& warnings) {
    if (estimate.spec.resources.gpus_per_node == 0 || estimate.shape.family == "simple_cnn" || !estimate.wanted ||
        estimate.wanted->fits)
        return;
    const Gpu& gpu = estimate.wanted->gpu;
    warnings.push_back(warning("resources.gpu",
                               fmt::format("{} has {}, and the training is estimated to need {} on each", gpu.id,
                                           gib(gpu.memory), gib(estimate.needed)),
                               see));
}

void check_memory(const Estimate& estimate, const PodNeeds& needs, Diagnostics& warnings) {
    const std::string shortage = memory_shortage(estimate.spec, needs);
    if (!shortage.empty())
        warnings.push_back(warning("resources.memory", shortage, "leave it out: the plan takes what is estimated"));
}

void check_disk(const Estimate& estimate, const PodNeeds& needs, Diagnostics& warnings) {
    const TrainingSpec& spec = estimate.spec;
    const VolumeSpec* volume = volume_of(spec, spec.output_dir);
    if (volume == nullptr || spec.checkpoint.save_strategy == "no") return;
    const auto size = Quantity::parse(volume->size);  // empty: the claim is there already
    if (!size || *size >= Quantity::of_units(needs.disk())) return;
    const auto number = static_cast<std::size_t>(volume - spec.cluster.volumes.data());
    const std::string kept = needs.checkpoints > 0
                                 ? fmt::format("{} checkpoints of {}, one that is being written and the model",
                                               needs.checkpoints, gib(needs.checkpoint.total()))
                                 : fmt::format("two checkpoints of {} and the model", gib(needs.checkpoint.total()));
    warnings.push_back(warning(join_path("cluster.volumes", number) + ".size",
                               fmt::format("{} is less than the {} of {}", volume->size, gib(needs.disk()), kept),
                               needs.checkpoints > 0 ? "raise it, or lower checkpoint.save_total_limit"
                                                     : "raise it, and set checkpoint.save_total_limit: all are kept"));
}

}  // namespace

Diagnostics need_warnings(const Estimate& estimate, const PodNeeds& needs) {
    Diagnostics warnings;
    check_gpu(estimate, warnings);
    check_memory(estimate, needs, warnings);
    check_disk(estimate, needs, warnings);
    return warnings;
}

}  // namespace ktrain
