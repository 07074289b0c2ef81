// What a checkpoint writes: weights or adapter, average, and the state of the optimizer.
#pragma once

#include <optional>

#include "core/estimate/memory.h"
#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

// Bytes of the files. Trained weights are held and written in float32. Source: docs/trainer.md, "Checkpoints".
// `trainable`: parameters, where they are known; of a model that trains whole all, else none are taken.
// Errors: Error{input} when the numbers do not fit 63 bits.
MemoryBreakdown checkpoint_files(const TrainingSpec& spec, const ModelShape& shape,
                                 std::optional<std::int64_t> trainable);

}  // namespace ktrain
