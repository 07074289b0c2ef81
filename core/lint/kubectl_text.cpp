// Finds text behind "---", directives, the escape "\/" of JSON and '?' in brackets in YAML, and too large numbers of
// JSON.
#include "core/lint/kubectl_text.h"

#include <algorithm>
#include <cstring>

#include "core/base/lines.h"
#include "core/base/text.h"
#include "core/base/yaml_extents.h"
#include "core/base/yaml_json.h"
#include "core/base/yaml_places.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view separator = "---";

// Much faster than std::string_view::find, which almost every text is through with then.
std::size_t find(std::string_view text, std::string_view word, std::size_t from = 0) {
    const void* const found = ::memmem(text.data() + from, text.size() - from, word.data(), word.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool has(std::string_view text, std::string_view word) {
    return find(text, word) != std::string_view::npos;
}

Diagnostic refusal(const std::string& file, yaml::Mark at, std::string message, std::string fix, std::string why) {
    return {"KT001",        Severity::error, {file, at.line, at.column, ""}, std::move(message),
            std::move(fix), std::move(why)};
}

// Whether a line begins with "---" and goes on, or there may be a directive.
bool has_special_lines(std::string_view text) {
    if (has(text, "%YAML") || has(text, "%TAG")) return true;
    const auto goes_on = [&](std::size_t at) {
        return at < text.size() && text[at] != '\n' && text.substr(at, 2) != "\r\n";
    };
    if (text.starts_with(separator) && goes_on(separator.size())) return true;
    for (std::size_t at = find(text, "\n---"); at != std::string_view::npos; at = find(text, "\n---", at + 1))
        if (goes_on(at + 1 + separator.size())) return true;
    return false;
}

// kubectl reads each document by itself, and of it what stands above "..." alone: a directive at its head has no
// document.
void check_lines(const Source& source, Diagnostics& problems) {
    if (!has_special_lines(source.text)) return;
    int number = 0;
    bool head = true;  // of a document: nothing but comments so far
    for (std::string_view rest = source.text; !rest.empty();) {
        const std::string_view line = without_end(take_line(rest));
        ++number;
        if (line.starts_with(separator)) {
            const std::size_t text = line.find_first_not_of(" \t", separator.size());
            head = text == std::string_view::npos || line[text] == '#';
            if (head) continue;
            const bool apart = text > separator.size();
            problems.push_back(refusal(
                source.file, {number, static_cast<int>(text) + 1},
                apart ? "kubectl refuses text behind '---'" : "kubectl ends a document where a line begins with '---'",
                apart ? "begin the document on the next line" : "indent the line",
                "older versions of kubectl drop such a document without a word"));
        } else if (head && line.starts_with('%')) {
            head = false;
            problems.push_back(refusal(
                source.file, {number, 1}, "kubectl refuses directives of YAML: it reads what is above '---' by itself",
                "remove the lines that begin with '%'", "Kubernetes reads YAML 1.1, whatever a directive says"));
        } else if (!trim(line).empty() && !line.starts_with('#')) {
            head = false;
        }
    }
}

// Where "\/" stands in a text in double quotes; npos: nowhere.
std::size_t find_slash(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] != '\\') continue;
        if (text[i + 1] == '/') return i;
        ++i;
    }
    return std::string_view::npos;
}

// Looks for what newer readers of YAML than go-yaml take, in the YAML of a file that begins behind `above` lines.
class Values {
public:
    Values(const std::string& file, std::string_view text, int above, Diagnostics& problems)
        : file_(file), extents_(text), above_(above), problems_(problems) {}

    void check() {
        for (const yaml::Extent& document : extents_.documents()) check(document, false);
    }

private:
    void check(const yaml::Extent& extent, bool in_brackets) {
        for (const yaml::Extent& item : extent.items) check(item, in_brackets || extent.flow);
        if (extent.shape != yaml::Extent::Shape::scalar) return;
        const std::string_view text(extents_.text().data() + extent.begin, extent.end - extent.begin);
        if (extent.style == '"')
            report(extent.begin, find_slash(text), "kubectl knows the escape '\\/' in JSON alone, not in YAML",
                   "write '/' by itself");
        else if (extent.style == 0 && in_brackets)
            report(extent.begin, text.find('?'), "kubectl ends a value in brackets where a '?' is", "quote the value");
    }

    void report(std::size_t begin, std::size_t at, const char* message, const char* fix) {
        if (at == std::string_view::npos) return;
        const std::size_t column = begin + at - extents_.line_begin(begin + at) + 1;
        problems_.push_back(refusal(file_, {extents_.line(begin + at) + above_, static_cast<int>(column)}, message, fix,
                                    "the API server reads no object from a file that is not valid YAML"));
    }

    const std::string& file_;
    yaml::Extents extents_;
    int above_;
    Diagnostics& problems_;
};

// Whether a '?' stands on a line that is no comment before it, in a text with brackets.
bool has_question(std::string_view text) {
    for (std::size_t at = text.find('?'); at < text.size(); at = text.find('?', text.find('\n', at))) {
        std::string_view line = text.substr(0, at);
        line.remove_prefix(line.rfind('\n') + 1);
        if (!trim(line).starts_with('#') && !has(line, " #")) return text.find_first_of("[{") != std::string_view::npos;
    }
    return false;
}

bool has_special_values(std::string_view text) {
    return has(text, "\\/") || has_question(text);
}

// Each document that needs it by itself: of the whole file there may be much.
void check_values(const Source& source, Diagnostics& problems) {
    std::string_view rest(source.text);
    if (!has_special_values(rest)) return;
    std::string_view before = rest.substr(0, yaml::json_head(rest));
    int above = 0;
    for (std::size_t end = before.size(); end < source.text.size();) {
        above += static_cast<int>(std::ranges::count(before, '\n'));
        rest = std::string_view(source.text).substr(end);
        const std::size_t next = find(rest, "\n---", std::min<std::size_t>(1, rest.size()));
        before = rest.substr(0, next == std::string_view::npos ? next : next + 1);
        if (has_special_values(before)) Values(source.file, before, above, problems).check();
        end += before.size();
    }
}

// What cannot be read is no object: nothing else is said of it.
void check_numbers(const Source& source, yaml::Stream& stream) {
    const std::string_view text(source.text);
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || text[begin] != '{' || yaml::too_large_numbers(text).empty()) return;
    yaml::Places places(text);
    for (const std::size_t number : yaml::too_large_numbers(text.substr(0, yaml::json_head(text)))) {
        const yaml::Mark at = places.at_byte(number);
        stream.problems.push_back(refusal(source.file, at, "this number is too large for what reads JSON",
                                          "write a smaller one, or quote it where it is a text",
                                          "the API server reads no object from JSON with a number beyond 64 bits"));
        const auto behind = std::ranges::find_if(stream.documents, [&](const yaml::Node& document) {
            return std::pair(document.line, document.column) > std::pair(at.line, at.column);
        });
        if (behind != stream.documents.begin()) stream.documents.erase(behind - 1);
    }
}

}  // namespace

void check_as_kubectl(const Source& source, yaml::Stream& stream) {
    check_lines(source, stream.problems);
    check_values(source, stream.problems);
    check_numbers(source, stream);
}

}  // namespace ktrain::lint
