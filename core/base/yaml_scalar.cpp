// What scalars mean: the YAML 1.1 rules of go-yaml v2, which every Kubernetes client reads manifests with.
//
// Source: go.yaml.in/yaml/v2 resolve.go. It has no base-60 numbers, keeps dates as strings and lets a number with a
// leading zero be octal when it can be.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "core/base/ascii.h"
#include "core/base/yaml.h"

namespace ktrain::yaml {
namespace {

constexpr std::array<std::string_view, 11> true_words{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                      "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> false_words{"n",     "N",     "no",  "No",  "NO", "false",
                                                       "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> null_words{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 12> not_finite_words{".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
                                                            "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};

template <std::size_t N>
bool among(std::string_view word, const std::array<std::string_view, N>& words) {
    for (std::string_view candidate : words) {
        if (word == candidate) return true;
    }
    return false;
}

using ascii::is_digit;

std::string without_underscores(std::string_view text) {
    std::string plain;
    for (char c : text) {
        if (c != '_') plain += c;
    }
    return plain;
}

struct Integer {
    bool negative = false;
    std::uint64_t magnitude = 0;
};

// Go's strconv.ParseInt / ParseUint with base 0, on text without underscores.
std::optional<Integer> parse_integer(std::string_view text) {
    Integer result;
    bool explicit_plus = text.starts_with('+');
    if (text.starts_with('-') || text.starts_with('+')) {
        result.negative = text[0] == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        char mark = static_cast<char>(text[1] | 0x20);
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        text.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), result.magnitude, base);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    bool is_signed = result.negative || explicit_plus;  // then ParseInt alone may read it
    if (is_signed && result.magnitude > (std::uint64_t{1} << 63) - (result.negative ? 0 : 1)) return std::nullopt;
    return result;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool looks_real(std::string_view text) {
    std::size_t at = 0;
    auto digits = [&] {
        std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - begin;
    };
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    std::size_t whole = digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0 && whole == 0) return false;
    } else if (whole == 0) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

std::optional<double> parse_real(std::string_view text) {
    if (!looks_real(text)) return std::nullopt;
    double value = std::strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;  // Go: out of range is an error, so a string
}

Json number(std::string_view text) {
    std::string plain = without_underscores(text);
    if (std::optional<Integer> integer = parse_integer(plain)) {
        if (!integer->negative) return integer->magnitude;
        return static_cast<std::int64_t>(~integer->magnitude + 1);
    }
    std::optional<double> real = parse_real(plain);
    return real ? Json(*real) : Json(nullptr);
}

}  // namespace

std::string_view name_of(Kind kind) {
    constexpr std::array<std::string_view, 7> names{"null", "boolean", "integer", "number", "string", "list", "map"};
    return names[static_cast<std::size_t>(kind)];
}

const Node* Node::find(std::string_view key) const {
    for (const Entry& entry : entries) {
        const bool plain = entry.key.quoted || entry.key.kind == Kind::string;  // y is true, and 0x1 is 1
        if (plain ? std::string_view(entry.key.text) == key : key_text(entry.key) == key) return &entry.value;
    }
    return nullptr;
}

Kind resolve(std::string_view plain) {
    if (among(plain, null_words)) return Kind::null;
    char first = plain[0];
    if (is_digit(first) || first == '+' || first == '-' || first == '.') {
        if (among(plain, not_finite_words)) return Kind::real;
        if (first == '.') return parse_real(plain) ? Kind::real : Kind::string;
        std::string text = without_underscores(plain);
        if (parse_integer(text)) return Kind::integer;
        return parse_real(text) ? Kind::real : Kind::string;
    }
    return among(plain, true_words) || among(plain, false_words) ? Kind::boolean : Kind::string;
}

// As sigs.k8s.io/yaml does it, but numbers with a fraction stay as written.
std::string key_text(const Node& key) {
    if (key.quoted || (key.kind != Kind::boolean && key.kind != Kind::integer && key.kind != Kind::real))
        return key.text;
    Json value = to_json(key);
    if (key.kind != Kind::real) return value.dump();
    double real = value.is_number() ? value.get<double>() : 0.5;
    bool whole = std::trunc(real) == real && std::abs(real) < 1e15;
    return whole ? std::to_string(static_cast<std::int64_t>(real)) : key.text;
}

Json to_json(const Node& node) {
    switch (node.kind) {
        case Kind::null:
            return nullptr;
        case Kind::boolean:
            return among(node.text, true_words);
        case Kind::integer:
        case Kind::real:
            return number(node.text);
        case Kind::string:
            return node.text;
        case Kind::sequence: {
            Json list = Json::array();
            for (const Node& item : node.items) list.push_back(to_json(item));
            return list;
        }
        case Kind::mapping:
            break;
    }
    Json map = Json::object();
    Json::object_t& members = map.get_ref<Json::object_t&>();
    members.reserve(node.entries.size());
    // Keys are unique already, so the vector below the ordered map is filled without its linear search.
    for (const Entry& entry : node.entries) {
        members.Json::object_t::Container::emplace_back(key_text(entry.key), to_json(entry.value));
    }
    return map;
}

}  // namespace ktrain::yaml
