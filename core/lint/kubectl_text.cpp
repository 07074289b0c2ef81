// Finds text behind "---", directives, the escape "\/" of JSON and '?' in brackets in YAML, and too large numbers of
// JSON.
#include "core/lint/kubectl_text.h"

#include <algorithm>
#include <cstring>
#include <set>

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

using Documents = std::vector<yaml::Node>;

// The first document that begins behind the place.
Documents::const_iterator first_behind(const Documents& documents, const yaml::Mark& place) {
    return std::ranges::upper_bound(documents, std::pair(place.line, place.column), {}, [](const yaml::Node& document) {
        return std::pair(document.line, static_cast<int>(document.column));
    });
}

// The readers of the documents of a file.
class Readers {
public:
    Readers(const Documents& documents, const ReaderOf& reader_of) : documents_(documents), reader_of_(reader_of) {}

    // Of the document that the place is in.
    Reader at(const yaml::Mark& place) const {
        const auto behind = first_behind(documents_, place);
        return behind == documents_.begin() ? below(place) : reader_of_(behind[-1]);
    }
    // Of the document that begins below the place.
    Reader below(const yaml::Mark& place) const {
        const auto behind = first_behind(documents_, place);
        return behind == documents_.end() ? Reader::kubectl : reader_of_(*behind);
    }

private:
    const Documents& documents_;
    const ReaderOf& reader_of_;
};

// kubectl reads each document by itself, and of it what stands above "..." alone: a directive at its head has no
// document.
void check_lines(const Source& source, const Readers& readers, Diagnostics& problems) {
    if (!has_special_lines(source.text)) return;
    const auto add = [&](Reader reader, Diagnostic problem) {
        if (reader == Reader::kubectl) problems.push_back(std::move(problem));
    };
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
            const yaml::Mark at{number, static_cast<int>(text) + 1};
            add(readers.at(at), refusal(source.file, at,
                                        apart ? "kubectl refuses text behind '---'"
                                              : "kubectl ends a document where a line begins with '---'",
                                        apart ? "begin the document on the next line" : "indent the line",
                                        "older versions of kubectl drop such a document without a word"));
        } else if (head && line.starts_with('%')) {
            head = false;
            add(readers.below({number, 1}),
                refusal(source.file, {number, 1},
                        "kubectl refuses directives of YAML: it reads what is above '---' by itself",
                        "remove the lines that begin with '%'",
                        "Kubernetes reads YAML 1.1, whatever a directive says"));
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
void check_values(const Source& source, const Readers& readers, Diagnostics& problems) {
    std::string_view rest(source.text);
    if (!has_special_values(rest)) return;
    std::string_view before = rest.substr(0, yaml::json_head(rest));
    Diagnostics found;
    int above = 0;
    for (std::size_t end = before.size(); end < source.text.size();) {
        above += static_cast<int>(std::ranges::count(before, '\n'));
        rest = std::string_view(source.text).substr(end);
        const std::size_t next = find(rest, "\n---", std::min<std::size_t>(1, rest.size()));
        before = rest.substr(0, next == std::string_view::npos ? next : next + 1);
        if (has_special_values(before)) Values(source.file, before, above, found).check();
        end += before.size();
    }
    for (Diagnostic& problem : found)
        if (readers.at({problem.where.line, problem.where.column}) != Reader::other)
            problems.push_back(std::move(problem));
}

// What cannot be read is no object: nothing else is said of it.
void check_numbers(const Source& source, const ReaderOf& reader_of, yaml::Stream& stream) {
    const std::string_view text(source.text);
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || text[begin] != '{' || yaml::too_large_numbers(text).empty()) return;
    yaml::Places places(text);
    std::set<const yaml::Node*> unread;
    for (const std::size_t number : yaml::too_large_numbers(text.substr(0, yaml::json_head(text)))) {
        const yaml::Mark at = places.at_byte(number);
        const auto behind = first_behind(stream.documents, at);
        if (behind != stream.documents.begin()) {
            if (reader_of(behind[-1]) != Reader::kubectl) continue;
            unread.insert(&behind[-1]);
        }
        stream.problems.push_back(refusal(source.file, at, "this number is too large for what reads JSON",
                                          "write a smaller one, or quote it where it is a text",
                                          "the API server reads no object from JSON with a number beyond 64 bits"));
    }
    Documents left;
    for (yaml::Node& document : stream.documents)
        if (!unread.contains(&document)) left.push_back(std::move(document));
    stream.documents = std::move(left);
}

}  // namespace

void check_as_kubectl(const Source& source, const ReaderOf& reader_of, yaml::Stream& stream) {
    const Readers readers(stream.documents, reader_of);
    check_lines(source, readers, stream.problems);
    check_values(source, readers, stream.problems);
    check_numbers(source, reader_of, stream);
}

}  // namespace ktrain::lint
