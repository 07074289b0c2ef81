// Reads templates as Prometheus does when it loads a rule: a reader by recursive descent of actions, blocks, variables,
// texts and numbers. What a template makes of its values is known only when an alert fires.
// Source: prometheus template/template.go and Go's text/template/parse.
#include "core/lint/alert_template.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "core/base/ascii.h"
#include "core/base/go_number.h"
#include "core/base/text.h"
#include "core/lint/alert_words.h"

namespace ktrain::lint {
namespace {

using namespace alert;

constexpr std::string_view blanks = " \t\r\n";

bool is_in(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::binary_search(words, word);
}

bool is_name(char c) {
    return ascii::is_alphanumeric(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;  // of letters of all scripts
}

// What is open up to its {{end}}.
struct Block {
    std::string_view word;
    bool has_else = false;
    std::size_t variables = 0;  // those before it, which alone are known behind it
    std::size_t hidden = 0;     // of them, those that were not known before it
    int loops = 0;              // around it
};

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<TemplateProblem> read() {
        for (std::size_t at = rest_.find("{{"); at != std::string_view::npos && !problem_; at = rest_.find("{{")) {
            rest_.remove_prefix(at + 2);
            action();
        }
        if (!problem_ && !blocks_.empty())
            fail("{{" + std::string(blocks_.back().word) + "}} has no {{end}}", "add {{end}} where it ends");
        return std::move(problem_);
    }

private:
    void fail(std::string message, std::string fix, bool sure = true) {
        if (!problem_) problem_ = TemplateProblem{std::move(message), std::move(fix), sure};
    }

    void not_closed() { fail(begin_ + " is not closed", "write }} behind it"); }

    // What can stand in no place like this one.
    void unexpected() {
        if (rest_.empty() || rest_.front() == '{' || rest_.front() == '}') return not_closed();
        if (rest_.starts_with(')')) return fail("a bracket in " + begin_ + "}} closes nothing", "remove it");
        const auto found =
            std::ranges::find_if(foreign, [&](const Foreign& one) { return rest_.starts_with(one.sign); });
        if (found != foreign.end())
            return fail("templates have no '" + std::string(found->sign) + "'", std::string(found->fix));
        const std::size_t end = std::max<std::size_t>(rest_.find_first_of(" \t\r\n{}()|"), 1);
        fail("unexpected '" + printable(rest_.substr(0, std::min<std::size_t>(end, 20))) + "' in " + begin_ + "}}",
             "write a space, or | and a function, before it");
    }

    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        spaced_ = false;
        return taken;
    }

    // Whether there are any before what stands here; only behind them "-}}" is an end.
    bool skip_blanks() {
        const std::size_t size = std::min(rest_.find_first_not_of(blanks), rest_.size());
        rest_.remove_prefix(size);
        spaced_ = spaced_ || size > 0;
        return spaced_;
    }

    bool at_end() const { return rest_.starts_with("}}") || (spaced_ && rest_.starts_with("-}}")); }

    // Takes "}}"; nothing else may stand before it.
    void close() {
        skip_blanks();
        if (!at_end()) return unexpected();
        take(rest_.starts_with('-') ? 3 : 2);
    }

    bool is_number() const {
        const std::size_t at = !rest_.empty() && (rest_[0] == '.' || rest_[0] == '+' || rest_[0] == '-') ? 1 : 0;
        return at < rest_.size() && (ascii::is_digit(rest_[at]) || (rest_[0] != '.' && at == 1 && rest_[1] == '.'));
    }

    // From behind "{{" to behind "}}".
    void action() {
        if (rest_.starts_with('-') && rest_.find_first_of(blanks) == 1) take(2);
        if (rest_.starts_with("/*")) return comment();
        begin_ = "{{" + printable(trim(rest_.substr(0, rest_.find_first_of("{}\n"))));
        if (rest_.find("}}") == std::string_view::npos) return not_closed();
        skip_blanks();
        std::size_t end = 0;
        while (end < rest_.size() && is_name(rest_[end])) ++end;
        if (!is_in(controls, rest_.substr(0, end))) return pipeline();
        control(take(end));
    }

