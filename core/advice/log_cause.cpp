// Takes a log apart into lines and tracebacks, and asks the table of symptoms about each, from the end.
#include "core/advice/log_cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/advice/history.h"
#include "core/advice/log_text.h"
#include "core/base/text.h"

namespace ktrain::advice {
namespace {

constexpr std::size_t most_behind = 10;     // lines that may follow the traceback which ended the program
constexpr std::size_t most_of_words = 8;    // lines over which the message of an exception goes on
constexpr std::size_t most_of_report = 99;  // lines of torchrun's table of ranks
constexpr std::size_t most_of_cause = 120;  // of the exception that led to another one, which is named beside it

// One line and what is indented below it, or a traceback with the exceptions that led to it.
struct Block {
    std::vector<std::string_view> lines;
    bool traceback = false;
    std::size_t last = 0;  // the line of the last exception, behind which its message goes on
    std::size_t root = 0;  // the line of the one that it was raised from, if any; otherwise as last
};

bool contains(std::string_view line, std::string_view words) {
    return line.find(words) != std::string_view::npos;
}

// What torchrun puts in front of a rank's lines: "[rank0]: ".
std::string_view without_rank(std::string_view line) {
    const std::size_t end = line.find("]:");
    if (!line.starts_with("[rank") || end == std::string_view::npos) return line;
    line.remove_prefix(end + 2);
    return line.starts_with(' ') ? line.substr(1) : line;
}

// Tracebacks of rich stand in a box.
bool is_indented(std::string_view line) {
    return line.empty() || line.front() == ' ' || line.starts_with("│") || line.starts_with("╰");
}

// Between the exceptions of a chain.
bool is_link(std::string_view line) {
    return contains(line, "During handling of the above exception") ||
           contains(line, "the direct cause of the following exception");
}

bool begins_traceback(std::string_view line) {
    return contains(line, "Traceback (most recent call last)") && !line.starts_with('{');
}

bool is_rule(std::string_view line) {
    return line.starts_with("=====");
}

// torchrun's: a table of the ranks that failed stands behind it, between two lines of "=".
bool begins_report(std::string_view line) {
    return contains(line, "ChildFailedError:");
}

class Blocks {
public:
    explicit Blocks(std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            if (const auto line = trim(text.substr(at, end - at)); !line.empty()) add(text.substr(at, end - at));
            at = end + 1;
        }
        const auto last =
            std::find_if(blocks_.rbegin(), blocks_.rend(), [](const Block& one) { return one.traceback; });
        if (last != blocks_.rend() && last - blocks_.rbegin() <= static_cast<std::ptrdiff_t>(most_behind))
            std::rotate(blocks_.rbegin(), last, last + 1);
    }
    const std::vector<Block>& all() const { return blocks_; }

private:
    // ignored: what Python says of an exception that came too late to end the program; passed: behind that.
    enum class State { plain, inside, ended, chained, ignored, passed };

    void add(std::string_view line) {
        const std::string_view said = without_rank(line);
        if (said.starts_with("Exception ignored ") || contains(said, "Exception ignored in: <")) {
            state_ = State::ignored;
        } else if (state_ == State::ignored) {
            if (!begins_traceback(said) && !is_indented(said)) state_ = State::passed;  // the exception itself
        } else if (state_ == State::passed && is_link(said)) {
            state_ = State::ignored;
        } else {
            take(line, said);
        }
    }

    void take(std::string_view line, std::string_view said) {
        if (begins_traceback(said)) {
            if (state_ != State::chained) {
                blocks_.push_back({{}, true});
                raised_from_ = false;
            }
            state_ = State::inside;
        } else if ((state_ == State::inside || state_ == State::chained) && !is_rule(said)) {  // a report ends it, too
            Block& block = blocks_.back();
            block.last = block.lines.size();
            if (!raised_from_) block.root = block.last;
            if (!is_indented(said)) state_ = State::ended;
        } else if (state_ == State::ended && is_link(said)) {
            state_ = State::chained;
            raised_from_ = contains(said, "the direct cause");
        } else if (!goes_on(said)) {
            state_ = State::plain;
            blocks_.push_back({});
        }
        blocks_.back().lines.push_back(line);
    }

