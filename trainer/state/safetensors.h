// The safetensors format: tensors by name behind a JSON header.
// Source: the README and safetensors/src/tensor.rs of github.com/huggingface/safetensors.
#pragma once

#include <string>
#include <string_view>

#include "trainer/state/checkpoint.h"
#include "trainer/state/safetensors_header.h"
#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

// A file of the bytes below, which stay where the tensors have them.
CheckpointFile safetensors_file(std::string name, const NamedTensors& tensors);

// The bytes that Hugging Face's writer makes from the same tensors: largest type first, then by name, header padded to
// a multiple of 8, metadata {"format": "pt"}. Errors: Error{bug} for a type without a safetensors name.
std::string encode_safetensors(const NamedTensors& tensors);

// The type of libtorch that an entry has.
at::ScalarType scalar_type_of(const SafetensorsEntry& entry);

// The tensors in the order of their data, which they share: to be read only, while `bytes` are there. Errors: those of
// parse_safetensors.
NamedTensors map_safetensors(std::string_view bytes, const std::string& file);

// The tensors in the order of their data; they own their memory. Errors: those of parse_safetensors.
NamedTensors decode_safetensors(std::string_view bytes, const std::string& file);

}  // namespace ktrain::trainer
