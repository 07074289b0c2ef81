// Gated activations of an MLP: act(gate) * up, forward and backward, on plain memory.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

enum class Activation { gelu_tanh, silu };  // gelu_tanh: gelu_pytorch_tanh and gelu_new of transformers

// gate_up [rows, 2 * width]: the gates of a row, then its ups. y [rows, width]. T: float or BFloat16.
template <class T>
void gated(Activation activation, const T* gate_up, std::int64_t rows, std::int64_t width, T* y);

// d_gate_up [rows, 2 * width] from dy [rows, width].
template <class T>
void gated_backward(Activation activation, const T* gate_up, const T* dy, std::int64_t rows, std::int64_t width,
                    T* d_gate_up);

}  // namespace ktrain::trainer
