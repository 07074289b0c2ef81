// Multiple-choice questions: every form of a row, what is refused, and the arithmetic of scores.
#include "trainer/data/choice_task.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/images.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

ChoiceQuestion question(const std::string& row) {
    return read_question(Json::parse(row), {"q.jsonl", 3, 0, ""});
}

std::string refusal(const std::string& row) {
    const Error error = error_of([&] { question(row); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.where.line == 3);
    CHECK(!error.hint.empty());
    return error.message;
}

}  // namespace

TEST_CASE("every name of question, choices and answer is read") {
    const auto plain = question(R"({"query": "Q", "choices": ["a", "b", "c"], "gold": 2})");
    CHECK(plain.context == "Q");
    CHECK(plain.choices == std::vector<std::string>{"a", "b", "c"});
    CHECK(plain.gold == 2);
    struct Form {
        const char* row;
        std::size_t gold;
    };
    for (const auto& [row, gold] : std::initializer_list<Form>{
             {R"({"question": "Q", "choices": ["a", "b"], "answer": 1})", 1},
             {R"({"question": "Q", "choices": ["a", "b"], "answer": "B"})", 1},
             {R"({"ctx": "Q", "endings": ["a", "b"], "label": "1"})", 1},
             {R"({"query": "Q", "choices": ["x", "y"], "gold": "y"})", 1},
             {R"({"question": "Q", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "B"})", 1},
             {R"({"question": "Q", "choices": {"text": ["a", "b"], "label": ["1", "2"]}, "answerKey": "1"})", 0},
             {R"({"query": "", "choices": ["a", "b"], "gold": 0})", 0}}) {
        CAPTURE(row);
        CHECK(question(row).gold == gold);
    }
}

TEST_CASE("a question that makes no sense is refused") {
    CHECK(refusal(R"({"choices": ["a", "b"], "gold": 0})") == "the question has no query, nor question, nor ctx");
    CHECK(refusal(R"({"query": 1, "choices": ["a", "b"], "gold": 0})") == "the question is no text");
    CHECK(refusal(R"({"query": "Q", "choices": ["a"], "gold": 0})") ==
          "a question needs a list of two choices or more");
    CHECK(refusal(R"({"query": "Q", "choices": "ab", "gold": 0})") == "a question needs a list of two choices or more");
    CHECK(refusal(R"({"query": "Q", "choices": ["a", ""], "gold": 0})") == "a choice is no text, or an empty one");
    CHECK(refusal(R"({"query": "Q", "choices": ["a", "b"]})").starts_with("the question has no gold"));
    for (const char* gold : {"2", "-1", "1.5", "\"C\"", "\"c\"", "true", "[0]"}) {
        CAPTURE(gold);
        CHECK(refusal(fmt::format(R"({{"query": "Q", "choices": ["a", "b"], "gold": {}}})", gold))
                  .ends_with(" is none of the 2 choices"));
    }
    CHECK(refusal(R"({"query": "Q", "choices": {"text": ["a", "b"], "label": ["A", "B", "C"]}, "answerKey": "A"})") ==
          "there are not as many labels as choices");
}

TEST_CASE("the likeliest choice, also by character, and the first of equal ones") {
    const auto asked = question(R"({"query": "Q", "choices": ["ab", "\u738b\u69d8\u306f\u4eba", "ab"], "gold": 0})");
    const Choice choice = choose(asked, {-4, -6, -4});
    CHECK(choice.likeliest == 0);
    CHECK(choice.normed == 1);  // 4 characters, not 12 bytes: -1.5 against -2
}

TEST_CASE("scores are means with the standard error of lm-eval") {
    const ChoiceScores scores = score({1, 0, 1, 1}, {0, 0, 0, 0});
    CHECK(scores.questions == 4);
    CHECK(scores.accuracy == 0.75);
    CHECK(scores.accuracy_stderr == doctest::Approx(0.25));
    CHECK(scores.normed == 0);
    CHECK(scores.normed_stderr == 0);
    CHECK(score({1}, {1}).accuracy_stderr == 0);
}
