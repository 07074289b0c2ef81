// Rules on objects: verdicts, transition rules, messages, problems with their places, limits.
#include "core/cel/cel.h"

#include <doctest/doctest.h>

#include <array>

#include "core/base/world.h"
#include "core/cel/escape.h"
#include "core/cel/functions.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

const yaml::Node& job() {
    static const yaml::Node node = yaml::parse_one(
        "name: a\nreplicas: 4\nmax-runs: 3\nnothing: null\nlabels: {x-y: z}\nport: 8080\nrate: 2.5\nbig: "
        "18446744073709551615\n",
        "job.yaml");
    return node;
}

cel::Program program(std::string_view rule) {
    auto compiled = cel::compile(rule);
    const auto* problem = std::get_if<cel::Problem>(&compiled);
    REQUIRE_MESSAGE(problem == nullptr, std::string(rule) << ": " << (problem ? problem->message : ""));
    return std::move(std::get<cel::Program>(compiled));
}

cel::Outcome run(std::string_view rule, cel::Context context = {.self = {&job()}}) {
    return cel::evaluate(program(rule), context);
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("cel: a rule holds, is broken, or fails with its place") {
    CHECK(run("self.replicas == 4").verdict == cel::Verdict::holds);
    CHECK(run("self.replicas > 4").verdict == cel::Verdict::broken);
    const cel::Outcome absent = run("true && self.nope == 1");
    CHECK(absent.verdict == cel::Verdict::failed);
    CHECK(absent.text == "there is no key 'nope'");
    CHECK(absent.column == 13);
    CHECK(run("self.replicas").text == "the rule is a int, not true or false");
}

TEST_CASE("cel: without a schema values are what their nodes are") {
    constexpr std::array<std::string_view, 9> rules{"self.rate == 2.5",
                                                    "self.max__dash__runs == 3",
                                                    "self['max-runs'] == 3",
                                                    "!has(self.nothing)",
                                                    "self['nothing'] == null",
                                                    "self.labels['x-y'] == 'z'",
                                                    "self.labels.exists(k, k == 'x-y')",
                                                    "type(self.big) == double",
                                                    "'port' in self && type(self.port) == int"};
    for (std::string_view rule : rules) {
        CAPTURE(rule);
        CHECK(run(rule).verdict == cel::Verdict::holds);
    }
}

TEST_CASE("cel: transition rules are skipped for a new object") {
    const cel::Subject self{&job()};
    CHECK(run("self.replicas == oldSelf.replicas").verdict == cel::Verdict::skipped);
    CHECK(run("self.replicas == oldSelf.replicas", {.self = self, .old_self = self}).verdict == cel::Verdict::holds);
    const std::string optional = "oldSelf.?replicas.orValue(4) == self.replicas && oldSelf.hasValue() == ";
    CHECK(run(optional + "false", {.self = self, .optional_old_self = true}).verdict == cel::Verdict::holds);
    CHECK(run(optional + "true", {.self = self, .old_self = self, .optional_old_self = true}).verdict ==
          cel::Verdict::holds);
}

TEST_CASE("cel: a message is one line of text") {
    const cel::Context context{.self = {&job()}};
    CHECK(cel::message(program("'has ' + string(self.replicas) + '\\n'"), context) == "has 4");
    for (std::string_view expression : {"''", "'a\\nb'", "1", "self.nope", "oldSelf.name"}) {
        CAPTURE(expression);
        CHECK_FALSE(cel::message(program(expression), context));
    }
}

TEST_CASE("cel: problems of a rule have a message and a column") {
    struct Case {
        std::string_view rule;
        int column;
        std::string_view message;
    };
    constexpr auto cases = std::to_array<Case>({
        {"", 1, "the rule ends too early"},
        {"self.", 6, "the rule ends too early"},
        {"1 +* 2", 4, "unexpected '*'"},
        {"self.a == selff.b", 11, "there is nothing named 'selff.b'"},
        {"x", 1, "there is nothing named 'x'"},
        {"self.a.startWith('x')", 8, "there is no function 'startWith'; the nearest is 'startsWith'"},
        {"size(1, 2)", 1, "'size' does not take 2 arguments"},
        {"self.a.matches('a[')", 16, "this is no regular expression: missing ]: ["},
        {"has(self)", 1, "has() wants a field: has(a.b)"},
        {"self.all(1, true)", 10, "'all' wants the name of a variable first"},
        {"'abc", 1, "a string does not end"},
        {"'a\\q'", 3, "an escape that does not exist"},
        {"for", 1, "'for' is a reserved word"},
        {"9223372036854775808", 1, "a number beyond 64 bits; an unsigned one ends in u"},
        {"Pod{name: 'x'}", 4, "messages cannot be made in rules"},
        {"a # b", 3, "a character that no rule may have here: #"},
    });
    for (const Case& c : cases) {
        CAPTURE(c.rule);
        const auto compiled = cel::compile(c.rule);
        REQUIRE(std::holds_alternative<cel::Problem>(compiled));
        CHECK(std::get<cel::Problem>(compiled).message == c.message);
        CHECK(std::get<cel::Problem>(compiled).column == c.column);
    }
}

TEST_CASE("cel: hostile rules end with an error") {
    const std::string nine = "[1,2,3,4,5,6,7,8,9]";
    std::string nested = "true";
    for (int i = 0; i < 12; ++i) nested = nine + ".all(x" + std::to_string(i) + ", " + nested + ")";
    const std::string growing =
        "[1, 2].map(x, '" + std::string(1'000, 'a') + "')" + repeated(".map(s, s + s + s + s)", 60) + ".size() > 0";
    const std::string sharing = "[1]" + repeated(".map(x, [x, x])", 100) + " == [1]" + repeated(".map(x, [x, x])", 100);
    for (const std::string& rule : {nested, growing, sharing, std::string("lists.range(100000000).size() > 1")}) {
        const cel::Outcome outcome = run(rule);
        CHECK(outcome.verdict == cel::Verdict::failed);
        CHECK(outcome.text == "it costs more than a rule may: over a million steps");
    }
    // Nothing absorbs the end of the budget.
    CHECK(run("lists.range(100000000).size() > 1 || true").verdict == cel::Verdict::failed);
    for (const std::string& rule : {std::string(300, '('), std::string(300, '!') + "true", std::string(300, '-') + "1",
                                    "1" + repeated("+1", 300), "self" + repeated(".a", 300), std::string(300, '[')}) {
        const auto compiled = cel::compile(rule);
        REQUIRE(std::holds_alternative<cel::Problem>(compiled));
        CHECK(std::get<cel::Problem>(compiled).message == "the rule is nested too deeply");
    }
    // A long chain is not deep.
    CHECK(run("true" + repeated(" && true", 2'000)).verdict == cel::Verdict::holds);
}

TEST_CASE("cel: names of properties and identifiers") {
    constexpr std::array<std::array<std::string_view, 2>, 6> names{{{"a-b", "a__dash__b"},
                                                                    {"a.b/c", "a__dot__b__slash__c"},
                                                                    {"a__b", "a__underscores__b"},
                                                                    {"namespace", "__namespace__"},
                                                                    {"plain_1", "plain_1"},
                                                                    {"in", "__in__"}}};
    for (const auto& [name, identifier] : names) {
        CHECK(cel::escape(name) == identifier);
        CHECK(cel::unescape(identifier) == name);
    }
    CHECK_FALSE(cel::escape("1a"));
    CHECK_FALSE(cel::escape("a b"));
    CHECK_FALSE(cel::unescape("a__nope__"));
}

TEST_CASE("cel: the expressions of the reference call every function of the table") {
    const auto read = [](const char* file) {
        return real_files().read(test::source_path("/tests/parity/cel/") + file);
    };
    const std::string rules = read("expressions.txt"), places = read("places.txt");
    for (const cel::Function& function : cel::functions()) {
        CAPTURE(function.name);
        const std::string call = std::string(function.name) + "(";
        const std::string& text = function.library == cel::Library::base ? rules : places;
        CHECK(text.find(function.style == cel::Style::member ? "." + call : call) != std::string::npos);
    }
}

TEST_CASE("cel: types that grow with each macro are known to a size") {
    std::string rule = "[1]";
    for (int i = 0; i < 60; ++i) rule += ".map(x, {x: x})";
    const auto compiled = cel::compile(rule + ".size() == 1");
    REQUIRE(std::holds_alternative<cel::Program>(compiled));
    CHECK_FALSE(cel::type_problem(std::get<cel::Program>(compiled), nullptr, 0));
}
