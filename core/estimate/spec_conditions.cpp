// What ktrain's trainer, or Python's, makes of the fields of a spec.
#include "core/estimate/spec_conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/estimate/gpus.h"
#include "core/estimate/spec_method.h"
#include "core/estimate/spec_objective.h"
#include "core/estimate/spec_parallel.h"
#include "core/model/score_head.h"
#include "core/spec/objectives.h"

namespace ktrain {

std::int64_t counted_length(const TrainingSpec& spec, const ModelShape& shape) {
    const std::int64_t wanted = spec.objective.max_length;
    if (shape.max_positions == 0 || wanted <= shape.max_positions) return wanted;
    if (wanted == ObjectiveSpec{}.max_length) return shape.max_positions;
    throw Error(ErrorKind::input,
                fmt::format("a sequence of {} tokens is longer than the {} positions of {}", wanted,
                            shape.max_positions, shape.name),
                {"", 0, 0, "objective.max_length"}, fmt::format("write at most {}", shape.max_positions));
}

namespace {

// Learned tokens take positions like those of the text.
void check_prompt(const TrainingSpec& spec, const Conditions& c) {
    const std::int64_t most = c.shape.max_positions;
    if (c.added_tokens == 0 || most == 0 || c.length + c.added_tokens <= most) return;
    if (spec.objective.max_length > most) return;  // cut to what there is
    throw Error(ErrorKind::input,
                fmt::format("{} tokens and {} virtual ones are more than the {} positions of {}", c.length,
                            c.added_tokens, most, c.shape.name),
                {"", 0, 0, "objective.max_length"}, fmt::format("write at most {}", most - c.added_tokens));
}

}  // namespace

void set_batches(const TrainingSpec& spec, Conditions& c) {
    c.micro_batch = spec.training.per_device_train_batch_size;
    c.accumulation = spec.training.gradient_accumulation_steps;
    c.recompute = spec.training.gradient_checkpointing ? Recompute::full : Recompute::none;
    set_types(spec, c);
    set_parallel(spec, c);
}

Conditions conditions_of(const TrainingSpec& spec, const ModelShape& shape, std::string_view framework,
                         std::int64_t other) {
    Conditions c;
    c.shape = spec::scores_texts(spec.objective.type) ? with_score_head(shape, std::max<std::int64_t>(shape.labels, 1))
                                                      : shape;
    c.framework = &find_framework(framework);
    set_method(spec, c.shape, c);
    c.length = counted_length(spec, shape);
    check_prompt(spec, c);
    c.varying_lengths = !spec.objective.packing && !c.framework->own_kernels;
    set_objective(spec, c);
    set_other(other, c);
    set_batches(spec, c);
    if (!spec.resources.gpu.empty()) c.gpu_memory = find_gpu(spec.resources.gpu).memory;
    return c;
}

bool needs_bfloat16(const TrainingSpec& spec) {
    return spec.training.bf16 || spec.model.dtype == "bfloat16";
}

}  // namespace ktrain
