// The header of a GGUF file, read strictly and no further than it goes: metadata and tensors.
// Source: docs/gguf.md of github.com/ggml-org/ggml, versions 2 and 3.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/weight_shape.h"

namespace ktrain {

// A file that is read where it is needed. Errors of `read`: those of Files::read_part.
struct PartedFile {
    std::string name;  // for messages
    std::uint64_t size = 0;
    std::function<std::string(std::uint64_t offset, std::uint64_t count)> read;
};

struct GgufValue {
    std::int64_t number = 0;                  // of whole numbers and truth values; of an array, the largest
    std::optional<std::int64_t> length = {};  // of an array
    std::string text = {};                    // of a string that is not long
};

struct Gguf {
    std::map<std::string, GgufValue, std::less<>> metadata;
    std::vector<WeightTensor> tensors;  // shapes row-major, as in other files: [out, in]
    std::uint64_t bytes = 0;            // of the tensors whose type is known

    std::int64_t number(std::string_view key, std::int64_t fallback = 0) const;
    std::string text(std::string_view key) const;
};

// Errors: Error{input} naming the file for another format, another version, big-endian numbers, keys or tensors that
// are there twice, arrays in arrays, more of anything than models have, tensors that reach beyond the file's end, and a
// file that ends early.
Gguf parse_gguf(const PartedFile& file);

// What a header says of a model. Sizes, heads and windows are those of the metadata, the rest follows from the tensors
// as in shape_of_weights. Errors: as shape_of_weights; Error{input} for sizes that no model has.
ModelShape shape_of_gguf(const Gguf& gguf, const std::string& file);

}  // namespace ktrain
