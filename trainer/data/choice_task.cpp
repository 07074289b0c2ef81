// Reading of questions and arithmetic of scores.
#include "trainer/data/choice_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

constexpr std::array<std::string_view, 3> context_names{"query", "question", "ctx"};
constexpr std::array<std::string_view, 2> choice_names{"choices", "endings"};
constexpr std::array<std::string_view, 4> gold_names{"gold", "answer", "label", "answerKey"};
constexpr std::string_view form = R"(write {"query": "...", "choices": ["...", "..."], "gold": 0})";

[[noreturn]] void refuse(const Place& place, const std::string& message) {
    throw Error(ErrorKind::input, message, place, std::string(form));
}

const Json& member(const Json& row, std::span<const std::string_view> names, const Place& place) {
    for (const std::string_view name : names)
        if (const Json& value = at_path(row, {name}); !value.is_null()) return value;
    const std::vector<std::string> words(names.begin(), names.end());
    refuse(place, fmt::format("the question has no {}", join(words, ", nor ")));
}

std::vector<std::string> texts_of(const Json& list, const Place& place) {
    std::vector<std::string> texts;
    if (list.is_array())
        for (const Json& item : list) {
            if (!item.is_string() || item.get_ref<const std::string&>().empty())
                refuse(place, "a choice is no text, or an empty one");
            texts.push_back(item.get<std::string>());
        }
    if (texts.size() < 2) refuse(place, "a question needs a list of two choices or more");
    return texts;
}

std::optional<std::size_t> find(const std::vector<std::string>& texts, const std::string& text) {
    const auto found = std::ranges::find(texts, text);
    return found == texts.end() ? std::nullopt : std::optional<std::size_t>(found - texts.begin());
}

// Where a text names the right choice: labels first, for "1" may be one; then letters, numbers and the choice itself.
std::optional<std::size_t> named(const std::string& text, const std::vector<std::string>& labels,
                                 const std::vector<std::string>& choices) {
    if (!labels.empty()) return find(labels, text);
    if (text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z') return static_cast<std::size_t>(text[0] - 'A');
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error == std::errc() && end == text.data() + text.size()) return index;
    return find(choices, text);
}

// Unicode characters, as Python counts them.
double characters(const std::string& text) {
    return static_cast<double>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

struct Mean {
    double mean = 0, error = 0;
};

Mean mean_of(const std::vector<int>& values) {
    if (values.empty()) return {};
    const auto count = static_cast<double>(values.size());
    Mean result{std::accumulate(values.begin(), values.end(), 0.0) / count, 0};
    double squares = 0;
    for (const int value : values) squares += (value - result.mean) * (value - result.mean);
    if (count > 1) result.error = std::sqrt(squares / (count - 1) / count);
    return result;
}

}  // namespace

ChoiceQuestion read_question(const Json& row, const Place& place) {
    ChoiceQuestion question;
    const Json& context = member(row, context_names, place);
    if (!context.is_string()) refuse(place, "the question is no text");
    question.context = context.get<std::string>();
    const Json& choices = member(row, choice_names, place);
    const Json& nested = at_path(choices, {"text"});
    question.choices = texts_of(nested.is_null() ? choices : nested, place);
    std::vector<std::string> labels;
    if (const Json& named_labels = at_path(choices, {"label"}); !named_labels.is_null()) {
        labels = texts_of(named_labels, place);
        if (labels.size() != question.choices.size()) refuse(place, "there are not as many labels as choices");
    }
    const Json& gold = member(row, gold_names, place);
    std::optional<std::size_t> index;
    if (gold.is_number_integer() && gold.get<std::int64_t>() >= 0) index = gold.get<std::size_t>();
    if (gold.is_string()) index = named(gold.get<std::string>(), labels, question.choices);
    if (!index || *index >= question.choices.size())
        refuse(place, fmt::format("{} is none of the {} choices", printable(gold.dump().substr(0, 60)),
                                  question.choices.size()));
    question.gold = *index;
    return question;
}

Choice choose(const ChoiceQuestion& question, const std::vector<double>& log_likelihoods) {
    Choice choice;
    const auto normed = [&](std::size_t i) { return log_likelihoods[i] / characters(question.choices[i]); };
    for (std::size_t i = 1; i < log_likelihoods.size(); ++i) {
        if (log_likelihoods[i] > log_likelihoods[choice.likeliest]) choice.likeliest = i;
        if (normed(i) > normed(choice.normed)) choice.normed = i;
    }
    return choice;
}

ChoiceScores score(const std::vector<int>& right, const std::vector<int>& normed_right) {
    const Mean plain = mean_of(right), normed = mean_of(normed_right);
    return {right.size(), plain.mean, plain.error, normed.mean, normed.error};
}

}  // namespace ktrain::trainer