    // "ResourceExhaustedError: Graph execution error:", and what the error is on the lines behind it.
    bool goes_on(std::string_view said) const {
        if (blocks_.empty()) return false;
        const Block& block = blocks_.back();
        const std::string_view head = block.lines[block.last];
        const std::size_t behind = block.lines.size() - block.last;
        if (begins_report(head))
            return behind == 1 ? is_rule(said)
                               : behind < most_of_report && (behind < 3 || !is_rule(block.lines.back()));
        const bool open = trim(head).ends_with(':');
        return behind <= most_of_words &&
               (is_indented(said) ? open || block.traceback : open && state_ == State::ended);
    }

    std::vector<Block> blocks_;
    State state_ = State::plain;
    bool raised_from_ = false;
};

// The rank of which this line of torchrun's report tells: "rank 6: "; nothing in front of other lines.
std::string rank_before(const Block& block, std::size_t at) {
    if (!begins_report(block.lines[block.last])) return {};
    for (std::size_t i = at; i > block.last; --i) {
        const std::string_view line = trim(block.lines[i]);
        const std::size_t colon = line.find(": ");
        if (line.starts_with("rank ") && colon != std::string_view::npos)
            return fmt::format("rank {}: ", line.substr(colon + 2, line.find(" (") - colon - 2));
    }
    return {};
}

// What an exception says, over several lines perhaps, and of other lines those alone.
std::string said_at(const Block& block, std::size_t at) {
    std::string out = rank_before(block, at) + std::string(block.lines[at]);
    const bool goes_on = !begins_report(block.lines[at]) && (at == block.last || at == block.root);
    for (std::size_t i = at + 1; goes_on && i < block.lines.size() && !is_link(block.lines[i]); ++i)
        out += "\n" + std::string(without_rank(block.lines[i]));
    return one_line(out);
}

class Search {
public:
    Search(const Symptoms& symptoms, std::string_view text, bool general) : general_(general) {
        for (const Symptom& row : symptoms.rows())
            if (row.source == Source::log && row.match && row.match->find(text, 0)) rows_.push_back(&row);
    }

    Symptoms::Match run(const std::vector<Block>& blocks) const {
        for (const Block& block : blocks)
            if (auto found = first(block, [](const Symptom& row) { return row.anywhere; })) return found;
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
            if (auto found = own_cause(*block)) return found;
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
            if (auto found = first(*block, is_follower)) return found;
        for (auto block = blocks.rbegin(); general_ && block != blocks.rend(); ++block)
            if (auto found = first(*block, [](const Symptom& row) { return row.follower && row.general; }))
                return found;
        return {};
    }

private:
    static bool is_follower(const Symptom& row) { return row.follower && !row.general; }
    static bool is_general(const Symptom& row) { return row.general && !row.follower; }

    Symptoms::Match own_cause(const Block& block) const {
        if (auto found = first(block, [](const Symptom& row) { return !row.follower && !row.general; })) return found;
        if (!general_ || of_text(std::string(block.lines[block.last]), is_follower)) return {};
        Symptoms::Match found = of_text(said_at(block, block.last), is_general);
        if (!found || block.root == block.last) return found;
        // What an exception was raised from tells more than the exception.
        const auto root = of_text(said_at(block, block.root), is_general);
        if (root.groups.size() > 1 && found.groups.size() > 1)
            found.groups[1] = brief(root.groups[1], most_of_cause) + ", which led to " + found.groups[1];
        return found;
    }

    Symptoms::Match first(const Block& block, bool (*wanted)(const Symptom&)) const {
        for (const Symptom* row : rows_) {
            if (!wanted(*row)) continue;
            for (std::size_t at = 0; at < block.lines.size(); ++at)
                if (auto groups = row->match->groups(block.lines[at]); !groups.empty())
                    return {row, said_at(block, at), std::move(groups)};
        }
        return {};
    }

    Symptoms::Match of_text(const std::string& said, bool (*wanted)(const Symptom&)) const {
        for (const Symptom* row : rows_)
            if (auto groups = wanted(*row) ? row->match->groups(said) : std::vector<std::string>{}; !groups.empty())
                return {row, said, std::move(groups)};
        return {};
    }

    bool general_;
    std::vector<const Symptom*> rows_;  // those that match anywhere
};

}  // namespace

Symptoms::Match cause_in_log(const Symptoms& symptoms, std::string_view text, bool general) {
    const std::string readable = readable_log(text);
    return Search(symptoms, readable, general).run(Blocks(readable).all());
}

}  // namespace ktrain::advice
