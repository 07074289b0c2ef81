// Decides which findings may show their line: none on which a secret may stand, of whatever object.
#include "core/lint/excerpt.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace ktrain::lint {
namespace {

// Where a key or a value begins. It ends before the next one, maybe on that one's line.
struct Start {
    int line;
    int column;
    bool hidden;
};

bool operator<(const Start& a, const Start& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
}

using Starts = std::vector<Start>;

void add_starts(const Spot& spot, const Object& object, bool hidden, Starts& starts) {
    hidden = hidden || object.is_private(spot.path);
    if (spot.key != nullptr) starts.push_back({spot.key->line, spot.key->column, hidden});
    starts.push_back({spot.node->line, spot.node->column, hidden});
    for (const Spot& item : spot.items()) add_starts(item, object, hidden, starts);
    for (const Spot& member : spot.members()) add_starts(member, object, hidden, starts);
}

// The lines of a text, each with its end.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        lines.push_back(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
    }
    return lines;
}

// Whether a secret may begin on the line, or one that began above may end there.
bool is_hidden(int number, std::string_view line, const Starts& starts) {
    const auto first = std::lower_bound(starts.begin(), starts.end(), Start{number, 0, false});
    const auto end = std::lower_bound(first, starts.end(), Start{number + 1, 0, false});
    if (std::any_of(first, end, [](const Start& start) { return start.hidden; })) return true;
    if (first == starts.begin() || !std::prev(first)->hidden) return false;
    const std::size_t begin = line.find_first_not_of(" \t-");
    return first == end || begin + 1 != static_cast<std::size_t>(first->column);
}

}  // namespace

void choose_excerpts(Diagnostics& findings, const Bundle& bundle, const std::vector<Source>& sources) {
    if (findings.empty()) return;
    std::map<std::string_view, Starts> starts;
    std::map<std::string_view, std::vector<std::string_view>> lines;
    for (const Source& source : sources) lines.emplace(source.file, lines_of(source.text));
    for (const Object& object : bundle.objects)
        add_starts(object.root, object, object.may_be_secret(), starts[object.file]);
    for (auto& [file, list] : starts) std::sort(list.begin(), list.end());
    // A line that a rule wants hidden is so for all of them.
    std::set<std::pair<std::string_view, int>> closed;
    for (const Diagnostic& finding : findings) {
        if (finding.excerpt == Excerpt::none) closed.emplace(finding.where.file, finding.where.line);
    }
    for (Diagnostic& finding : findings) {
        if (finding.excerpt != Excerpt::whole) continue;  // decided before there were objects
        const auto& text = lines[finding.where.file];
        const auto number = static_cast<std::size_t>(std::max(finding.where.line, 0));
        const bool known = number > 0 && number <= text.size();
        const bool hidden = !known || is_hidden(finding.where.line, text[number - 1], starts[finding.where.file]) ||
                            closed.contains({finding.where.file, finding.where.line});
        finding.excerpt = hidden ? Excerpt::none : Excerpt::whole;
    }
}

}  // namespace ktrain::lint
