// Reads templates as far as Prometheus does when it loads a rule: actions, blocks, variables and names of functions.
// Source: prometheus template/template.go and Go's text/template/parse.
#include "core/lint/alert_template.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "core/base/text.h"

namespace ktrain::lint {
namespace {

constexpr std::array<std::string_view, 48> functions{"and",
                                                     "args",
                                                     "call",
                                                     "eq",
                                                     "externalURL",
                                                     "first",
                                                     "ge",
                                                     "graphLink",
                                                     "gt",
                                                     "html",
                                                     "humanize",
                                                     "humanize1024",
                                                     "humanizeDuration",
                                                     "humanizePercentage",
                                                     "humanizeTimestamp",
                                                     "index",
                                                     "js",
                                                     "label",
                                                     "le",
                                                     "len",
                                                     "lt",
                                                     "match",
                                                     "ne",
                                                     "not",
                                                     "now",
                                                     "or",
                                                     "parseDuration",
                                                     "pathPrefix",
                                                     "print",
                                                     "printf",
                                                     "println",
                                                     "query",
                                                     "reReplaceAll",
                                                     "safeHtml",
                                                     "slice",
                                                     "sortByLabel",
                                                     "stripDomain",
                                                     "stripPort",
                                                     "strvalue",
                                                     "tableLink",
                                                     "title",
                                                     "tmpl",
                                                     "toDuration",
                                                     "toLower",
                                                     "toTime",
                                                     "toUpper",
                                                     "urlQueryEscape",
                                                     "value"};
static_assert(std::ranges::is_sorted(functions));
constexpr std::array<std::string_view, 4> constants{"false", "nil", "true", "urlquery"};
constexpr std::array<std::string_view, 5> openers{"block", "define", "if", "range", "with"};
constexpr std::array<std::string_view, 5> others{"break", "continue", "else", "end", "template"};
static_assert(std::ranges::is_sorted(constants) && std::ranges::is_sorted(openers) && std::ranges::is_sorted(others));

constexpr std::string_view blanks = " \t\r\n";

template <std::size_t n>
bool is_in(const std::array<std::string_view, n>& words, std::string_view word) {
    return std::ranges::binary_search(words, word);
}

bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;  // of letters of all scripts
}

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<TemplateProblem> read() {
        for (std::size_t at = rest_.find("{{"); at != std::string_view::npos && !problem_; at = rest_.find("{{")) {
            rest_.remove_prefix(at + 2);
            action();
        }
        if (!problem_ && !blocks_.empty())
            fail("{{" + std::string(blocks_.back()) + "}} has no {{end}}", "add {{end}} where it ends");
        return std::move(problem_);
    }

private:
    void fail(std::string message, std::string fix, bool sure = true) {
        if (!problem_) problem_ = TemplateProblem{std::move(message), std::move(fix), sure};
    }

    // From behind "{{" to behind "}}".
    void action() {
        if (rest_.starts_with('-') && rest_.find_first_of(blanks) == 1) rest_.remove_prefix(2);
        if (rest_.starts_with("/*")) return comment();
        const std::string begin = "{{" + printable(trim(rest_.substr(0, rest_.find_first_of("{}\n"))));
        if (rest_.find("}}") == std::string_view::npos) return fail(begin + " is not closed", "write }} behind it");
        int brackets = 0;
        for (bool first = true; !problem_; first = false) {
            rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
            if (rest_.starts_with("-}}")) rest_.remove_prefix(1);
            if (rest_.empty()) return fail(begin + " is not closed", "write }} behind it");
            if (rest_.starts_with("}}")) {
                rest_.remove_prefix(2);
                if (first) return fail(begin + "}} lacks a value", "write what is to stand there");
                if (brackets > 0) return fail("a bracket in " + begin + "}} is not closed", "close it");
                return;
            }
            const char c = rest_.front();
            brackets += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == '{' || c == '}') return fail(begin + " is not closed", "write }} behind it");
            if (brackets < 0) return fail("a bracket in " + begin + "}} closes nothing", "remove it");
            part(first);
        }
    }

    void comment() {
        const std::size_t end = rest_.find("*/");
        if (end == std::string_view::npos) return fail("a comment is not closed", "write */}} behind it");
        rest_.remove_prefix(end + 2);
        if (rest_.find_first_of(blanks) == 0 && rest_.substr(1).starts_with('-')) rest_.remove_prefix(2);
        if (!rest_.starts_with("}}")) return fail("a comment is not closed", "write */}} behind it");
        rest_.remove_prefix(2);
    }

    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    void part(bool first) {
        const char c = rest_.front();
        if (c == '"' || c == '`' || c == '\'') return quoted(c);
        const std::size_t begin = c == '$' || c == '.' ? 1 : 0;
        std::size_t end = begin;
        while (end < rest_.size() && is_name(rest_[end])) ++end;
        const std::string_view word = take(std::max<std::size_t>(end, 1));
        if (c == '$') {
            variable(word);
        } else if (is_name(c) && !(c >= '0' && c <= '9')) {
            name(word, first);
        } else if (c >= '0' && c <= '9') {
            rest_.remove_prefix(std::min(rest_.find_first_not_of("0123456789.eE_xX"), rest_.size()));
        }
        // "$labels.instance": its fields.
        while (c != '.' && rest_.starts_with('.') && rest_.size() > 1 && is_name(rest_[1])) {
            end = 1;
            while (end < rest_.size() && is_name(rest_[end])) ++end;
            take(end);
        }
    }

    void quoted(char quote) {
        std::size_t end = 1;
        for (; end < rest_.size() && rest_[end] != quote; ++end) {
            if (rest_[end] == '\\' && quote != '`') ++end;
        }
        if (end >= rest_.size()) return fail("a text in an action is not closed", "close the quotes");
        take(end + 1);
    }

    // One that is declared there ("$x := ...", "range $i, $x := ...") or was before; scopes are not told apart.
    void variable(std::string_view word) {
        const std::string_view behind = rest_.substr(std::min(rest_.find_first_not_of(blanks), rest_.size()));
        const bool declares = behind.starts_with(":=") || behind.starts_with(',') || behind.starts_with('=');
        if (declares) variables_.insert(word);
        if (word == "$" || variables_.contains(word)) return;
        const std::vector<std::string> known(variables_.begin(), variables_.end());
        const std::string near = nearest(word, known);
        fail("no variable is called " + std::string(word),
             near.empty() ? "write $labels.NAME or $value" : "did you mean " + near + "?");
    }

    void name(std::string_view word, bool first) {
        if (first && is_in(openers, word)) return blocks_.push_back(word);
        if (first && word == "end") {
            if (blocks_.empty()) return fail("{{end}} ends nothing", "remove it");
            return blocks_.pop_back();
        }
        if (first && word == "else" && blocks_.empty()) return fail("{{else}} is in no block", "remove it");
        if (is_in(others, word) || is_in(openers, word) || is_in(functions, word) || is_in(constants, word)) return;
        const std::string near = nearest(word, std::span(functions));
        fail("Prometheus has no function " + std::string(word),
             near.empty() ? "use one that it has; fields begin with a dot or with $labels"
                          : "did you mean " + near + "?",
             !near.empty());
    }

    std::string_view rest_;
    std::vector<std::string_view> blocks_;
    std::set<std::string_view> variables_{"$externalLabels", "$externalURL", "$labels", "$value"};
    std::optional<TemplateProblem> problem_;
};

}  // namespace

std::optional<TemplateProblem> read_alert_template(std::string_view text) {
    return Reader(text).read();
}

}  // namespace ktrain::lint
