// The tensors of a safetensors file in memory, with their bytes.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/safetensors_header.h"

namespace ktrain::trainer {

// Those that libtorch has; the reference's writer puts later ones first.
inline constexpr std::array<SafetensorsType, 10> safetensors_types{{{"BOOL", 1},
                                                                    {"U8", 1},
                                                                    {"I8", 1},
                                                                    {"I16", 2},
                                                                    {"F16", 2},
                                                                    {"BF16", 2},
                                                                    {"I32", 4},
                                                                    {"F32", 4},
                                                                    {"F64", 8},
                                                                    {"I64", 8}}};

struct SafetensorsEntry {
    std::string name;
    std::size_t type = 0;  // row of safetensors_types
    std::vector<std::int64_t> shape;
    std::string_view data;  // within the file's bytes
};

// The tensors in the order of their data, which leaves no hole and no overlap. `bytes` must outlive the result.
// Errors: Error{input} naming `file` for anything but a whole, well-formed file: header length, JSON, types, shapes,
// offsets.
std::vector<SafetensorsEntry> parse_safetensors(std::string_view bytes, const std::string& file);

}  // namespace ktrain::trainer
