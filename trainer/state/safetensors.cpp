// Tensors from and to safetensors.
#include "trainer/state/safetensors.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cstring>

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

std::string encode_safetensors(const NamedTensors& tensors) {
    std::vector<NamedTensor> sorted;
    for (const auto& tensor : tensors) sorted.push_back({tensor.name, tensor.value.detach().contiguous()});
    std::ranges::sort(sorted, {}, [](const NamedTensor& tensor) {
        return std::pair(scalar_types.size() - rank_of(tensor.value.scalar_type()), std::string_view(tensor.name));
    });
    Json header = {{"__metadata__", {{"format", "pt"}}}};
    std::uint64_t at = 0;
    for (const auto& [name, value] : sorted) {
        const std::uint64_t end = at + value.nbytes();
        header[name] = {{"dtype", safetensors_types[rank_of(value.scalar_type())].name},
                        {"shape", value.sizes().vec()},
                        {"data_offsets", {at, end}}};
        at = end;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::string bytes;
    bytes.reserve(8 + text.size() + at);
    for (std::uint64_t length = text.size(), i = 0; i < 8; ++i) bytes += static_cast<char>(length >> 8 * i & 0xFF);
    bytes += text;
    for (const auto& tensor : sorted)
        bytes.append(static_cast<const char*>(tensor.value.const_data_ptr()), tensor.value.nbytes());
    return bytes;
}

at::ScalarType scalar_type_of(const SafetensorsEntry& entry) {
    return scalar_types[entry.type];
}

NamedTensors decode_safetensors(std::string_view bytes, const std::string& file) {
    NamedTensors tensors;
    for (const auto& entry : parse_safetensors(bytes, file)) {
        at::Tensor value = at::empty(entry.shape, scalar_type_of(entry));
        if (!entry.data.empty()) std::memcpy(value.mutable_data_ptr(), entry.data.data(), entry.data.size());
        tensors.push_back({entry.name, value});
    }
    return tensors;
}

}  // namespace ktrain::trainer
