// GPU memory by the formulas of the handbook's section 1.3 (profile "docs"): a rule of thumb, reproducible to the byte.
//
//   weights      parameters x precision (2 B)         gradients    parameters x 4 B
//   optimizer    parameters x 8 B (AdamW)             activations  batch x seq x hidden x layers
//   LoRA         base weights + rank x hidden x 2
// The handbook names no bytes for activations, adapters and other optimizers than AdamW, and no formula for QLoRA:
// estimate() says what was taken.
#pragma once

#include "core/estimate/memory.h"
#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

// Bits in which the frozen or trained weights are held: 4 and 8 quantised, else by model.dtype.
// Errors: Error{input} for quantised weights with method.type full.
int weight_bits(const TrainingSpec& spec);

// Whether the handbook says what the method of the spec takes: of training all weights, LoRA and QLoRA it does.
bool has_handbook_formula(const TrainingSpec& spec);

// Memory of one GPU when every GPU holds everything.
// Errors: Error{input} when the shape cannot answer (LoRA of a bare parameter count) or the numbers are too large.
MemoryBreakdown handbook_memory(const TrainingSpec& spec, const ModelShape& shape);

}  // namespace ktrain