    void comment() {
        take(2);
        const std::size_t end = rest_.find("*/");
        if (end == std::string_view::npos) return fail("a comment is not closed", "write */}} behind it");
        take(end + 2);
        if (rest_.find_first_of(blanks) == 0 && rest_.substr(1).starts_with('-')) take(2);
        if (!rest_.starts_with("}}")) return fail("a comment is not closed", "write */}} behind it");
        take(2);
    }

    void control(std::string_view word) {
        if (!ends_word()) return unexpected();
        if (word == "end") return end_of_block();
        if (word == "else") return other_part();
        if (word == "break" || word == "continue") {
            if (loops_ == 0) fail("{{" + std::string(word) + "}} is in no range", "remove it");
            return close();
        }
        if (word == "define" && !blocks_.empty())
            return fail("{{define}} is in another block", "write it outside of all blocks");
        Block block{.word = word, .variables = variables_.size(), .hidden = hidden_, .loops = loops_};
        if (word == "define" || word == "template" || word == "block") {
            skip_blanks();
            if (!rest_.starts_with('"') && !rest_.starts_with('`'))
                return fail("{{" + std::string(word) + "}} wants a name in quotes", "write its name in quotes");
            quoted(rest_.front());
            skip_blanks();
        }
        if (word == "define" || (word == "template" && at_end()))
            close();
        else
            pipeline(word == "range");
        if (word == "template") return;
        if (word == "define" || word == "block") {
            block.variables = hidden_ = variables_.size();  // its text knows none of those outside
            loops_ = 0;
        }
        loops_ += word == "range" ? 1 : 0;
        blocks_.push_back(block);
    }

    void end_of_block() {
        if (blocks_.empty()) return fail("{{end}} ends nothing", "remove it");
        const Block block = blocks_.back();
        blocks_.pop_back();
        variables_.resize(block.variables);
        hidden_ = block.hidden;
        loops_ = block.loops;
        close();
    }

    // {{else}}, {{else if ...}} of an if, {{else with ...}} of a with
    void other_part() {
        if (blocks_.empty()) return fail("{{else}} is in no block", "remove it");
        Block& block = blocks_.back();
        const std::string word(block.word);
        if (word == "define" || word == "block") return fail("{{" + word + "}} has no {{else}}", "remove it");
        if (block.has_else)
            return fail("{{" + word + "}} has two {{else}}", "keep one of them, or make it {{else if ...}}");
        loops_ = block.loops;
        skip_blanks();
        if ((word == "if" || word == "with") && rest_.starts_with(word)) {
            take(word.size());
            if (!ends_word()) return unexpected();
            return pipeline();
        }
        block.has_else = true;
        close();
    }

    // Declarations, and commands with | between them, up to behind "}}", or behind ")" in brackets.
    void pipeline(bool loop = false, int brackets = 0) {
        constexpr int deepest = 200;
        if (brackets > deepest) return fail("brackets are nested too deeply", "make it simpler", false);
        declarations(loop);
        for (bool later = false; !problem_; later = true) {
            skip_blanks();
            const bool end = at_end();
            if (end && brackets > 0) return fail("a bracket in " + begin_ + "}} is not closed", "close it");
            if (end || (brackets > 0 && rest_.starts_with(')'))) {
                if (!later) return fail(begin_ + "}} lacks a value", "write what is to stand there");
                if (end) return close();
                take(1);
                return;
            }
            command(later, brackets);
        }
    }

