// KM703: rules of Prometheus: names, and what stands in brackets and quotes here, the rest in promql.h and
// alert_template.h.
#include <algorithm>
#include <array>
#include <optional>

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/lint/alert_template.h"
#include "core/lint/promql.h"
#include "core/lint/promql_duration.h"
#include "core/lint/promql_words.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

using Problem = PromProblem;

// Goes over the text once: strings, comments, brackets.
class Scan {
public:
    explicit Scan(std::string_view text) : text_(text) {}

    std::optional<Problem> run() {
        for (at_ = 0; at_ < text_.size() && !problem_; ++at_) step();
        if (!problem_ && !open_.empty())
            problem_ = Problem{open_.back(), std::string("'") + text_[open_.back()] + "' is not closed", "close it"};
        return problem_ ? problem_ : doubt_;
    }

private:
    void step() {
        const char c = text_[at_];
        if (c == '"' || c == '\'' || c == '`') return quoted(c);
        if (c == '#') return comment();
        if (c == '(' || c == '[' || c == '{') return open_.push_back(at_);
        if (c == ')' || c == ']' || c == '}') return close(c);
        if (c == '&' || c == '|' || c == ';' || c == '$' || c == '?')
            problem_ =
                Problem{at_, std::string("unexpected '") + c + "'", "write and, or, unless; a label is matched by =~"};
    }

    void quoted(char quote) {
        const std::size_t begin = at_;
        for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && quote != '`') ++at_;
            if (at_ < text_.size() && text_[at_] == '\n' && quote != '`') break;
        }
        if (at_ >= text_.size() || text_[at_] != quote)
            problem_ = Problem{begin, "a text is not closed", "close the quotes"};
    }

    void comment() {
        while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
    }

    void close(char c) {
        const char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
        if (open_.empty() || text_[open_.back()] != wanted) {
            problem_ = Problem{at_, std::string("'") + c + "' closes nothing", "remove it, or open it before"};
            return;
        }
        const std::string_view inside = trim(text_.substr(open_.back() + 1, at_ - open_.back() - 1));
        if (c == ']') range(inside);
        if (c == '}') matchers(open_.back() + 1, inside);
        open_.pop_back();
    }

    // "[5m]", "[1h:5m]"
    void range(std::string_view inside) {
        if (inside.starts_with("$")) return;
        const std::size_t colon = inside.find(':');
        const auto report = [&](const char* problem, const char* fix) {
            problem_ = Problem{open_.back(), "[" + std::string(inside) + "] is " + problem, fix};
        };
        const std::string_view length = trim(inside.substr(0, colon));
        const std::string_view step = colon == std::string_view::npos ? "" : trim(inside.substr(colon + 1));
        const DurationText first = read_promql_duration(length);
        const DurationText second = step.empty() ? DurationText::plain : read_promql_duration(step);
        if (first == DurationText::bad || second == DurationText::bad)
            return report("no range of time", "write a duration, such as [5m] or [1h30m]");
        if (!doubt_ && (first == DurationText::computed || second == DurationText::computed))
            doubt_ = needs_feature(open_.back(), "a range that is computed", "promql-duration-expr");
        if (promql_seconds(length).value_or(1) <= 0) return report("a range of no time", "write [5m], or longer");
        if (promql_seconds(step).value_or(1) <= 0) report("a range whose step is no time", "write [5m:1m], or [5m:]");
    }

    // Each a name, an operator and a text; what is in quotes may hold anything.
    void matchers(std::size_t begin, std::string_view inside) {
        std::string shape;  // with "" for each text
        char quote = 0;
        for (std::size_t i = 0; i < inside.size(); ++i) {
            const char c = inside[i];
            if (quote != 0) {
                if (c == '\\' && quote != '`') ++i;
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'' || c == '`') {
                quote = c;
                shape += "\"";
            } else if (c != ' ' && c != '\n' && c != '\t') {
                shape += c;
            }
        }
        if (shape.ends_with(',')) shape.pop_back();
        if (shape.empty()) return;
        for (const std::string& one : split(shape, ',')) {
            const std::size_t operation = one.find_first_of("=!~");
            const bool bare = one == "\"";  // the name of a metric
            const bool right =
                operation != std::string::npos && operation > 0 && one.ends_with('"') && valid(one.substr(operation));
            if (bare || right) continue;
            problem_ = Problem{begin, "{" + std::string(inside.substr(0, 60)) + "} is no list of label=\"value\"",
                               "write the values in quotes, with =, !=, =~ or !~"};
            return;
        }
    }

    static bool valid(std::string_view tail) {
        return tail == "=\"" || tail == "!=\"" || tail == "=~\"" || tail == "!~\"";
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::size_t> open_;
    std::optional<Problem> problem_;
    std::optional<Problem> doubt_;
};

