// Closes Secrets, and elsewhere each value that looks like one, with all the lines that it goes on over.
#include "core/lint/closed_lines.h"

#include <algorithm>

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

}  // namespace

// Lines of Secrets, and those that look like one elsewhere. What stands in the environment may be shown: people ask for
// the difference to see what becomes of it.
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
            close(object->root.line, end);
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
