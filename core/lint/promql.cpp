// A reader by recursive descent that keeps types alone.
#include "core/lint/promql.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/lint/promql_duration.h"
#include "core/lint/promql_functions.h"
#include "core/lint/promql_words.h"

namespace ktrain::lint {
namespace {

using namespace promql;

std::string_view called(Yields type) {
    constexpr std::array<std::string_view, 4> names{"a number", "a text", "an instant vector",
                                                    "a range of time, as in x[5m]"};
    return names[static_cast<std::size_t>(type)];
}

class Reader : private PromWords {
public:
    explicit Reader(std::string_view text) : PromWords(text) {}

    std::optional<PromProblem> run() {
        expression(1, 0);
        if (!problem_ && !word_.empty()) fail("unexpected " + quoted(), "write an operator (and, or, +, >) before it");
        return problem_ ? problem_ : doubt_;
    }

private:
    std::string quoted() const { return "'" + printable(word_.substr(0, 40)) + "'"; }

    void fail(std::string message, std::string fix) {
        if (!problem_) problem_ = PromProblem{begin_, std::move(message), std::move(fix)};
        stop();
    }

    // What is read only where a feature is on.
    void needs(const std::string& what, std::string_view feature) {
        if (!doubt_) doubt_ = needs_feature(begin_, what, feature);
    }

    Yields expression(int least, int depth) {
        if (depth > 200) fail("it is nested too deeply", "make it simpler");
        Yields left = operand(depth);
        while (!problem_) {
            const auto operation = std::ranges::find(operations, lowered(), &Operation::sign);
            if (operation == operations.end() || operation->rank < least) break;
            const std::string sign(operation->sign);
            next();
            Matching matching{.as_number = take("bool")};
            modifiers(matching);
            if (word_.empty()) fail("nothing follows " + sign, "write what is on its right");
            const Yields right = expression(operation->rank + (operation->rank == power ? 0 : 1), depth + 1);
            joined(*operation, matching, left, right);
            left = left == Yields::scalar && right == Yields::scalar ? Yields::scalar : Yields::vector;
        }
        return left;
    }

    // What stands between an operator and its right side.
    struct Matching {
        bool as_number = false;                 // bool
        bool on = false;                        // on(...), ignoring(...)
        bool grouped = false;                   // group_left, group_right
        std::vector<std::string> matched = {};  // the labels of on(...)
        std::vector<std::string> added = {};    // those of group_left(...)
    };

    void joined(const Operation& operation, const Matching& matching, Yields left, Yields right) {
        const std::string sign = "'" + std::string(operation.sign) + "'";
        const bool sets = operation.rank <= 2;
        const bool compares = operation.rank == 3;
        const bool number = left == Yields::scalar || right == Yields::scalar;
        if (left == Yields::range || right == Yields::range) {
            fail(sign + " works on no range of time", "put a function around it, such as rate(x[5m])");
        } else if (left == Yields::text || right == Yields::text) {
            fail(sign + " works on no text", "compare labels in braces: x{label=\"text\"}");
        } else if (matching.as_number && !compares) {
            fail("bool goes with comparisons alone, not with " + sign, "remove it");
        } else if (sets && number) {
            fail(sign + " joins two vectors, and one side is a number", "write vector(1), or compare: x > 1");
        } else if (sets && matching.grouped) {
            fail(sign + " has no group_left and no group_right", "remove it");
        } else if (const auto twice = std::ranges::find_first_of(matching.added, matching.matched);
                   twice != matching.added.end()) {
            fail("the label '" + printable(*twice) + "' is in on and in the group",
                 "remove it from the group: both sides have it");
        } else if (matching.on && number) {
            fail("on and ignoring match two vectors, and one side is a number", "remove them");
        } else if (compares && !matching.as_number && left == Yields::scalar && right == Yields::scalar) {
            fail("two numbers are compared with bool", "write " + std::string(operation.sign) + " bool");
        }
    }

    // on(...), ignoring(...), group_left(...), fill(...)
    void modifiers(Matching& found) {
        std::vector<std::string> ignored;
        for (;;) {
            const bool matching = is("on") || is("ignoring");
            const bool group = is("group_left") || is("group_right");
            const bool fill = is("fill") || is("fill_left") || is("fill_right");
            if (!matching && !group && !fill) return;
            if (group && !found.on)
                return fail("'" + std::string(word_) + "' stands behind on(...) or ignoring(...)",
                            "write on(...) before it");
            found.on = found.on || matching;
            found.grouped = found.grouped || group;
            const bool on = is("on");
            if (fill) needs(std::string(word_), "promql-binop-fill-modifiers");
            next();
            if (word_ == "(" && fill)
                skip_list();
            else if (word_ == "(")
                (group ? found.added : on ? found.matched : ignored) = labels();
            else if (!group)
                return fail("labels in brackets must follow", "write them as in on(pod)");
        }
    }

