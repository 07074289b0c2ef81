// Takes a log apart into lines and tracebacks, and asks the table of symptoms about each, from the end.
#include "core/advice/log_cause.h"

#include <algorithm>
#include <span>

#include "core/base/text.h"

namespace ktrain::advice {
namespace {

constexpr std::size_t most_behind = 10;   // lines that may follow the traceback which ended the program
constexpr std::size_t most_of_words = 8;  // lines over which the message of an exception goes on

// One line, or those of a traceback with the exceptions that led to it, and with what the last one says.
struct Block {
    std::vector<std::string_view> lines;
    bool traceback = false;
    std::size_t last = 0;  // the line of the last exception
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
    enum class State { plain, inside, ended, chained };

    void add(std::string_view line) {
        const std::string_view said = without_rank(line);
        if (contains(said, "Traceback (most recent call last)")) {
            if (state_ != State::chained) blocks_.push_back({{}, true});
            state_ = State::inside;
        } else if (state_ == State::inside) {
            if (said.front() != ' ' && said.front() != '\t') state_ = State::ended;
            blocks_.back().last = blocks_.back().lines.size();
        } else if (state_ == State::ended && (contains(said, "During handling of the above exception") ||
                                              contains(said, "the direct cause of the following exception"))) {
            state_ = State::chained;
        } else if (state_ != State::chained && !goes_on()) {
            state_ = State::plain;
            blocks_.push_back({});
        }
        blocks_.back().lines.push_back(line);
    }

    // "ResourceExhaustedError: Graph execution error:", and what the error is on the lines behind it.
    bool goes_on() const {
        if (state_ != State::ended) return false;
        const Block& block = blocks_.back();
        return trim(block.lines[block.last]).ends_with(':') && block.lines.size() <= block.last + most_of_words;
    }

    std::vector<Block> blocks_;
    State state_ = State::plain;
};

class Search {
public:
    Search(const Symptoms& symptoms, std::string_view text, bool general) : general_(general) {
        for (const Symptom& row : symptoms.rows())
            if (row.source == Source::log && row.match && row.match->find(text, 0)) rows_.push_back(&row);
    }

    Symptoms::Match run(const std::vector<Block>& blocks) const {
        for (const Block& block : blocks)
            if (auto found = first(block.lines, [](const Symptom& row) { return row.anywhere; })) return found;
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
            if (auto found = own_cause(*block)) return found;
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
            if (auto found = first(block->lines, is_follower)) return found;
        for (auto block = blocks.rbegin(); general_ && block != blocks.rend(); ++block)
            if (auto found = first(block->lines, [](const Symptom& row) { return row.follower && row.general; }))
                return found;
        return {};
    }

private:
    static bool is_follower(const Symptom& row) { return row.follower && !row.general; }

    Symptoms::Match own_cause(const Block& block) const {
        if (auto found = first(block.lines, [](const Symptom& row) { return !row.follower && !row.general; }))
            return found;
        const std::span last(&block.lines[block.last], 1);
        if (!general_ || first(last, is_follower)) return {};
        return first(last, [](const Symptom& row) { return row.general && !row.follower; });
    }

    Symptoms::Match first(std::span<const std::string_view> lines, bool (*wanted)(const Symptom&)) const {
        for (const Symptom* row : rows_) {
            if (!wanted(*row)) continue;
            for (const std::string_view line : lines)
                if (auto groups = row->match->groups(line); !groups.empty())
                    return {row, std::string(line), std::move(groups)};
        }
        return {};
    }

    bool general_;
    std::vector<const Symptom*> rows_;  // those that match anywhere
};

}  // namespace

Symptoms::Match cause_in_log(const Symptoms& symptoms, std::string_view text, bool general) {
    return Search(symptoms, text, general).run(Blocks(text).all());
}

}  // namespace ktrain::advice