    // "$x := ...", "$x = ..."; in a range "$i, $x := ...".
    void declarations(bool loop) {
        skip_blanks();
        for (int count = 0; rest_.starts_with('$') && !problem_; ++count) {
            const std::string_view before = rest_;
            const std::string_view word = take_name();
            skip_blanks();
            const bool declares = rest_.starts_with(":=") || (rest_.starts_with('=') && !rest_.starts_with("=="));
            const bool first = rest_.starts_with(',');
            if (!declares && !first) {
                rest_ = before;
                return;
            }
            variables_.push_back(word);
            take(rest_.starts_with(":=") ? 2 : 1);
            if (declares) return;
            skip_blanks();
            if (!loop || count > 0 || (!rest_.starts_with('$') && !at_end()))
                return fail("',' stands only between the two variables of a range", "remove it");
        }
    }

    // Operands with blanks between them, up to "|", which is taken, or to what ends the pipeline.
    void command(bool later, int brackets) {
        operand(later, brackets);
        while (!problem_) {
            const bool spaced = skip_blanks();
            if (at_end() || (brackets > 0 && rest_.starts_with(')'))) return;
            if (rest_.starts_with('|')) {
                take(1);
                return;
            }
            if (!spaced) return unexpected();
            operand(false, brackets);
        }
    }

    // With its fields. `piped`: what stands before | is its last argument.
    void operand(bool piped, int brackets) {
        const char c = rest_.empty() ? '\0' : rest_.front();
        bool constant = true;
        if (c == '"' || c == '`' || c == '\'') {
            quoted(c);
        } else if (is_number()) {
            number();
        } else if (c == '(') {
            constant = false;
            take(1);
            pipeline(false, brackets + 1);
        } else if (c == '$' || c == '.' || is_name(c)) {
            const std::string_view word = take_name();
            constant = word == "." || is_in(constants, word);
            if (c == '$') known_variable(word);
            if (!constant && is_name(c)) known_function(word);
        } else {
            return unexpected();
        }
        if (piped && constant) fail("nothing can be piped into a text, a number or the dot", "name a function");
        while (!problem_ && rest_.starts_with('.') && !is_number()) {
            if (constant) return fail("a text, a number or the dot has no fields", "remove them");
            if (take_name().size() == 1) fail("a field in " + begin_ + "}} has no name", "write it behind the dot");
        }
    }

    // Whether what stands here may follow a name.
    bool ends_word() const {
        return rest_.empty() || blanks.find(rest_.front()) != std::string_view::npos || rest_.starts_with("}}") ||
               std::string_view(".,|:)(").find(rest_.front()) != std::string_view::npos;
    }

    // A name, with the sign $ or . before it.
    std::string_view take_name() {
        std::size_t end = is_name(rest_.front()) ? 0 : 1;
        while (end < rest_.size() && is_name(rest_[end])) ++end;
        const std::string_view word = take(end);
        if (!ends_word()) unexpected();
        return word;
    }

    // As in Go: 1_000, 0x1F, 1e-5, .5, 1+2i.
    void number() {
        const std::string_view all = rest_;
        part_of_number();
        const std::size_t first = all.size() - rest_.size();
        const bool complex = rest_.starts_with('+') || rest_.starts_with('-');
        if (complex) part_of_number();
        const bool goes_on = !rest_.empty() && is_name(rest_.front());
        const std::size_t size = std::min(all.find_first_of(" \t\r\n{}()|"), all.size());
        const std::string_view whole = all.substr(0, all.size() - rest_.size());
        const bool good =
            complex ? is_value(whole.substr(0, first)) && whole.ends_with('i') && is_value(whole.substr(first))
                    : is_value(whole);
        if (goes_on || !good) fail("'" + printable(all.substr(0, size)) + "' is no number", "write a text in quotes");
    }

    // Whole numbers have 64 bits.
    static bool is_value(std::string_view text) {
        if (text.ends_with('i')) return is_go_float(text.substr(0, text.size() - 1));
        const bool fraction = text.find_first_of(".eEpP") != std::string_view::npos;
        return is_go_integer(text) || is_go_natural(text) || (fraction && is_go_float(text));
    }

