// Writing and strict reading of safetensors.
#include "trainer/state/safetensors.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ktrain::trainer {
namespace {

constexpr std::size_t max_header = 100'000'000;  // the limit of the reference implementation

struct TypeName {
    std::string_view name;
    at::ScalarType type;
};

// In the order of the reference's Dtype; its writer puts later ones first.
constexpr std::array<TypeName, 10> types{{{"BOOL", at::kBool},
                                          {"U8", at::kByte},
                                          {"I8", at::kChar},
                                          {"I16", at::kShort},
                                          {"F16", at::kHalf},
                                          {"BF16", at::kBFloat16},
                                          {"I32", at::kInt},
                                          {"F32", at::kFloat},
                                          {"F64", at::kDouble},
                                          {"I64", at::kLong}}};

std::size_t rank_of(at::ScalarType type) {
    const auto row = std::ranges::find(types, type, &TypeName::type);
    if (row == types.end()) throw Error(ErrorKind::bug, "safetensors cannot hold a tensor of this type");
    return static_cast<std::size_t>(row - types.begin());
}

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw Error(ErrorKind::input, fmt::format("{} is no valid safetensors file: {}", file, what), {file, 0, 0, ""},
                "copy the file again, or use an older checkpoint");
}

struct Entry {
    std::string name;
    at::ScalarType type;
    std::vector<std::int64_t> shape;
    std::uint64_t begin, end;
};

std::uint64_t offset_at(const Json& offsets, std::size_t index, const std::string& name, const std::string& file) {
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[index].is_number_unsigned())
        refuse(file, fmt::format("tensor {} has no two data_offsets", name));
    return offsets[index].get<std::uint64_t>();
}

Entry parse_entry(const std::string& name, const Json& value, const std::string& file) {
    static const Json nothing;
    const auto member = [&](const char* key) -> const Json& { return value.contains(key) ? value[key] : nothing; };
    if (!value.is_object()) refuse(file, fmt::format("the entry of {} is no object", name));
    const auto type = std::ranges::find(types, string_or(value, "dtype"), &TypeName::name);
    if (type == types.end())
        refuse(file, fmt::format("tensor {} has the unknown type \"{}\"", name, string_or(value, "dtype")));
    Entry entry{name, type->type, {}, 0, 0};
    std::uint64_t bytes = c10::elementSize(type->type);
    if (!member("shape").is_array()) refuse(file, fmt::format("tensor {} has no shape", name));
    for (const auto& size : member("shape")) {
        if (!size.is_number_unsigned() || size.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max() ||
            __builtin_mul_overflow(bytes, size.get<std::uint64_t>(), &bytes))
            refuse(file, fmt::format("tensor {} has an impossible shape", name));
        entry.shape.push_back(size.get<std::int64_t>());
    }
    entry.begin = offset_at(member("data_offsets"), 0, name, file);
    entry.end = offset_at(member("data_offsets"), 1, name, file);
    if (entry.end < entry.begin || entry.end - entry.begin != bytes)
        refuse(file, fmt::format("tensor {} needs {} bytes, its data_offsets are {} to {}", name, bytes, entry.begin,
                                 entry.end));
    return entry;
}

std::vector<Entry> parse_header(std::string_view header, std::size_t data_size, const std::string& file) {
    const Json json = parse_json(header, file);
    if (!json.is_object()) refuse(file, "the header is no object");
    std::vector<Entry> entries;
    for (const auto& [name, value] : json.items())
        if (name != "__metadata__") entries.push_back(parse_entry(name, value, file));
    std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
    std::uint64_t at = 0;
    for (const auto& entry : entries) {
        if (entry.begin != at)
            refuse(file, fmt::format("tensor {} begins at {}, not at {}", entry.name, entry.begin, at));
        at = entry.end;
    }
    if (at != data_size)
        refuse(file, fmt::format("the header describes {} bytes of data, there are {}", at, data_size));
    return entries;
}

}  // namespace

std::string encode_safetensors(const NamedTensors& tensors) {
    std::vector<NamedTensor> sorted;
    for (const auto& tensor : tensors) sorted.push_back({tensor.name, tensor.value.detach().contiguous()});
    std::ranges::sort(sorted, {}, [](const NamedTensor& tensor) {
        return std::pair(types.size() - rank_of(tensor.value.scalar_type()), std::string_view(tensor.name));
    });
    Json header = {{"__metadata__", {{"format", "pt"}}}};
    std::uint64_t at = 0;
    for (const auto& [name, value] : sorted) {
        const std::uint64_t end = at + value.nbytes();
        header[name] = {{"dtype", types[rank_of(value.scalar_type())].name},
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

NamedTensors decode_safetensors(std::string_view bytes, const std::string& file) {
    if (bytes.size() < 8) refuse(file, fmt::format("it has {} bytes", bytes.size()));
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
    if (length > max_header || length > bytes.size() - 8)
        refuse(file, fmt::format("a header of {} bytes does not fit", length));
    const std::string_view data = bytes.substr(8 + length);
    NamedTensors tensors;
    for (const auto& entry : parse_header(bytes.substr(8, length), data.size(), file)) {
        at::Tensor value = at::empty(entry.shape, entry.type);
        if (entry.end > entry.begin)
            std::memcpy(value.mutable_data_ptr(), data.data() + entry.begin, entry.end - entry.begin);
        tensors.push_back({entry.name, value});
    }
    return tensors;
}

}  // namespace ktrain::trainer
