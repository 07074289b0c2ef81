// Tells comments from text, and changes single lines of literal blocks.
#include "core/lint/edit_lines.h"

#include <algorithm>

#include "core/base/text.h"

namespace ktrain::lint {
namespace {

using yaml::Extent;
using yaml::Extents;

std::size_t newlines_at_end(std::string_view text) {
    const std::size_t last = text.find_last_not_of('\n');
    return text.size() - (last == std::string_view::npos ? 0 : last + 1);
}

std::vector<std::string> lines_of(std::string_view text) {
    return split(text.substr(0, text.size() - newlines_at_end(text)), '\n');
}

// How far the lines of a block are indented; nothing where they are not its text with blanks in front.
std::optional<std::size_t> indentation(const std::vector<std::string>& written, const std::vector<std::string>& text) {
    if (written.size() != text.size()) return std::nullopt;
    std::optional<std::size_t> indent;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (trim(text[i]).empty() && trim(written[i]).empty()) continue;
        if (!written[i].ends_with(text[i])) return std::nullopt;
        const std::size_t here = written[i].size() - text[i].size();
        if (indent.value_or(here) != here || written[i].find_first_not_of(' ') < here) return std::nullopt;
        indent = here;
    }
    return indent;
}

// The scalar that the offset is in, or nullptr.
const Extent* scalar_at(const Extent& value, std::size_t offset) {
    if (value.shape == Extent::Shape::scalar) return value.begin <= offset && offset < value.end ? &value : nullptr;
    const auto behind = std::ranges::upper_bound(value.items, offset, {}, &Extent::begin);
    // Values that are not written may begin where the next one does.
    for (auto item = behind; item != value.items.begin() && behind - item < 3;) {
        if (const Extent* found = scalar_at(*--item, offset)) return found;
    }
    return nullptr;
}

}  // namespace

std::optional<std::vector<TextEdit>> edits_of_block(const Extents& extents, const Extent& block,
                                                    const std::string& text) {
    const std::size_t first = extents.line_end(block.begin) + 1;
    if (block.style != '|' || first >= block.end || newlines_at_end(text) != newlines_at_end(block.text))
        return std::nullopt;
    const std::vector<std::string> written = split(extents.text().substr(first, block.end - first), '\n');
    const std::vector<std::string> before = lines_of(block.text), after = lines_of(text);
    const std::optional<std::size_t> indent = indentation(written, before);
    if (!indent) return std::nullopt;
    // As many lines: each by itself. Else those between what both begin and end with.
    std::size_t same = 0, behind = 0;
    const std::size_t least = std::min(before.size(), after.size());
    while (before.size() != after.size() && same < least && before[same] == after[same]) ++same;
    while (before.size() != after.size() && same + behind < least &&
           before[before.size() - 1 - behind] == after[after.size() - 1 - behind])
        ++behind;
    if (same + behind == before.size() && before.size() != after.size()) return std::nullopt;
    std::vector<TextEdit> edits;
    const std::string blanks(*indent, ' ');
    std::size_t begin = first;
    for (std::size_t i = 0; i < before.size(); begin += written[i++].size() + 1) {
        if (before.size() == after.size()) {
            if (before[i] != after[i])
                edits.push_back({begin, begin + written[i].size(), after[i].empty() ? "" : blanks + after[i]});
            continue;
        }
        if (i < same || i >= before.size() - behind) continue;
        if (edits.empty()) {
            edits.push_back({begin, begin, ""});
            for (std::size_t k = same; k < after.size() - behind; ++k)
                edits[0].text += (k > same ? "\n" : "") + (after[k].empty() ? "" : blanks + after[k]);
        }
        edits[0].end = begin + written[i].size();
    }
    return edits;
}

std::optional<TextEdit> edit_to_block(const Extents& extents, const Extent& key, const Extent& old,
                                      const std::string& text) {
    const std::string& all = extents.text();
    const std::size_t colon = all.find(':', key.end);
    const auto is_blank = [&](std::size_t begin, std::size_t end) {
        return trim(std::string_view(all).substr(begin, end - begin)).empty();
    };
    if (colon >= old.begin || !is_blank(colon + 1, old.begin) || !is_blank(old.end, extents.line_end(old.end)))
        return std::nullopt;
    if (newlines_at_end(text) > 1 || trim(text.substr(0, 1)).empty()) return std::nullopt;
    const std::string blanks(key.begin - extents.line_begin(key.begin) + 2, ' ');
    std::string block = text.ends_with('\n') ? " |" : " |-";
    for (const std::string& line : lines_of(text)) block += "\n" + (line.empty() ? "" : blanks + line);
    return TextEdit{colon + 1, old.end, std::move(block)};
}

bool has_comment(const Extents& extents, const Extent& document, std::size_t begin, std::size_t end) {
    const std::string& text = extents.text();
    for (std::size_t at = text.find('#', begin); at < end; at = text.find('#', at + 1)) {
        if (at > 0 && std::string_view(" \t\n").find(text[at - 1]) == std::string_view::npos) continue;
        const Extent* scalar = scalar_at(document, at);
        const bool mark = scalar != nullptr && (scalar->style == '|' || scalar->style == '>') &&
                          at < extents.line_end(scalar->begin);  // "| # of the block"
        if (scalar == nullptr || mark) return true;
    }
    return false;
}

bool has_comment_around(const Extents& extents, std::size_t begin, std::size_t end, bool item) {
    const std::string_view text = extents.text();
    const std::size_t line = extents.line_begin(begin);
    const std::size_t column = std::min(text.find_first_not_of(' ', line), begin) - line;
    if (text.substr(line + column, begin - line - column).find_first_not_of(item ? "- " : " ") !=
        std::string_view::npos)
        return false;  // something else begins the line
    // The column of the comment that is all that stands on the line.
    const auto comment = [&](std::size_t from) -> std::optional<std::size_t> {
        const std::size_t mark = text.find_first_not_of(" \t", from);
        return mark != std::string_view::npos && text[mark] == '#' ? std::optional(mark - from) : std::nullopt;
    };
    const std::optional<std::size_t> above = line == 0 ? std::nullopt : comment(extents.line_begin(line - 1));
    const std::optional<std::size_t> below = comment(std::min(extents.line_end(end) + 1, text.size()));
    return above == column || (below && *below > column);
}

}  // namespace ktrain::lint