    // Names in brackets, with commas between them.
    std::vector<std::string> labels() {
        std::vector<std::string> found;
        next();
        while (!problem_ && word_ != ")") {
            const bool text = word_.starts_with('"') || word_.starts_with('\'') || word_.starts_with('`');
            if (!text && (!is_name() || is("inf") || is("nan")))
                fail("unexpected " + quoted() + " where the name of a label stands",
                     "write labels with commas between them");
            if (problem_) return {};
            found.emplace_back(text && word_.size() > 1 ? word_.substr(1, word_.size() - 2) : word_);
            next();
            if (word_ != ")" && !take(","))
                fail("unexpected " + quoted() + " behind the name of a label",
                     "write a comma between labels, and a name with other signs in quotes");
        }
        next();
        return found;
    }

    // What is in brackets is left alone.
    void skip_list() {
        while (!word_.empty() && word_ != ")") next();
        next();
    }

    Yields operand(int depth) {
        if (take("-") || take("+")) {
            const Yields type = expression(power, depth + 1);
            if (type == Yields::text || type == Yields::range)
                fail("a sign goes before a number or an instant vector", "remove it");
            return type;
        }
        Yields type = primary(depth);
        bool moved = false;  // offset
        bool fixed = false;  // @
        for (;;) {
            if (word_.starts_with('[')) {
                if (type != Yields::vector)
                    fail("only an instant vector has a range of time", "write it behind a metric");
                const bool subquery = word_.find(':') != std::string_view::npos;
                if (!subquery && !selector_)
                    fail("a range of what is computed needs a step", "write [5m:1m], or [5m:]");
                if (!subquery && (moved || fixed))
                    fail("a range stands before offset and @", "write it behind the metric: x[5m] offset 1h");
                type = Yields::range;
                moved = fixed = false;
                next();
            } else if (is("offset")) {
                offset(selector_ || type == Yields::range, std::exchange(moved, true));
            } else if (word_ == "@") {
                moment(selector_ || type == Yields::range, std::exchange(fixed, true));
            } else if (is("anchored") || is("smoothed")) {
                if (type == Yields::range) needs(std::string(word_), "promql-extended-range-selectors");
                next();
            } else {
                return type;
            }
        }
    }

    void offset(bool fits, bool again) {
        if (!fits)
            return fail("offset is of a metric, not of what is computed",
                        "write it behind the metric, in the brackets");
        if (again) return fail("it has two offsets", "keep one of them");
        next();
        const bool sign = take("-") || take("+");
        if (!is_number()) return computed_offset(sign);
        if (!promql_seconds(word_)) return fail(quoted() + " is no duration", "write it like offset 5m");
        next();
    }

    // In brackets, or a function: offset (5m + 1m), offset step().
    void computed_offset(bool sign) {
        std::string text;
        std::size_t words = 0;
        int open = 0;
        do {
            open += word_ == "(" ? 1 : word_ == ")" ? -1 : 0;
            text.append(word_).push_back(' ');
            ++words;
            next();
        } while (!word_.empty() && (open > 0 || (words == 1 && word_ == "(")));
        if (read_promql_duration(text) == DurationText::bad)
            return fail("offset is followed by a duration", "write it like offset 5m");
        const bool number = text.starts_with('(') && words == 3;
        if (!sign || !number) needs("a computed offset", "promql-duration-expr");
    }

    void moment(bool fits, bool again) {
        if (!fits)
            return fail("@ is of a metric, not of what is computed", "write it behind the metric, in the brackets");
        if (again) return fail("it has two times (@)", "keep one of them");
        next();
        if (!take("-")) take("+");
        if (is("inf") || is("nan")) return next();
        if (is_number()) return number();
        const bool named = is("start") || is("end");
        if (named) next();
        if (!named || word_ != "(")
            return fail("@ is followed by a time", "write a number of seconds, start() or end()");
        skip_list();
    }

    Yields primary(int depth) {
        selector_ = false;
        if (word_.empty()) {
            fail("it ends where something must follow", "write the rest of it");
            return Yields::vector;
        }
        const char c = word_[0];
        if (take("(")) return in_brackets(depth);
        if (c == '"' || c == '\'' || c == '`') return next(), Yields::text;
        if (c == '{') {
            matchers("");
            selector_ = true;
            return Yields::vector;
        }
        if (is_number()) return number(), Yields::scalar;
        if (!is_name()) {
            fail("unexpected " + quoted(), "write a metric, a number or a function here");
            return Yields::vector;
        }
        return named(depth);
    }

    void number() {
        if (!is_promql_number(word_))
            return fail(quoted() + " is no number and no duration",
                        "write a number, or a duration such as 5m or 1h30m");
        next();
    }

    Yields in_brackets(int depth) {
        const Yields type = expression(1, depth + 1);
        if (!take(")")) fail("unexpected " + quoted(), "write an operator before it, or close the bracket");
        selector_ = false;
        return type;
    }

