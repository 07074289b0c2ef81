// Strict reading of safetensors headers.
#include "core/model/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

using Types = std::span<const SafetensorsType>;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw Error(ErrorKind::input, fmt::format("{} is no valid safetensors file: {}", file, what), {file, 0, 0, ""},
                "copy the file again, or use an older checkpoint");
}

std::uint64_t offset_at(const Json& offsets, std::size_t index, const std::string& name, const std::string& file) {
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[index].is_number_unsigned())
        refuse(file, fmt::format("tensor {} has no two data_offsets", name));
    return offsets[index].get<std::uint64_t>();
}

// One tensor of the header, with the place that it claims.
SafetensorsTensor parse_tensor(const std::string& key, const Json& value, Types types, const std::string& file) {
    static const Json nothing;
    const std::string name = printable(key);
    const auto member = [&](const char* part) -> const Json& { return value.contains(part) ? value[part] : nothing; };
    if (!value.is_object()) refuse(file, fmt::format("the entry of {} is no object", name));
    const auto type = std::ranges::find(types, string_or(value, "dtype"), &SafetensorsType::name);
    if (type == types.end())
        refuse(file, fmt::format("tensor {} has the unknown type \"{}\"", name, printable(string_or(value, "dtype"))));
    SafetensorsTensor tensor{key, static_cast<std::size_t>(type - types.begin()), {}, 0, 0};
    auto reach = static_cast<std::int64_t>(type->bytes);  // as if no dimension were 0
    bool is_empty = false;
    if (!member("shape").is_array()) refuse(file, fmt::format("tensor {} has no shape", name));
    for (const auto& size : member("shape")) {
        if (!size.is_number_unsigned() ||
            __builtin_mul_overflow(reach, std::max<std::uint64_t>(size.get<std::uint64_t>(), 1), &reach))
            refuse(file, fmt::format("tensor {} has an impossible shape", name));
        is_empty = is_empty || size == 0;
        tensor.shape.push_back(size.get<std::int64_t>());
    }
    const std::uint64_t bytes = is_empty ? 0 : static_cast<std::uint64_t>(reach);
    tensor.begin = offset_at(member("data_offsets"), 0, name, file);
    tensor.end = offset_at(member("data_offsets"), 1, name, file);
    if (tensor.end < tensor.begin || tensor.end - tensor.begin != bytes)
        refuse(file, fmt::format("tensor {} needs {} bytes, its data_offsets are {} to {}", name, bytes, tensor.begin,
                                 tensor.end));
    return tensor;
}

}  // namespace

std::uint64_t safetensors_header_length(std::string_view bytes, std::uint64_t size, const std::string& file,
                                        std::uint64_t most) {
    if (bytes.size() < 8) refuse(file, fmt::format("it has {} bytes", bytes.size()));
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
    if (length > most || length > size - 8) refuse(file, fmt::format("a header of {} bytes does not fit", length));
    return length;
}

std::vector<SafetensorsTensor> parse_safetensors_header(std::string_view header, std::uint64_t data_bytes, Types types,
                                                        const std::string& file) {
    const Json json = parse_json(header, file);
    if (!json.is_object()) refuse(file, "the header is no object");
    std::vector<SafetensorsTensor> tensors;
    for (const auto& [name, value] : json.items())
        if (name != "__metadata__") tensors.push_back(parse_tensor(name, value, types, file));
    std::ranges::sort(tensors, {}, [](const SafetensorsTensor& tensor) { return std::pair(tensor.begin, tensor.end); });
    std::uint64_t at = 0;
    for (const auto& tensor : tensors) {
        if (tensor.begin != at)
            refuse(file, fmt::format("tensor {} begins at {}, not at {}", printable(tensor.name), tensor.begin, at));
        at = tensor.end;
    }
    if (at != data_bytes)
        refuse(file, fmt::format("the header describes {} bytes of data, there are {}", at, data_bytes));
    return tensors;
}

}  // namespace ktrain
