// KT022: what Argo finds out only when it runs a step or task: conditions that it cannot read, and retries.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/cel/time.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

struct Word {
    std::string_view wrong;
    std::string_view right;
};

// What people write in a condition and govaluate does not know.
constexpr std::array<Word, 5> foreign_signs{{{"!==", "!="}, {"<>", "!="}, {"=", "=="}, {"=<", "<="}, {"===", "=="}}};
constexpr std::array<Word, 3> foreign_words{{{"and", "&&"}, {"not", "!"}, {"or", "||"}}};

bool is_variable(Value value) {
    return value.text().find("{{") != std::string_view::npos;
}

// Reads a condition as far as any value of its variables leaves it: quotes, brackets and what joins words.
class Condition {
public:
    explicit Condition(std::string_view text) : rest_(text) {}

    // What is wrong with it and what to write, or empty.
    Word problem() {
        Word found{};
        int open = 0;
        while (found.wrong.empty() && !(rest_ = trim(rest_)).empty()) {
            const char first = rest_.front();
            if (rest_.starts_with("{{")) {
                const std::size_t end = rest_.find("}}");
                if (end == std::string_view::npos) return {};  // said of the variable
                take(end + 2);
            } else if (first == '\'' || first == '"') {
                std::size_t end = 1;
                while (end < rest_.size() && rest_[end] != first) end += rest_[end] == '\\' ? 2 : 1;
                if (end >= rest_.size()) return {"a quote", "close it"};
                take(end + 1);
            } else if (first == '(' || first == ')') {
                open += first == '(' ? 1 : -1;
                if (open < 0) return {"a bracket", "open it"};
                take(1);
            } else {
                found = signs.find(first) != std::string_view::npos ? foreign(foreign_signs, take_run(true))
                                                                    : foreign(foreign_words, take_run(false));
            }
        }
        return open > 0 && found.wrong.empty() ? Word{"a bracket", "close it"} : found;
    }

private:
    static constexpr std::string_view signs = "=!<>~";

    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view take_run(bool sign) {
        constexpr std::string_view ends = "=!<>~ \t\n'\"(){";
        const std::size_t end = sign ? rest_.find_first_not_of(signs) : rest_.find_first_of(ends, 1);
        return take(std::min(end, rest_.size()));
    }

    template <std::size_t n>
    static Word foreign(const std::array<Word, n>& words, std::string_view word) {
        const auto found = std::ranges::find(words, word, &Word::wrong);
        return found == words.end() ? Word{} : *found;
    }

    std::string_view rest_;
};

void check_duration(const ArgoReport& report, Value duration, std::string_view name) {
    const std::string_view text = duration.text();
    if (text.empty() || is_variable(duration)) return;
    const bool seconds = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (seconds || cel::parse_duration(text)) return;
    report.warn(duration,
                std::string(name) + " is no duration: " + shown(text) + ", and the first retry ends in an error",
                "write it like 30s or 5m");
}

void check_count(const ArgoReport& report, Value count, std::string_view name) {
    const std::string_view text = count.text();
    if (text.empty() || is_variable(count)) return;
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) return;
    report.warn(count,
                std::string(name) + " is no whole number: " + shown(text) + ", and the first retry ends in an error",
                "write it like 3");
}

}  // namespace

void check_argo_condition(const ArgoReport& report, Value when) {
    if (!when.is(Kind::string)) return;
    const Word problem = Condition(when.text()).problem();
    if (problem.wrong.empty()) return;
    const bool open = problem.wrong.starts_with("a ");
    report.warn(when,
                "Argo cannot read the condition " + shown(when.text()) + ": " +
                    (open ? std::string(problem.wrong) + " has no other half" : "it knows no " + shown(problem.wrong)),
                (open ? "" : "write ") + std::string(problem.right));
}

void check_argo_retries(const ArgoReport& report, Value strategy) {
    check_count(report, strategy["limit"], "limit");
    const Value backoff = strategy["backoff"];
    if (!backoff.is(Kind::mapping)) return;
    constexpr std::string_view wanted[] = {"duration"};
    if (!backoff["duration"] && !is_misspelt(backoff, wanted))
        report.warn(backoff, "backoff has no duration, and the first retry ends in an error", "add duration: 30s");
    for (const std::string_view name : {"duration", "maxDuration", "cap"}) check_duration(report, backoff[name], name);
    check_count(report, backoff["factor"], "factor");
}

}  // namespace ktrain::lint
