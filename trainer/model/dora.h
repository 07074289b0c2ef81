// DoRA: the rows of an adapted weight have trained lengths. Source: Liu et al. 2024; peft/tuners/lora/dora.py of PEFT.
//
// With V = W + scale * B A and the factors g = magnitude / |V| by row, y = g * (x V^T) + bias. The lengths |V| count as
// constants in the backward pass. Where dropout makes d(x) of x, it is y = x W^T + (g - 1) * d(x) W^T + g * scale *
// d(x) A^T B^T + bias.
#pragma once

#include "trainer/model/linear.h"

namespace ktrain::trainer {

// Sets the magnitudes of a new adapter to the lengths of the rows of W + scale * B A.
void start_magnitudes(const Linear& linear);

// `y_NO`, the adapter's part of x W^T without bias, becomes that of y without bias. `dropped_NI`: d(x); undefined when
// nothing is dropped. `saved` has low_NR = d(x) A^T and gets the rest.
void dora_forward(const LinearAlgebra& algebra, const Linear& linear, const Adapter& adapter,
                  const at::Tensor& dropped_NI, const at::Tensor& y_NO, AdapterSaved& saved);

// Adds to the gradients of the magnitudes. Returns dy with the part of each adapter multiplied by its factors.
at::Tensor dora_backward(const Linear& linear, const LinearSaved& saved, const at::Tensor& dy_NO);

}  // namespace ktrain::trainer
