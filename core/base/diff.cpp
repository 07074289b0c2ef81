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

// Puts hunks together from what each line is.
class Hunks {
public:
    Hunks(Lines before, Lines after, Script script, const ClosedLines& closed)
        : a_(std::move(before)), b_(std::move(after)), script_(std::move(script)), closed_(closed) {}

    OpenDiff all() {
        for (std::size_t i = 0; i < script_.size();) {
            const std::size_t change = std::min(script_.find_first_not_of(' ', i), script_.size());
            if (change == script_.size()) break;
            const std::size_t begin = begin_of(i, change);
            at_.before += begin - i;
            at_.after += begin - i;
            i = end_of(change, {at_.before + (change - begin), at_.after + (change - begin)});
            hunk(begin, i);
        }
        return std::move(diff_);
    }

private:
    static bool has(const std::vector<bool>& lines, std::size_t number) {
        return number < lines.size() && lines[number];
    }

    // From `i` on, as much context as there may be.
    std::size_t begin_of(std::size_t i, std::size_t change) const {
        std::size_t begin = change;
        while (begin > i && change - begin < context && !has(closed_.before, at_.before + (begin - i) - 1)) --begin;
        return begin;
    }

    bool is_closed(std::size_t i, const Cursor& at) const {
        return script_[i] == '+' ? has(closed_.after, at.after) : has(closed_.before, at.before);
    }

    // Whether one of the changed lines that stand together here is closed.
    bool is_closed_run(std::size_t i, Cursor at) const {
        for (; i < script_.size() && script_[i] != ' '; ++i) {
            if (is_closed(i, at)) return true;
            at.before += script_[i] != '+';
            at.after += script_[i] != '-';
        }
        return false;
    }

    // A hunk ends where twice the context is unchanged, or before a closed line. One that changes closed lines changes
    // no others.
    std::size_t end_of(std::size_t change, Cursor at) const {
        const bool closed = is_closed_run(change, at);
        std::size_t end = change;
        std::size_t same = 0;
        while (end + same < script_.size() && same <= 2 * context) {
            const std::size_t i = end + same;
            const bool kept = script_[i] == ' ';
            const bool begins = !kept && same > 0;
            if (kept ? closed || is_closed(i, at) : begins && is_closed_run(i, at) != closed) break;
            at.before += script_[i] != '+';
            at.after += script_[i] != '-';
            end = kept ? end : i + 1;
            same = kept ? same + 1 : 0;
        }
        return end + std::min(same, context);
    }

    void hunk(std::size_t begin, std::size_t end) {
        const Cursor first = at_;
        bool closed = false;
        std::string lines;
        for (std::size_t i = begin; i < end; ++i) {
            const bool added = script_[i] == '+';
            const std::string_view line = added ? b_[at_.after] : a_[at_.before];
            closed = closed || is_closed(i, at_);
            at_.before += !added;
            at_.after += script_[i] != '-';
            lines += script_[i];
            lines += line;
            if (!line.ends_with('\n')) lines += "\n\\ No newline at end of file\n";
        }
        const std::size_t before = at_.before - first.before;
        const std::size_t after = at_.after - first.after;
        if (closed) {
            ++diff_.left_out;
            shift_ += before - after;
            return;
        }
        diff_.text +=
            "@@ -" + range(first.before, before) + " +" + range(first.after + shift_, after) + " @@\n" + lines;
    }

    Lines a_, b_;
    Script script_;
    const ClosedLines& closed_;
    Cursor at_;
    std::size_t shift_ = 0;  // of lines behind hunks that are left out; may wrap
    OpenDiff diff_;
};

}  // namespace

OpenDiff open_diff(std::string_view before, std::string_view after, std::string_view file, const ClosedLines& closed) {
    if (before == after) return {};
    Lines a = lines_of(before);
    Lines b = lines_of(after);
    std::size_t head = 0;
    while (head < std::min(a.size(), b.size()) && a[head] == b[head]) ++head;
    std::size_t tail = 0;
    while (tail < std::min(a.size(), b.size()) - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
    Script script = Script(head, ' ') +
                    script_of(std::span(a).subspan(head, a.size() - head - tail),
                              std::span(b).subspan(head, b.size() - head - tail)) +
                    Script(tail, ' ');
    OpenDiff diff = Hunks(std::move(a), std::move(b), std::move(script), closed).all();
    if (!diff.text.empty()) diff.text.insert(0, "--- a/" + std::string(file) + "\n+++ b/" + std::string(file) + "\n");
    return diff;
}

std::string unified_diff(std::string_view before, std::string_view after, std::string_view file) {
    return open_diff(before, after, file, {}).text;
}

}  // namespace ktrain