    Yields named(int depth) {
        constexpr std::array<std::string_view, 5> joining{"bool", "group_left", "group_right", "ignoring", "on"};
        const std::string name = lowered(), written(word_);
        const std::size_t from = begin_;
        next();
        if (word_.starts_with('.') && begin_ == from + written.size()) {
            const std::string whole = printable(written + std::string(word_));
            fail("the name '" + whole + "' has a dot",
                 "write the name that is exported, with '_', or {\"" + whole + "\"}");
            return Yields::vector;
        }
        if (name == "inf" || name == "nan") return Yields::scalar;
        if (std::ranges::find(joining, name) != joining.end()) {
            begin_ = from;
            fail("'" + written + "' stands where a metric or a function must", "write what it joins before it");
            return Yields::vector;
        }
        const auto aggregation = std::ranges::find(aggregations, name, &Aggregation::name);
        const bool grouped = is("by") || is("without");
        if (std::ranges::binary_search(experimental, name) && (word_ == "(" || grouped))
            needs("the function " + name, "promql-experimental-functions");
        if (aggregation != aggregations.end() && (word_ == "(" || grouped)) return aggregate(*aggregation, depth);
        if (word_ == "(") return call(written, from, depth);
        if (word_.starts_with('{')) matchers(written);
        selector_ = true;
        return Yields::vector;
    }

    void matchers(std::string_view metric) {
        const auto found = read_matchers(word_, begin_, metric);
        if (found) return fail(found->message, found->fix);
        next();
    }

    // Returns whether there is one.
    bool grouping(bool again = false) {
        if (!is("by") && !is("without")) return false;
        const std::string word(word_);
        if (again) fail("it is grouped twice", "keep one by or without");
        next();
        if (!problem_ && word_ != "(") fail("the labels of " + word + " stand in brackets", "write " + word + " (pod)");
        if (!problem_) labels();
        return true;
    }

    Yields aggregate(const Aggregation& aggregation, int depth) {
        const std::string name(aggregation.name);
        const bool grouped = grouping();
        if (!take("(")) {
            fail("'(' must follow " + name, "write what it is over in brackets");
            return Yields::vector;
        }
        const std::vector<Yields> types = arguments(depth);
        const std::size_t wanted = aggregation.parameter ? 2 : 1;
        if (!problem_ && types.size() != wanted)
            fail(name + " takes " + std::to_string(wanted) + (wanted == 1 ? " argument" : " arguments") + ", got " +
                     std::to_string(types.size()),
                 "see the documentation of Prometheus, Aggregation operators");
        if (!problem_ && types.back() != Yields::vector) wrong(name, Yields::vector, types.back());
        const Yields parameter = aggregation.name == "count_values" ? Yields::text : Yields::scalar;
        if (!problem_ && wanted == 2 && types.front() != parameter) wrong(name, parameter, types.front());
        grouping(grouped);
        selector_ = false;
        return Yields::vector;
    }

    void wrong(const std::string& name, Yields wanted, Yields got) {
        fail(
            name + " wants " + std::string(called(wanted)) + ", got " + std::string(called(got)),
            wanted == Yields::range ? "write a range behind the metric: " + name + "(x[5m])" : "give it what it wants");
    }

    Yields call(const std::string& name, std::size_t from, int depth) {
        const auto function = std::ranges::lower_bound(functions, std::string_view(name), {}, &Function::name);
        if (function == functions.end() || function->name != name) {
            std::vector<std::string> names;
            for (const Function& one : functions) names.emplace_back(one.name);
            for (const Aggregation& one : aggregations) names.emplace_back(one.name);
            const std::string near = nearest(name, names);
            begin_ = from;
            fail("there is no function '" + printable(name) + "'",
                 near.empty() ? "see the documentation of Prometheus, Functions" : "did you mean '" + near + "'?");
            return Yields::vector;
        }
        next();
        const std::vector<Yields> types = arguments(depth);
        if (!problem_ && (types.size() < function->least || types.size() > function->most))
            fail(name + " takes " + std::to_string(function->least) +
                     (function->most > function->least ? " or more" : "") +
                     (function->least == 1 && function->most == 1 ? " argument" : " arguments") + ", got " +
                     std::to_string(types.size()),
                 "see the documentation of Prometheus, Functions");
        for (std::size_t n = 0; n < types.size(); ++n) {
            const Yields wanted = argument_of(*function, n, n + 1 == types.size());
            if (!problem_ && types[n] != wanted && name != "info") wrong(name, wanted, types[n]);
        }
        selector_ = false;
        return function->gives;
    }

    // Up to the closing bracket, which is taken.
    std::vector<Yields> arguments(int depth) {
        std::vector<Yields> types;
        while (!problem_ && word_ != ")") {
            types.push_back(expression(1, depth + 1));
            if (problem_ || word_ == ")") break;
            if (!take(",")) fail("unexpected " + quoted(), "write an operator or a comma before it");
        }
        next();
        return types;
    }

    bool selector_ = false;  // whether what was read last is a metric, to which a range may be added
    std::optional<PromProblem> problem_;
    std::optional<PromProblem> doubt_;
};

}  // namespace

PromProblem needs_feature(std::size_t at, const std::string& what, std::string_view feature) {
    return {at, what + " is off by default",
            "turn the feature " + std::string(feature) + " on in Prometheus and its operator's webhook, or do without",
            false};
}

std::optional<PromProblem> read_promql(std::string_view text) {
    return Reader(text).run();
}

}  // namespace ktrain::lint
