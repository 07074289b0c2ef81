// Helpers of the tests of rules.
#include "tests/support/cel.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/ip.h"
#include "core/cel/budget.h"
#include "core/cel/number_text.h"
#include "core/cel/time.h"
#include "core/cel/tree.h"

namespace ktrain::test {
namespace {

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        const auto byte = static_cast<unsigned char>(c);
        result += byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
    }
    return result + "\"";
}

std::string joined(std::vector<std::string> parts, char open, char close) {
    std::string text(1, open);
    for (const std::string& part : parts) text += (text.size() > 1 ? ", " : "") + part;
    return text + close;
}

std::string text_of_items(const cel::Value& value) {
    cel::Budget budget(1'000'000);
    std::vector<std::string> parts;
    if (value.is(cel::Type::list)) {
        for (std::size_t i = 0; i < cel::list_size(value); ++i) parts.push_back(text_of(cel::list_item(value, i)));
        return joined(parts, '[', ']');
    }
    for (const cel::Value& key : cel::map_keys(value)) {
        parts.push_back(text_of(key) + ": " + text_of(*cel::map_find(value, key, budget)));
    }
    std::sort(parts.begin(), parts.end());
    return joined(parts, '{', '}');
}

}  // namespace

std::string text_of(const cel::Value& value) {
    using cel::Type;
    switch (value.type()) {
        case Type::null:
            return "null";
        case Type::boolean:
            return *value.as<bool>() ? "true" : "false";
        case Type::integer:
            return std::to_string(*value.as<std::int64_t>());
        case Type::natural:
            return std::to_string(*value.as<std::uint64_t>()) + "u";
        case Type::real:
            return "double " + cel::to_text(*value.as<double>());
        case Type::string:
            return quoted(value.text());
        case Type::bytes: {
            std::string text = "bytes ";
            for (unsigned char c : value.bytes()) text += fmt::format("{:02x}", c);
            return text;
        }
        case Type::list:
        case Type::map:
            return text_of_items(value);
        case Type::duration:
            return "google.protobuf.Duration " + cel::to_text(*value.as<cel::Duration>());
        case Type::timestamp:
            return "google.protobuf.Timestamp " + cel::to_text(*value.as<cel::Timestamp>());
        case Type::type:
            return "type " + std::string(value.as<cel::TypeName>()->name);
        case Type::optional: {
            const auto& held = value.as<cel::Optional>()->value;
            return held ? "some " + text_of(*held) : "none";
        }
        case Type::ip:
            return "ip " + to_text(*value.as<Ip>());
        case Type::cidr:
            return "cidr " + to_text(*value.as<Cidr>());
        case Type::failure:
            return "failure: " + value.failure().text;
        default:
            return std::string(cel::name_of(value.type()));
    }
}

}  // namespace ktrain::test
