// Tensors from and to safetensors.
#include "trainer/state/safetensors.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ktrain::trainer {
namespace {

// The rows of safetensors_types.
constexpr std::array<at::ScalarType, safetensors_types.size()> scalar_types{
    at::kBool,     at::kByte, at::kChar,  at::kShort,  at::kHalf,
    at::kBFloat16, at::kInt,  at::kFloat, at::kDouble, at::kLong};

std::size_t rank_of(at::ScalarType type) {
    const auto row = std::ranges::find(scalar_types, type);
    if (row == scalar_types.end()) throw Error(ErrorKind::bug, "safetensors cannot hold a tensor of this type");
    return static_cast<std::size_t>(row - scalar_types.begin());
}

}  // namespace

CheckpointFile safetensors_file(std::string name, const NamedTensors& tensors) {
    const auto sorted = std::make_shared<NamedTensors>();
    for (const auto& tensor : tensors) sorted->push_back({tensor.name, tensor.value.detach().contiguous()});
    std::ranges::sort(*sorted, {}, [](const NamedTensor& tensor) {
        return std::pair(scalar_types.size() - rank_of(tensor.value.scalar_type()), std::string_view(tensor.name));
    });
    Json header = {{"__metadata__", {{"format", "pt"}}}};
    CheckpointFile file{std::move(name), std::string(8, '\0')};
    std::uint64_t at = 0;
    for (const auto& [tensor, value] : *sorted) {
        const std::uint64_t end = at + value.nbytes();
        header[tensor] = {{"dtype", safetensors_types[rank_of(value.scalar_type())].name},
                          {"shape", value.sizes().vec()},
                          {"data_offsets", {at, end}}};
        at = end;
        file.memory.emplace_back(static_cast<const char*>(value.const_data_ptr()), value.nbytes());
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    for (std::size_t i = 0; i < 8; ++i) file.text[i] = static_cast<char>(text.size() >> 8 * i & 0xFF);
    file.text += text;
    file.owner = sorted;
    return file;
}

std::string encode_safetensors(const NamedTensors& tensors) {
    const CheckpointFile file = safetensors_file("", tensors);
    std::string bytes;
    for (const std::string_view piece : file.pieces()) bytes += piece;
    return bytes;
}

at::ScalarType scalar_type_of(const SafetensorsEntry& entry) {
    return scalar_types[entry.type];
}

NamedTensors map_safetensors(std::string_view bytes, const std::string& file) {
    NamedTensors tensors;
    for (const auto& entry : parse_safetensors(bytes, file)) {
        void* data = const_cast<char*>(entry.data.data());  // there is no tensor of constant memory
        tensors.push_back({entry.name, at::from_blob(data, entry.shape, at::TensorOptions(scalar_type_of(entry)))});
    }
    return tensors;
}

NamedTensors decode_safetensors(std::string_view bytes, const std::string& file) {
    NamedTensors tensors = map_safetensors(bytes, file);
    for (auto& tensor : tensors) tensor.value = tensor.value.clone();
    return tensors;
}

}  // namespace ktrain::trainer
