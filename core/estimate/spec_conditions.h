// From a spec to what decides its memory.
#pragma once

#include <string_view>

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

// objective.max_length; where that is the default and the model has fewer positions, those. Errors: Error{input} for
// more tokens than the model has positions.
std::int64_t counted_length(const TrainingSpec& spec, const ModelShape& shape);

// `framework`: "ktrain", which is what a spec runs, or another row of the table for the same training in Python.
// Errors: Error{input} for an unknown framework, for quantised weights with method.type full, and as
// trained_parameters, counted_length and set_parallel.
// `other`: parameters of the model that the objective names, a teacher or a reference; 0: none, or one as large.
Conditions conditions_of(const TrainingSpec& spec, const ModelShape& shape, std::string_view framework = "ktrain",
                         std::int64_t other = 0);

// What a spec says of batches, checkpointing and GPUs, but for the card: the part of conditions_of that a search
// changes.
void set_batches(const TrainingSpec& spec, Conditions& conditions);

// Whether a GPU without bfloat16 cannot do the work.
bool needs_bfloat16(const TrainingSpec& spec);

}  // namespace ktrain
