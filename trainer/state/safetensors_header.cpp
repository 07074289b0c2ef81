// Strict reading of safetensors headers.
#include "trainer/state/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ktrain::trainer {
namespace {

constexpr std::size_t max_header = 100'000'000;  // the limit of the reference implementation

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw Error(ErrorKind::input, fmt::format("{} is no valid safetensors file: {}", file, what), {file, 0, 0, ""},
                "copy the file again, or use an older checkpoint");
}

// One tensor of the header, with the place that it claims.
struct Claim {
    SafetensorsEntry entry;
    std::uint64_t begin, end;
};

std::uint64_t offset_at(const Json& offsets, std::size_t index, const std::string& name, const std::string& file) {
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[index].is_number_unsigned())
        refuse(file, fmt::format("tensor {} has no two data_offsets", name));
    return offsets[index].get<std::uint64_t>();
}

Claim parse_claim(const std::string& name, const Json& value, const std::string& file) {
    static const Json nothing;
    const auto member = [&](const char* key) -> const Json& { return value.contains(key) ? value[key] : nothing; };
    if (!value.is_object()) refuse(file, fmt::format("the entry of {} is no object", name));
    const auto type = std::ranges::find(safetensors_types, string_or(value, "dtype"), &SafetensorsType::name);
    if (type == safetensors_types.end())
        refuse(file, fmt::format("tensor {} has the unknown type \"{}\"", name, string_or(value, "dtype")));
    Claim claim{{name, static_cast<std::size_t>(type - safetensors_types.begin()), {}, {}}, 0, 0};
    auto reach = static_cast<std::int64_t>(type->bytes);  // as if no dimension were 0
    bool is_empty = false;
    if (!member("shape").is_array()) refuse(file, fmt::format("tensor {} has no shape", name));
    for (const auto& size : member("shape")) {
        if (!size.is_number_unsigned() ||
            __builtin_mul_overflow(reach, std::max<std::uint64_t>(size.get<std::uint64_t>(), 1), &reach))
            refuse(file, fmt::format("tensor {} has an impossible shape", name));
        is_empty = is_empty || size == 0;
        claim.entry.shape.push_back(size.get<std::int64_t>());
    }
    const std::uint64_t bytes = is_empty ? 0 : static_cast<std::uint64_t>(reach);
    claim.begin = offset_at(member("data_offsets"), 0, name, file);
    claim.end = offset_at(member("data_offsets"), 1, name, file);
    if (claim.end < claim.begin || claim.end - claim.begin != bytes)
        refuse(file, fmt::format("tensor {} needs {} bytes, its data_offsets are {} to {}", name, bytes, claim.begin,
                                 claim.end));
    return claim;
}

std::vector<SafetensorsEntry> parse_header(std::string_view header, std::string_view data, const std::string& file) {
    const Json json = parse_json(header, file);
    if (!json.is_object()) refuse(file, "the header is no object");
    std::vector<Claim> claims;
    for (const auto& [name, value] : json.items())
        if (name != "__metadata__") claims.push_back(parse_claim(name, value, file));
    std::ranges::sort(claims, {}, [](const Claim& claim) { return std::pair(claim.begin, claim.end); });
    std::uint64_t at = 0;
    for (const auto& claim : claims) {
        if (claim.begin != at)
            refuse(file, fmt::format("tensor {} begins at {}, not at {}", claim.entry.name, claim.begin, at));
        at = claim.end;
    }
    if (at != data.size())
        refuse(file, fmt::format("the header describes {} bytes of data, there are {}", at, data.size()));
    std::vector<SafetensorsEntry> entries;
    for (auto& claim : claims) {
        claim.entry.data = data.substr(claim.begin, claim.end - claim.begin);
        entries.push_back(std::move(claim.entry));
    }
    return entries;
}

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors(std::string_view bytes, const std::string& file) {
    if (bytes.size() < 8) refuse(file, fmt::format("it has {} bytes", bytes.size()));
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
    if (length > max_header || length > bytes.size() - 8)
        refuse(file, fmt::format("a header of {} bytes does not fit", length));
    return parse_header(bytes.substr(8, length), bytes.substr(8 + length), file);
}

}  // namespace ktrain::trainer
