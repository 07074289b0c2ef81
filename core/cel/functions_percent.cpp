// "%s is %d".format([name, 5]). Source: cel-go ext/formatting.go, with its English numbers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/names.h"
#include "core/cel/handlers.h"
#include "core/cel/number_text.h"
#include "core/cel/time.h"
#include "core/cel/tree.h"
#include "core/cel/utf8.h"

namespace ktrain::cel::handlers {
namespace {

constexpr std::size_t max_precision = 1'000;  // digits; more is a mistake or an attack

Value text_of(const Value& value, Budget& budget, bool inside);

std::string go_quoted(std::string_view text) {
    constexpr std::string_view special = "\a\b\f\n\r\t\v\\\"", letters = "abfnrtv\\\"";
    std::string quoted = "\"";
    for (char c : text) {
        const std::size_t at = special.find(c);
        if (at != special.npos) {
            quoted += {'\\', letters[at]};
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

Value text_of_list(const Value& list, Budget& budget) {
    std::string text = "[";
    for (std::size_t i = 0; i < list_size(list); ++i) {
        const Value item = text_of(list_item(list, i), budget, true);
        if (item.failed()) return item;
        text += (i == 0 ? "" : ", ") + std::string(item.text());
    }
    return string_value(text + "]");
}

Value text_of_map(const Value& map, Budget& budget) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (const Value& key : map_keys(map)) {
        const Value name = text_of(key, budget, true);
        const Value value = text_of(map_find(map, key, budget).value_or(Value()), budget, true);
        if (name.failed() || value.failed()) return name.failed() ? name : value;
        entries.emplace_back(name.text(), value.text());
    }
    std::sort(entries.begin(), entries.end());
    std::string text = "{";
    for (const auto& [key, value] : entries) text += (text.size() > 1 ? ", " : "") + key + ":" + value;
    return string_value(text + "}");
}

// %s; inside of a list or map, text is quoted and times are written as calls.
Value text_of(const Value& value, Budget& budget, bool inside) {
    if (value.failed()) return value;
    if (!budget.spend_text(value.text().size() + value.bytes().size())) return Budget::failure();
    switch (value.type()) {
        case Type::null:
            return string_value("null");
        case Type::boolean:
            return string_value(*value.as<bool>() ? "true" : "false");
        case Type::integer:
            return string_value(std::to_string(*value.as<std::int64_t>()));
        case Type::natural:
            return string_value(std::to_string(*value.as<std::uint64_t>()));
        case Type::real:
            if (!inside) return string_value(to_text(*value.as<double>()));
            if (std::isfinite(*value.as<double>())) return string_value(fmt::format("{:.6f}", *value.as<double>()));
            return string_value("\"" + to_text(*value.as<double>()) + "\"");
        case Type::string:
            return inside ? string_value(go_quoted(value.text())) : value;
        case Type::bytes:
            return string_value(inside ? "b" + go_quoted(value.bytes()) : std::string(value.bytes()));
        case Type::duration:
            return string_value(inside ? "duration(\"" + to_text(*value.as<Duration>()) + "\")"
                                       : to_text(*value.as<Duration>()));
        case Type::timestamp:
            return string_value(inside ? "timestamp(\"" + to_text(*value.as<Timestamp>()) + "\")"
                                       : to_text(*value.as<Timestamp>()));
        case Type::type:
            return string_value(std::string(value.as<TypeName>()->name));
        case Type::list:
            return text_of_list(value, budget);
        case Type::map:
            return text_of_map(value, budget);
        default:
            return fail("%s does not take " + std::string(name_of(value.type())));
    }
}

template <typename Number>
std::string in_base(Number number, char letter) {
    const std::string form = std::string("{:") + (letter == 'd' ? 'd' : letter) + "}";
    return fmt::format(fmt::runtime(form), number);
}

std::string hex_of(std::string_view bytes, bool upper) {
    std::string text;
    for (unsigned char c : bytes) text += upper ? fmt::format("{:02X}", c) : fmt::format("{:02x}", c);
    return text;
}

// %d %b %o %x %X
Value whole(const Value& value, char letter) {
    if (const auto* number = value.as<std::int64_t>()) return string_value(in_base(*number, letter));
    if (const auto* number = value.as<std::uint64_t>()) return string_value(in_base(*number, letter));
    if (letter == 'b' && value.is(Type::boolean)) return string_value(*value.as<bool>() ? "1" : "0");
    if (letter == 'x' || letter == 'X') {
        if (value.is(Type::string)) return string_value(hex_of(value.text(), letter == 'X'));
        if (value.is(Type::bytes)) return string_value(hex_of(value.bytes(), letter == 'X'));
    }
    return fail(std::string("%") + letter + " does not take " + std::string(name_of(value.type())));
}

std::optional<double> double_of(const Value& value) {
    if (const auto* number = value.as<double>()) return *number;
    const std::string_view text = value.text();
    if (text == "NaN" || text == "Infinity" || text == "-Infinity") return parse_double(text);
    return std::nullopt;
}

// %f, in English: 12,345.500000
std::string fixed(double number, std::size_t precision) {
    std::string text = fmt::format("{:.{}f}", std::abs(number), precision);
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > 3;) text.insert(at -= 3, ",");
    return (std::signbit(number) ? "-" : "") + text;
}

// %e, in English: 1.234568×10⁰³. A precision is taken for the width, as cel-go does it.
std::string scientific(double number, std::size_t width) {
    constexpr std::array<std::string_view, 10> raised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    const std::string text = fmt::format("{:e}", number);
    const std::size_t e = text.find('e');
    std::string result = text.substr(0, e) + "×10";
    for (char c : text.substr(e + 1)) {
        if (c == '-') result += "⁻";
        if (c >= '0' && c <= '9') result += raised[static_cast<std::size_t>(c - '0')];
    }
    return std::string(width - std::min(width, code_points(result)), ' ') + result;
}

Value real(const Value& value, char letter, std::optional<std::size_t> precision) {
    const auto number = double_of(value);
    if (!number) return fail(std::string("%") + letter + " does not take " + std::string(name_of(value.type())));
    if (std::isnan(*number)) return string_value("NaN");
    if (std::isinf(*number)) return string_value(*number > 0 ? "∞" : "-∞");
    return string_value(letter == 'f' ? fixed(*number, precision.value_or(6))
                                      : scientific(*number, precision.value_or(6)));
}

// One clause behind its "%"; `form` is cut at its front.
Value clause(std::string_view& form, const Value& value, Budget& budget) {
    std::optional<std::size_t> precision;
    if (form.starts_with('.')) {
        std::size_t digits = 0;
        const auto [end, error] = std::from_chars(form.data() + 1, form.data() + form.size(), digits);
        if (error != std::errc() || digits > max_precision) return fail("format() has a precision that cannot be");
        precision = digits;
        form.remove_prefix(static_cast<std::size_t>(end - form.data()));
    }
    if (form.empty()) return fail("format() ends within a clause");
    const char letter = form[0];
    form.remove_prefix(1);
    if (letter == 's') return text_of(value, budget, false);
    if (letter == 'f' || letter == 'e') return real(value, letter, precision);
    if (std::string_view("dboxX").find(letter) != std::string_view::npos) return whole(value, letter);
    return fail("format() has no clause of that letter");
}

}  // namespace

Value format_percent(const Call& call) {
    if (!call.has(0, Type::string) || !call.has(1, Type::list)) return call.wrong();
    std::string_view form = call[0].text();
    std::string text;
    std::size_t used = 0;
    while (!form.empty()) {
        const std::size_t percent = std::min(form.find('%'), form.size());
        text += form.substr(0, percent);
        form.remove_prefix(percent);
        if (form.empty()) break;
        form.remove_prefix(1);
        if (form.starts_with('%')) {
            text += '%';
            form.remove_prefix(1);
            continue;
        }
        if (used == list_size(call[1])) return fail("format() has more clauses than values");
        const Value part = clause(form, list_item(call[1], used++), call.budget);
        if (part.failed()) return part;
        if (!call.budget.spend_text(part.text().size())) return Budget::failure();
        text += part.text();
    }
    return call.budget.spend_text(text.size()) ? string_value(std::move(text)) : Budget::failure();
}

}  // namespace ktrain::cel::handlers
