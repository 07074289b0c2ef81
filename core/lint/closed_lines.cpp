// Closes Secrets, and elsewhere each value that looks like one, with all the lines that it goes on over.
#include "core/lint/closed_lines.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/lines.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

using Starts = std::set<std::pair<int, int>>;  // line and column of all keys and values

void add_starts(const Spot& spot, Starts& starts) {
    if (spot.key != nullptr) starts.emplace(spot.key->line, spot.key->column);
    starts.emplace(spot.node->line, spot.node->column);
    for (const Spot& item : spot.items()) add_starts(item, starts);
    for (const Spot& member : spot.members()) add_starts(member, starts);
}

class Lines {
public:
    explicit Lines(const Source& source) {
        for (std::string_view rest = source.text; !rest.empty();) lines_.push_back(take_line(rest));
        if (source.text.empty() || source.text.ends_with('\n')) lines_.emplace_back();
    }

    int count() const { return static_cast<int>(lines_.size()); }
    // The line behind a value that begins there: texts may go on, down to where the next key or value begins.
    int end_of_value(const Place& where, const Starts& starts, int end) const {
        const auto next = starts.upper_bound({where.line, where.column});
        if (next == starts.end()) return end;
        const auto [line, column] = *next;
        if (line <= where.line || line > count()) return where.line + 1;
        const std::string_view before =
            lines_[static_cast<std::size_t>(line) - 1].substr(0, static_cast<std::size_t>(column) - 1);
        return before.find_first_not_of(" \t-") == std::string_view::npos ? line : line + 1;  // its end may stand there
    }

private:
    std::vector<std::string_view> lines_;
};

}  // namespace

// Lines of Secrets, and those that look like one elsewhere. What stands in the environment may be shown: people ask for
// the difference to see what becomes of it.
std::vector<bool> closed_lines(const Source& source) {
    const std::vector<Source> sources{source};
    const Bundle bundle = read_bundle(sources);
    const Lines lines(source);
    std::vector<bool> closed(static_cast<std::size_t>(lines.count()));
    const auto close = [&](int first, int end) {  // the line `end` stays open
        for (int line = std::max(first, 1); line < std::min(end, lines.count() + 1); ++line)
            closed[static_cast<std::size_t>(line) - 1] = true;
    };
    for (auto object = bundle.objects.begin(); object != bundle.objects.end(); ++object) {
        const bool last = object + 1 == bundle.objects.end();
        const int end = last ? lines.count() + 1 : (object + 1)->root.line;
        if (object->kind == "Secret") {
            close(object->root.line, end);
            continue;
        }
        Diagnostics secrets;
        Findings found(*object, secrets);
        check_secret_values(*object, bundle, found);
        check_secret_in_files(*object, bundle, found);
        Starts starts;
        if (!secrets.empty()) add_starts(object->root, starts);
        for (const Diagnostic& one : secrets) close(one.where.line, lines.end_of_value(one.where, starts, end));
    }
    return closed;
}

}  // namespace ktrain::lint
