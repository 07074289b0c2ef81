// What a job needs on each GPU and which GPUs have it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/estimate/gpus.h"
#include "core/estimate/memory.h"
#include "core/estimate/step_memory.h"
#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

struct Fit {
    Gpu gpu;
    bool fits = false;
    std::int64_t headroom = 0;  // bytes left; negative: bytes missing; 0 when the GPU's memory is not known
};

enum class Profile { detailed, docs };

struct Estimate {
    std::string profile;    // "detailed": component by component; "docs": the handbook's formulas
    std::string framework;  // that trains; a row of conditions.h
    TrainingSpec spec;
    ModelShape shape;
    std::optional<std::int64_t> trainable_parameters;  // empty where the shape does not tell
    MemoryBreakdown memory;                            // of one GPU
    std::optional<StepMemory> step;                    // of profile detailed
    std::int64_t needed = 0;                           // bytes that a GPU must have: the total, or what is recommended
    std::vector<std::string> assumptions;
    std::vector<std::string> warnings;

    std::optional<Fit> wanted;   // for the GPU that was asked for
    std::optional<Gpu> nearest;  // the smallest that fits when `wanted` does not
    std::vector<Fit> fits;       // every GPU of the catalog, by memory
};

// Takes spec.resources.gpu, when set, as the GPU that was asked for. `framework`, of profile detailed: a row of
// conditions.h; `other`: the model that the objective names. Errors: Error{input} for an unknown GPU or one of unknown
// memory, and as handbook_memory and conditions_of.
Estimate estimate(const TrainingSpec& spec, const ModelShape& shape, Profile profile = Profile::detailed,
                  std::string_view framework = "ktrain", const ModelShape* other = nullptr);

// Fills in wanted, nearest and fits from what is needed. Errors: those of estimate() about the GPU.
void judge(Estimate& estimate);

// {profile, inputs, components, total, fits, nearest, assumptions, warnings}; bytes as integers. Profile detailed also
// has {phases, peak_phase, active_bytes, reserved_bytes, outside_bytes, recommended_bytes, host_bytes, margin,
// confidence: {low_bytes, high_bytes, basis}}, and of
// a pipeline {pipeline_stage}.
Json to_json(const Estimate& estimate);

}  // namespace ktrain
