// Myers' greedy difference of lines, and the hunks made of it.
#include "core/base/diff.h"

#include <algorithm>
#include <span>
#include <vector>

namespace ktrain {
namespace {

using Lines = std::vector<std::string_view>;

// Beyond so many lines that differ, what lies between the first and the last is shown as one.
constexpr int max_distance = 2000;
constexpr std::size_t context = 3;

// With their ends.
Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end == std::string_view::npos ? end : end + 1));
        text.remove_prefix(lines.back().size());
    }
    return lines;
}

// ' ' for a line of both, '-' and '+' for one of the first or the second only.
using Script = std::string;

// Goes back the way that the furthest points of each distance tell.
Script way_back(const std::vector<std::vector<int>>& trace, int a, int b) {
    Script script;
    for (int d = static_cast<int>(trace.size()) - 1; d > 0; --d) {
        const std::vector<int>& furthest = trace[static_cast<std::size_t>(d) - 1];
        const auto at = [&](int k) { return furthest[static_cast<std::size_t>(k + d)]; };
        const int k = a - b;
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        const int from = down ? k + 1 : k - 1;
        const int old_a = at(from);
        const int old_b = old_a - from;
        for (; a > old_a && b > old_b; --a, --b) script += ' ';
        script += down ? '+' : '-';
        a = old_a;
        b = old_b;
    }
    script.append(static_cast<std::size_t>(a), ' ');
    std::reverse(script.begin(), script.end());
    return script;
}

// Of lines that begin and end differently.
Script script_of(std::span<const std::string_view> before, std::span<const std::string_view> after) {
    const int n = static_cast<int>(before.size());
    const int m = static_cast<int>(after.size());
    std::vector<std::vector<int>> trace;  // of each distance d: the furthest line of `before` on diagonals -d-1 ... d+1
    std::vector<int> furthest(3, 0);
    for (int d = 0; d <= std::min(n + m, max_distance); ++d) {
        std::vector<int> next(static_cast<std::size_t>(2 * d + 3), 0);
        for (int k = -d; k <= d; k += 2) {
            const auto at = [&](int diagonal) { return furthest[static_cast<std::size_t>(diagonal + d)]; };
            const bool down = d > 0 && (k == -d || (k != d && at(k - 1) < at(k + 1)));
            int a = d == 0 ? 0 : down ? at(k + 1) : at(k - 1) + 1;
            while (a < n && a - k < m && before[static_cast<std::size_t>(a)] == after[static_cast<std::size_t>(a - k)])
                ++a;
            next[static_cast<std::size_t>(k + d + 1)] = a;
            if (a >= n && a - k >= m) {
                trace.push_back(std::move(next));
                return way_back(trace, n, m);
            }
        }
        trace.push_back(next);
        furthest = std::move(next);
    }
    return Script(before.size(), '-') + Script(after.size(), '+');
}

struct Cursor {
    std::size_t before = 0;
    std::size_t after = 0;
};

std::string range(std::size_t begin, std::size_t count) {
    return std::to_string(count == 0 ? begin : begin + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view file) {
    if (before == after) return "";
    const Lines a = lines_of(before);
    const Lines b = lines_of(after);
    std::size_t head = 0;
    while (head < std::min(a.size(), b.size()) && a[head] == b[head]) ++head;
    std::size_t tail = 0;
    while (tail < std::min(a.size(), b.size()) - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
    const Script script = Script(head, ' ') +
                          script_of(std::span(a).subspan(head, a.size() - head - tail),
                                    std::span(b).subspan(head, b.size() - head - tail)) +
                          Script(tail, ' ');
    std::string text = "--- a/" + std::string(file) + "\n+++ b/" + std::string(file) + "\n";
    Cursor at;
    for (std::size_t i = 0; i < script.size();) {
        const std::size_t change = std::min(script.find_first_not_of(' ', i), script.size());
        if (change == script.size()) break;
        const std::size_t begin = std::max(i, change - std::min(change, context));
        at.before += begin - i;
        at.after += begin - i;
        // A hunk ends where twice the context is unchanged.
        std::size_t end = change;
        for (std::size_t same = 0; end + same < script.size() && same <= 2 * context;) {
            if (script[end + same] == ' ') {
                ++same;
            } else {
                end += same + 1;
                same = 0;
            }
        }
        end = std::min(script.size(), end + context);
        const Cursor first = at;
        std::string lines;
        for (i = begin; i < end; ++i) {
            const std::string_view line = script[i] == '+' ? b[at.after] : a[at.before];
            at.before += script[i] != '+';
            at.after += script[i] != '-';
            lines += script[i];
            lines += line;
            if (!line.ends_with('\n')) lines += "\n\\ No newline at end of file\n";
        }
        text += "@@ -" + range(first.before, at.before - first.before) + " +" +
                range(first.after, at.after - first.after) + " @@\n" + lines;
    }
    return text;
}

}  // namespace ktrain
