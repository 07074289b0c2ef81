// The header of a safetensors file, read strictly: what tensors there are and where they lie.
// Source: the README and safetensors/src/tensor.rs of github.com/huggingface/safetensors.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

struct SafetensorsType {
    std::string_view name;
    std::uint64_t bytes;  // of an element
};

// The types whose elements are whole bytes, in the order of the reference's Dtype.
inline constexpr std::array<SafetensorsType, 17> all_safetensors_types{{{"BOOL", 1},
                                                                        {"U8", 1},
                                                                        {"I8", 1},
                                                                        {"F8_E5M2", 1},
                                                                        {"F8_E4M3", 1},
                                                                        {"F8_E8M0", 1},
                                                                        {"I16", 2},
                                                                        {"U16", 2},
                                                                        {"F16", 2},
                                                                        {"BF16", 2},
                                                                        {"I32", 4},
                                                                        {"U32", 4},
                                                                        {"F32", 4},
                                                                        {"C64", 8},
                                                                        {"F64", 8},
                                                                        {"I64", 8},
                                                                        {"U64", 8}}};

struct SafetensorsTensor {
    std::string name;
    std::size_t type = 0;  // row of the table of types
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;  // bytes behind the header
};

// The length of the header that begins behind the first 8 bytes. `bytes`: the beginning of the file, `size`: of all of
// it. Errors, here and below: Error{input} naming `file`. Here: a file that is too short for it, or more than `most`.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;  // the limit of the reference implementation
std::uint64_t safetensors_header_length(std::string_view bytes, std::uint64_t size, const std::string& file,
                                        std::uint64_t most = max_safetensors_header);

// The tensors in the order of their data, which leaves no hole and no overlap, and has `data_bytes` in all. `types`:
// those that are allowed. Errors: for anything but a well-formed header that describes a whole file.
std::vector<SafetensorsTensor> parse_safetensors_header(std::string_view header, std::uint64_t data_bytes,
                                                        std::span<const SafetensorsType> types,
                                                        const std::string& file);

}  // namespace ktrain
