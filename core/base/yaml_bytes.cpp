// Checks the bytes of a text before YAML is read from it: encoding, control characters, size, line ends.
#include "core/base/yaml_bytes.h"

#include <iconv.h>

#include <algorithm>
#include <cstdio>

#include "core/base/limits.h"
#include "core/base/text.h"

namespace ktrain::yaml {
namespace {

constexpr std::string_view mark = "\xef\xbb\xbf";  // of byte order

Diagnostic refuse(Place where, std::string message, std::string fix) {
    return {"KT001",          Severity::error,
            std::move(where), std::move(message),
            std::move(fix),   "the API server reads no object from a file that is not valid YAML"};
}

Place place_at(std::string_view text, std::size_t offset, const std::string& file) {
    Place where{file, 1, 1, ""};
    for (std::size_t i = 0; i < offset; ++i) {
        bool line_end = text[i] == '\n' || (text[i] == '\r' && (i + 1 >= text.size() || text[i + 1] != '\n'));
        where.line += line_end;
        where.column = line_end ? 1 : where.column + 1;
    }
    return where;
}

// The length of the UTF-8 sequence at the start of `text`, or 0 when it is none (overlong, surrogate, cut).
std::size_t sequence_length(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t length = byte(0) < 0xc2 ? 0 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : byte(0) < 0xf5 ? 4 : 0;
    return length != 0 && length <= text.size() && valid_utf8(text.substr(0, length)) ? length : 0;
}

std::optional<Diagnostic> check_bytes(std::string_view text, const std::string& file) {
    for (std::size_t i = 0; i < text.size();) {
        unsigned char c = static_cast<unsigned char>(text[i]);
        if (c >= 0x80) {
            std::size_t length = sequence_length(text.substr(i));
            if (length == 0) {
                return refuse(place_at(text, i, file), "the file is not valid UTF-8 here",
                              "save the file as UTF-8; binary data belongs into base64");
            }
            i += length;
            continue;
        }
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            char code[8];
            std::snprintf(code, sizeof code, "0x%02x", c);
            return refuse(place_at(text, i, file),
                          c == 0 ? "the file has a NUL byte: it is not text"
                                 : "control character " + std::string(code) + " in the text",
                          c == 0 ? "give a YAML or JSON file" : "remove it, or write it as an escape in double quotes");
        }
        ++i;
    }
    return std::nullopt;
}

void normalise_line_ends(std::string_view& text, std::string& storage) {
    if (text.find('\r') == std::string_view::npos) return;
    storage.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            storage += text[i];
        } else if (i + 1 >= text.size() || text[i + 1] != '\n') {
            storage += '\n';
        }
    }
    text = storage;
}

// Files that were joined bring their byte order marks along. Behind "---" one begins a document, which kubectl reads by
// itself; elsewhere at the start of a line it is part of a key, and nobody sees it.
std::optional<Diagnostic> drop_inner_marks(std::string_view& text, std::string& storage, const std::string& file) {
    if (text.find(mark) == std::string_view::npos) return std::nullopt;
    std::string clean;
    std::size_t copied = 0;
    for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + mark.size())) {
        if (at > 0 && text[at - 1] != '\n') continue;  // inside of a line: a text may hold it
        const std::size_t line = at < 2 ? 0 : text.rfind('\n', at - 2) + 1;
        const std::string_view before = text.substr(line, at - line);
        const bool begins = before == "---\n" || before.starts_with("--- #") || before.starts_with("---  ");
        if (!begins)
            return refuse(place_at(text, at, file), "a byte order mark (U+FEFF) stands in front of this line",
                          "remove it: it came with a file that was joined here");
        clean += text.substr(copied, at - copied);
        copied = at + mark.size();
    }
    if (copied == 0) return std::nullopt;
    clean += text.substr(copied);
    storage = std::move(clean);
    text = storage;
    return std::nullopt;
}

// kubectl cuts a text at lines that begin with "---" and drops them with a comment right behind it, where a reader of
// YAML sees a text: blanks take its place. One with nothing above it is left to that reader.
void drop_separator_comments(std::string_view& text, std::string& storage) {
    constexpr std::string_view separator = "---";
    if (text.find("\n---#") == std::string_view::npos) return;
    std::string clean(text);
    bool any = false;  // line of the document
    for (std::size_t line = 0; line < clean.size();) {
        const std::size_t end = std::min(clean.find('\n', line), clean.size());
        const bool ends = any && clean.compare(line, separator.size(), separator) == 0;
        if (ends && clean[line + separator.size()] == '#')
            std::fill(clean.begin() + static_cast<std::ptrdiff_t>(line + separator.size()),
                      clean.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        any = !ends;
        line = end + 1;
    }
    storage = std::move(clean);
    text = storage;
}

// With its mark of byte order, as UTF-8. nullopt for what is none.
std::optional<std::string> from_utf16(std::string_view text) {
    const iconv_t converter = ::iconv_open("UTF-8", "UTF-16");
    if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
    std::string input(text), result(text.size() * 2, '\0');  // two bytes become up to three
    char *from = input.data(), *to = result.data();
    std::size_t left = input.size(), room = result.size();
    const bool good = ::iconv(converter, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
    ::iconv_close(converter);
    result.resize(result.size() - room);
    return good && left == 0 ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace

std::optional<Diagnostic> prepare(std::string_view& text, std::string& storage, const std::string& file,
                                  std::size_t max_bytes) {
    if (text.size() > max_bytes) {
        return refuse({file, 0, 0, ""}, "the file is larger than " + human_gib(max_bytes), limits::remedy);
    }
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
        const std::optional<std::string> decoded = from_utf16(text);
        if (!decoded)
            return refuse({file, 1, 1, ""}, "the file begins as UTF-16 and is not valid as such", "save it as UTF-8");
        std::string own;
        std::string_view rest = *decoded;
        std::optional<Diagnostic> problem = prepare(rest, own, file, max_bytes);
        text = storage = std::string(rest);
        return problem;
    }
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
    if (std::optional<Diagnostic> problem = check_bytes(text, file)) return problem;
    normalise_line_ends(text, storage);
    drop_separator_comments(text, storage);
    return drop_inner_marks(text, storage, file);
}

}  // namespace ktrain::yaml
