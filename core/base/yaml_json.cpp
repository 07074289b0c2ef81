// Finds the objects of a JSON text and numbers in it that are too large, and joins the halves of characters that
// escapes in it stand for.
#include "core/base/yaml_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/base/ascii.h"
#include "core/base/json.h"

namespace ktrain::yaml {
namespace {

constexpr std::string_view blanks = " \t\n\r";
constexpr std::size_t escape_size = 6;  // of \ud83d
constexpr std::size_t most_objects = 1'000'000;

// Behind the object at the front, or npos.
std::size_t end_of_object(std::string_view text) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

// The unit of UTF-16 that an escape stands for, or 0.
unsigned unit_at(std::string_view text, std::size_t at) {
    unsigned unit = 0;
    if (at + escape_size > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
    const char* const end = text.data() + at + escape_size;
    return std::from_chars(end - 4, end, unit, 16).ptr == end ? unit : 0;
}

bool is_high(unsigned unit) {
    return unit >= 0xd800 && unit < 0xdc00;
}

bool is_low(unsigned unit) {
    return unit >= 0xdc00 && unit < 0xe000;
}

// Two halves become one escape of YAML, with blanks behind the quotation so that what follows keeps its column; one
// half is the replacement character to Go. JSON's own reader takes pairs as they are.
std::string joined(std::string_view text, bool pairs) {
    std::string result;
    std::size_t missing = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned first = unit_at(text, i), second = unit_at(text, i + escape_size);
        if (is_high(first) && is_low(second)) {
            char escape[12];
            std::snprintf(escape, sizeof escape, "\\U%08X", 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            result += pairs ? std::string_view(escape) : text.substr(i, 2 * escape_size);
            if (pairs) missing += 2;
            i += 2 * escape_size - 1;
        } else if (is_high(first) || is_low(first)) {
            result += "\\ufffd";
            i += escape_size - 1;
        } else if (text[i] == '\\' && i + 1 < text.size()) {
            result += text.substr(i++, 2);
        } else {
            result += text[i];
            if (text[i] != '"') continue;
            result.append(missing, ' ');
            missing = 0;
        }
    }
    return result;
}

bool has_halves(std::string_view text) {
    for (std::size_t at = text.find("\\u"); at != text.npos; at = text.find("\\u", at + 2)) {
        const unsigned unit = unit_at(text, at);
        if (is_high(unit) || is_low(unit)) return true;
    }
    return false;
}

// Calls use(begin, size) for each number that stands in no text.
template <typename Use>
void each_number(std::string_view json, const Use& use) {
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '"') {
            for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\';
        } else if (json[i] == '-' || ascii::is_digit(json[i])) {
            const std::size_t end = std::min(json.find_first_not_of("0123456789+-.eE", i), json.size());
            use(i, end - i);
            i = end - 1;
        }
    }
}

bool is_too_large(std::string_view number) {
    constexpr std::size_t least = 5;  // 1e309
    return number.size() >= least && std::isinf(std::strtod(std::string(number).c_str(), nullptr));
}

// Also with numbers that are too large, which the reader of JSON here refuses.
bool is_json(std::string_view object) {
    std::string text = joined(object, false);
    const std::string before = text;
    each_number(before, [&](std::size_t begin, std::size_t size) {
        if (is_too_large(std::string_view(before).substr(begin, size)))
            text.replace(begin, size, "0" + std::string(size - 1, ' '));
    });
    return Json::accept(text);
}

}  // namespace

std::size_t json_head(std::string_view text) {
    std::size_t head = 0;
    for (std::size_t begin = text.find_first_not_of(blanks); begin < text.size() && text[begin] == '{';) {
        const std::size_t size = end_of_object(text.substr(begin));
        if (size == text.npos || !is_json(text.substr(begin, size))) break;
        head = begin + size;
        begin = text.find_first_not_of(blanks, head);
    }
    return head;
}

std::vector<std::size_t> too_large_numbers(std::string_view json) {
    std::vector<std::size_t> found;
    each_number(json, [&](std::size_t begin, std::size_t size) {
        if (is_too_large(json.substr(begin, size))) found.push_back(begin);
    });
    return found;
}

std::vector<std::string_view> json_objects(std::string_view text) {
    std::vector<std::string_view> objects;
    for (std::size_t begin = text.find_first_not_of(blanks); begin < text.size();) {
        const std::size_t size = text[begin] == '{' ? end_of_object(text.substr(begin)) : text.npos;
        if (size == text.npos || objects.size() == most_objects) return {};
        objects.push_back(text.substr(begin, size));
        begin = text.find_first_not_of(blanks, begin + size);
    }
    if (objects.size() == 1 && !has_halves(objects.front())) return {};
    return std::ranges::all_of(objects, is_json) ? objects : std::vector<std::string_view>();
}

std::string with_whole_characters(std::string_view object) {
    return joined(object, true);
}

}  // namespace ktrain::yaml