    void part_of_number() {
        const auto skip = [&](std::string_view signs) { take(std::min(rest_.find_first_not_of(signs), rest_.size())); };
        if (rest_.find_first_of("+-") == 0) take(1);
        const char prefix = rest_.size() > 1 && rest_.front() == '0' ? ascii::to_lower(rest_[1]) : '\0';
        const std::string_view digits = prefix == 'x'   ? "0123456789abcdefABCDEF_"
                                        : prefix == 'b' ? "01_"
                                        : prefix == 'o' ? "01234567_"
                                                        : "0123456789_";
        if (prefix == 'x' || prefix == 'b' || prefix == 'o') take(2);
        skip(digits);
        if (rest_.starts_with('.')) {
            take(1);
            skip(digits);
        }
        if (prefix != 'b' && prefix != 'o' && rest_.find_first_of(prefix == 'x' ? "pP" : "eE") == 0) {
            take(1);
            if (rest_.find_first_of("+-") == 0) take(1);
            skip("0123456789_");
        }
        if (rest_.starts_with('i')) take(1);
    }

    void quoted(char quote) {
        std::size_t end = 1;
        for (; end < rest_.size() && rest_[end] != quote && (quote == '`' || rest_[end] != '\n'); ++end) {
            if (rest_[end] != '\\' || quote == '`') continue;
            ++end;
            constexpr std::string_view letters = "abfnrtv\\xuU01234567";
            if (end < rest_.size() && rest_[end] != quote && letters.find(rest_[end]) == std::string_view::npos)
                return fail("there is no escape '\\" + printable(rest_.substr(end, 1)) + "' in a text",
                            "write two backslashes, or the text in backquotes");
        }
        if (end >= rest_.size() || rest_[end] != quote)
            return fail("a text in an action is not closed", "close the quotes");
        const std::string_view inside = take(end + 1).substr(1, end - 1);
        const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
        const bool one = inside.starts_with('\\') || std::ranges::count_if(inside, starts_character) == 1;
        if (quote == '\'' && !one)
            fail("'" + printable(inside) + "' in single quotes is more than one character",
                 "write a text in double quotes or backquotes");
    }

    void known_variable(std::string_view word) {
        const auto end = variables_.rend() - static_cast<std::ptrdiff_t>(hidden_);
        if (word == "$" || std::find(variables_.rbegin(), end, word) != end) return;
        const std::vector<std::string> known(variables_.begin() + static_cast<std::ptrdiff_t>(hidden_),
                                             variables_.end());
        const std::string near = nearest(word, known);
        const bool outside = hidden_ > 0 && std::ranges::find(variables_, word) != variables_.end();
        fail((outside ? "a {{define}} does not know " : "no variable is called ") + std::string(word),
             outside        ? "hand it over: {{template \"NAME\" " + std::string(word) + "}}, and read it as ."
             : near.empty() ? "write $labels.NAME or $value"
                            : "did you mean " + near + "?");
    }

    void known_function(std::string_view word) {
        if (is_in(functions, word)) return;
        if (is_in(controls, word))
            return fail("'" + std::string(word) + "' can only begin an action", "write {{" + std::string(word) + "}}");
        const std::string near = nearest(word, std::span(functions));
        fail("Prometheus has no function " + std::string(word),
             near.empty() ? "use one that it has; fields begin with a dot or with $labels"
                          : "did you mean " + near + "?",
             !near.empty());
    }

    std::string_view rest_;
    std::string begin_;    // of the action, to show it
    bool spaced_ = false;  // whether blanks stand before what is read next
    std::vector<Block> blocks_;
    std::vector<std::string_view> variables_{"$labels", "$externalLabels", "$externalURL", "$value"};
    std::size_t hidden_ = 0;  // the first variables are not known in a define
    int loops_ = 0;           // ranges around
    std::optional<TemplateProblem> problem_;
};

}  // namespace

std::optional<TemplateProblem> read_alert_template(std::string_view text) {
    return Reader(text).read();
}

}  // namespace ktrain::lint
