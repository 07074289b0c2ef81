// Closes the values of Secrets, and elsewhere each that looks like one, with all the lines that it goes on over.
#include "core/lint/closed_lines.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/base/lines.h"
#include "core/lint/rule.h"
#include "core/lint/starts.h"

namespace ktrain::lint {
namespace {

int count_lines(std::string_view text) {
    int count = text.empty() || text.ends_with('\n') ? 1 : 0;
    while (!take_line(text).empty()) ++count;
    return count;
}

// The line behind a value that begins there: texts may go on, down to where the next key or value begins. `starts` are
// sorted; `end` is the line behind the object.
int end_of_value(const Place& where, const Lines& lines, const Starts& starts, int end) {
    const auto next = std::upper_bound(starts.begin(), starts.end(), Start{where.line, where.column, false});
    if (next == starts.end()) return end;
    if (next->line <= where.line) return where.line + 1;
    const std::string_view before = lines.line(next->line).substr(0, static_cast<std::size_t>(next->column) - 1);
    const bool begins = before.find_first_not_of(" \t-") == std::string_view::npos;
    return begins ? next->line : next->line + 1;  // the end of the value may stand there
}

// Members of a Secret, and of its metadata, that hold none; what is misspelt may be meant for those that do.
constexpr std::array<std::string_view, 4> open_members{"apiVersion", "immutable", "kind", "type"};
constexpr std::array<std::string_view, 4> open_metadata{"generateName", "labels", "name", "namespace"};

struct Range {
    int first;
    int end;  // not in it
};

// Of the values in a map that are not `open`, whose members end at the line `end`. False where lines do not tell:
// members that come from an anchor elsewhere.
bool close_values(const Spot& map, std::span<const std::string_view> open, const Lines& lines, int end,
                  std::vector<Range>& closed) {
    const std::vector<Spot> members = map.members();
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Spot& member = members[i];
        const Spot* next = i + 1 < members.size() ? &members[i + 1] : nullptr;
        if (member.line < map.node->line || member.node->line < member.line || member.node->line >= end) return false;
        if (next != nullptr && (next->line < member.line || next->line >= end)) return false;
        int behind = end;
        if (next != nullptr) {
            const std::string_view before =
                lines.line(next->line).substr(0, static_cast<std::size_t>(next->column) - 1);
            behind = before.find_first_not_of(" \t") == std::string_view::npos ? next->line : next->line + 1;
        }
        const std::string_view name = member.key->text;
        if (std::ranges::find(open, name) != open.end()) continue;
        if (name == "metadata" && member.is(yaml::Kind::mapping) && member.node->line > member.line) {
            if (!close_values(member, open_metadata, lines, behind, closed)) return false;
            continue;
        }
        const bool below = member.node->line > member.line;
        closed.push_back({member.line + (below ? 1 : 0), behind});
    }
    return true;
}

std::vector<Range> ranges_of_secret(const Object& secret, const Lines& lines, int end) {
    std::vector<Range> closed;
    const bool map = secret.root.is(yaml::Kind::mapping);
    if (!map || !close_values(secret.root, open_members, lines, end, closed)) return {{secret.root.line, end}};
    return closed;
}

}  // namespace

// What may be a secret in Secrets, and what looks like one elsewhere. What stands in the environment may be shown:
// people ask for the difference to see what becomes of it.
std::vector<bool> closed_lines(const Source& source) {
    const std::vector<Source> sources{source};
    const Bundle bundle = read_bundle(sources);
    const Lines lines(source.text);
    const int count = count_lines(source.text);
    std::vector<bool> closed(static_cast<std::size_t>(count));
    const auto close = [&](int first, int end) {  // the line `end` stays open
        for (int line = std::max(first, 1); line < std::min(end, count + 1); ++line)
            closed[static_cast<std::size_t>(line) - 1] = true;
    };
    for (auto object = bundle.objects.begin(); object != bundle.objects.end(); ++object) {
        const bool last = object + 1 == bundle.objects.end();
        const int end = last ? count + 1 : (object + 1)->root.line;
        if (object->kind == "Secret") {
            for (const Range& range : ranges_of_secret(*object, lines, end)) close(range.first, range.end);
            continue;
        }
        Diagnostics secrets;
        Findings found(*object, secrets);
        check_secret_values(*object, bundle, found);
        check_secret_in_files(*object, bundle, found);
        Starts starts;
        if (!secrets.empty()) add_starts(*object, starts);
        std::sort(starts.begin(), starts.end());
        for (const Diagnostic& one : secrets) close(one.where.line, end_of_value(one.where, lines, starts, end));
    }
    return closed;
}

}  // namespace ktrain::lint