// What a rule is: an alert, or a series that is recorded. Source: prometheus model/rulefmt.
void check_sort(const Object& object, Value rule, Findings& findings) {
    const Value record = rule["record"];
    const Value alert = rule["alert"];
    const auto report = [&](Value at, std::string message, std::string fix) {
        findings.add("KM703", locate(object, at).key_place(), std::move(message), std::move(fix));
    };
    const bool records = !record.text().empty();
    const bool alerts = !alert.text().empty();
    if (records && alerts) report(alert, "a rule records a series or is an alert, not both", "make two rules of it");
    constexpr std::array<std::string_view, 2> wanted{"alert", "record"};
    if (!record && !alert && rule.is(yaml::Kind::mapping) && !is_misspelt(rule, wanted))
        report(rule, "the rule is no alert and records nothing", "add alert, or record");
    for (const char* field : {"for", "keep_firing_for", "annotations"}) {
        const Value value = rule[field];
        const bool none = !value || (value.is(yaml::Kind::mapping) && value.members().empty());
        if (records && !alerts && !none && value.text() != "0s")
            report(value, "a rule that records has no '" + std::string(field) + "'", "remove it");
    }
    if (const Value name = rule["labels"]["__name__"])
        report(name, "the label __name__ is the name of the series itself", "remove it");
}

// Letters, digits and '_', and in names of series ':' as well: what every Prometheus takes. From 3 on any text is one.
bool is_plain_name(std::string_view name, bool series) {
    const auto inside = [&](char c) { return ascii::is_alphanumeric(c) || c == '_' || (series && c == ':'); };
    return !name.empty() && std::ranges::all_of(name, inside) && !ascii::is_digit(name.front());
}

void check_record(const Object& object, Value record, Findings& findings) {
    const std::string_view name = record.text();
    if (name.empty() || is_plain_name(name, true)) return;
    const bool braces = name.find_first_of("{}") != std::string_view::npos;
    findings.add(
        "KM703", locate(object, record).place(),
        "the series " + shown(name) +
            (braces ? " has braces in its name" : " has a name that Prometheus 2 refuses and queries must quote"),
        braces ? "write the name of a series; labels go under labels" : "write it of letters, digits, '_' and ':'",
        braces ? Severity::error : Severity::warning);
}

// Labels and annotations: their names, and the templates in those of alerts.
void check_texts(const Object& object, Value texts, bool alert, Findings& findings) {
    for (const yaml::Entry& entry : texts.members()) {
        const std::string name = yaml::key_text(entry.key);
        if (!is_plain_name(name, false))
            findings.add("KM703", locate(object, entry.value).key_place(),
                         "the name " + shown(name) + (name.empty() ? " is empty" : " is one that Prometheus 2 refuses"),
                         "write it of letters, digits and '_'", name.empty() ? Severity::error : Severity::warning);
        const Value value(entry.value);
        const std::optional<TemplateProblem> problem =
            alert ? read_alert_template(value.text()) : std::optional<TemplateProblem>();
        if (problem)
            findings.add("KM703", locate(object, value).place(),
                         "Prometheus cannot read the template: " + problem->message, problem->fix,
                         problem->sure ? Severity::error : Severity::warning);
    }
}

void check_rule(const Object& object, Value rule, Findings& findings) {
    check_sort(object, rule, findings);
    check_record(object, rule["record"], findings);
    for (const char* texts : {"labels", "annotations"})
        check_texts(object, rule[texts], !rule["alert"].text().empty(), findings);
    const Value expression = rule["expr"];
    const std::string_view text = expression.text();
    const bool filled_in_later = text.find("{{") != std::string_view::npos || text.find("${") != std::string_view::npos;
    if (expression.is(yaml::Kind::string) && !filled_in_later) {
        const bool empty = trim(text).empty();
        std::optional<Problem> problem =
            empty ? Problem{0, "the expression is empty", "write what is asked"} : Scan(text).run();
        if (!problem || !problem->sure) {
            const std::optional<Problem> other = read_promql(text);
            if (!problem || (other && other->sure)) problem = other;
        }
        if (problem)
            findings.add(
                "KM703", locate(object, expression).place(),
                (problem->sure ? "Prometheus cannot read the expression: " : "Prometheus may refuse the expression: ") +
                    problem->message,
                problem->fix, problem->sure ? Severity::error : Severity::warning);
    }
    if (rule["alert"] && !rule["labels"]["severity"])
        findings.add("KM703", locate(object, rule["alert"]).place(),
                     "the alert " + shown(rule["alert"].text()) + " has no severity, by which alerts are routed",
                     "add labels: {severity: warning}", Severity::info);
}

}  // namespace

void check_prometheus_rules(const Object& object, const Bundle&, Findings& findings) {
    if (object.kind != "PrometheusRule" || group_of(object.api_version) != "monitoring.coreos.com") return;
    for (const yaml::Node& group : Value(object.root)["spec"]["groups"].items()) {
        check_texts(object, Value(group)["labels"], false, findings);
        for (const yaml::Node& rule : Value(group)["rules"].items()) check_rule(object, rule, findings);
    }
}

}  // namespace ktrain::lint
