// Writes JSON values as block-style YAML that every YAML 1.1 and 1.2 reader reads back to the same value.
#include <cmath>
#include <cstdio>

#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain::yaml {
namespace {

using ascii::is_digit;

// Dates and base-60 numbers: strings for go-yaml, but not for other YAML 1.1 readers (PyYAML).
bool looks_like_time(std::string_view text) {
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0])) return false;
    std::size_t digits = text.find_first_not_of("0123456789_");
    return digits != std::string_view::npos && (text[digits] == ':' || (digits == 4 && text[digits] == '-'));
}

// Characters that may stand in the text as they are: not controls, not what some readers take for a line end or a
// byte order mark.
bool all_printable(std::string_view text, bool multiline) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && !(multiline && (c == '\n' || c == '\t'))) || c == 0x7f) return false;
        std::string_view rest = text.substr(i);
        if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9") || rest.starts_with("\xef\xbb\xbf") ||
            rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf") ||
            (c == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0)) {
            return false;
        }
    }
    return true;
}

bool plain_is_safe(std::string_view text) {
    if (resolve(text) != Kind::string || looks_like_time(text) || text == "<<" || text == "=") return false;
    constexpr std::string_view indicators = "-?:,[]{}#&*!|>'\"%@` ";
    if (indicators.find(text[0]) != std::string_view::npos) return false;
    if (text.back() == ' ' || text.back() == ':' || text.starts_with("...")) return false;
    return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos &&
           all_printable(text, false);
}

// The bytes of the UTF-8 character that begins with `first`.
std::size_t length_of(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

unsigned code_point(std::string_view character) {
    constexpr unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned code = static_cast<unsigned char>(character[0]) & masks[character.size()];
    for (char next : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(next) & 0x3fu);
    return code;
}

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (std::size_t i = 0; i < text.size();) {
        std::string_view character = text.substr(i, length_of(static_cast<unsigned char>(text[i])));
        i += character.size();
        if (character == "\"" || character == "\\") {
            result.append("\\").append(character);
        } else if (character == "\n") {
            result += "\\n";
        } else if (character == "\t") {
            result += "\\t";
        } else if (all_printable(character, false)) {
            result += character;
        } else {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04X", code_point(character));
            result += escape;
        }
    }
    return result + '"';
}

// A number that YAML 1.1 readers know as one: they want a dot in what has an exponent.
std::string number_text(const Json& value) {
    if (value.is_number_float() && !std::isfinite(value.get<double>())) return "null";
    std::string text = value.dump();
    std::size_t exponent = text.find('e');
    if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
    return text;
}

class Emitter {
public:
    std::string result;

    // `indent` is the column of the block; the caller has written what stands before it on the line.
    void value(const Json& item, std::size_t indent) {
        if (item.is_object() && !item.empty()) {
            map(item, indent);
        } else if (item.is_array() && !item.empty()) {
            list(item, indent);
        } else {
            scalar(item, indent);
            result += '\n';
        }
    }

private:
    void map(const Json& item, std::size_t indent) {
        bool first = true;
        for (const auto& [key, member] : item.items()) {
            if (!first) result.append(indent, ' ');
            first = false;
            std::string name = plain_is_safe(key) ? key : in_quotes(key);
            // Readers look 1024 characters far for the colon of a simple key.
            result += name.size() > 1000 ? "? " + name + "\n" + std::string(indent, ' ') + ":" : name + ":";
            // Lists stand below their key without further indentation, as kubectl writes them.
            std::size_t inner = member.is_array() ? indent : indent + 2;
            if (member.is_structured() && !member.empty()) {
                result += '\n';
                result.append(inner, ' ');
            } else {
                result += ' ';
            }
            value(member, inner);
        }
    }

    void list(const Json& item, std::size_t indent) {
        bool first = true;
        for (const Json& member : item) {
            if (!first) result.append(indent, ' ');
            first = false;
            result += "- ";
            value(member, indent + 2);
        }
    }

    void scalar(const Json& item, std::size_t indent) {
        if (item.is_string()) {
            string(item.get_ref<const std::string&>(), indent);
        } else if (item.is_number()) {
            result += number_text(item);
        } else if (item.is_boolean()) {
            result += item.get<bool>() ? "true" : "false";
        } else {
            result += item.is_object() ? "{}" : item.is_array() ? "[]" : "null";
        }
    }

    void string(const std::string& text, std::size_t indent) {
        if (!valid_utf8(text)) throw Error(ErrorKind::bug, "text for YAML is not valid UTF-8");
        if (plain_is_safe(text)) {
            result += text;
        } else if (!literal(text, indent)) {
            result += in_quotes(text);
        }
    }

    // A literal block for several lines; false where only quotes keep the text whole.
    bool literal(const std::string& text, std::size_t indent) {
        constexpr const char* blanks = " \t\n";
        if (indent == 0 || text.find('\n') == std::string::npos || !all_printable(text, true)) return false;
        std::size_t last_line = text.find_last_not_of('\n');
        if (text.find_first_not_of(blanks) != 0 || text.find_last_of(" \t") == last_line) return false;
        bool ends_line = text.back() == '\n';
        bool ends_more = text.size() > 1 && ends_line && text[text.size() - 2] == '\n';
        result += ends_more ? "|+" : ends_line ? "|" : "|-";
        std::size_t end = text.size() - (ends_line ? 1 : 0);  // value() ends the last line
        for (std::size_t begin = 0; begin <= end;) {
            std::size_t stop = std::min(text.find('\n', begin), end);
            result += '\n';
            if (stop > begin) result.append(indent, ' ').append(text, begin, stop - begin);
            begin = stop + 1;
        }
        return true;
    }
};

}  // namespace

std::string emit(const Json& value) {
    Emitter emitter;
    emitter.value(value, 0);
    return std::move(emitter.result);
}

}  // namespace ktrain::yaml
