// Questions become continuations, and their log-likelihoods choices.
#include "trainer/recipe/choice_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/place.h"
#include "trainer/data/data_files.h"

namespace ktrain::trainer {
namespace {

// Between a question and its answers, as lm-eval's target_delimiter.
constexpr std::string_view delimiter = " ";

}  // namespace

ChoiceRun::ChoiceRun(const std::string& path, const Tokenizer& tokenizer, const DecoderConfig& model) {
    if (model.shape.labels > 0)
        throw Error(ErrorKind::input, "questions are answered by a language model, and this one scores texts",
                    {path, 0, 0, ""}, "leave out --tasks");
    const auto rows = open_rows(find_data(real_files(), path).front());
    for (std::uint64_t index = 0; index < rows->size(); ++index) {
        const Place place = rows->place(index);
        questions_.push_back(read_question(rows->read(index), place));
        const ChoiceQuestion& question = questions_.back();
        for (const std::string& choice : question.choices) try {
                choices_.push_back(
                    continue_text(tokenizer, question.context, std::string(delimiter) + choice, model.positions));
            } catch (const Error& error) {
                throw Error(error.kind, error.message, place, error.hint);
            }
        const auto first = choices_.end() - static_cast<std::ptrdiff_t>(question.choices.size());
        cut_ += std::any_of(first, choices_.end(), [](const Continuation& choice) { return choice.cut; }) ? 1 : 0;
        for (std::size_t i = choices_.size() - question.choices.size(); i < choices_.size(); ++i) {
            longest_ = std::max(longest_, static_cast<std::int64_t>(choices_[i].inputs()));
            const auto largest = *std::ranges::max_element(choices_[i].ids);
            if (largest >= model.shape.vocab)
                throw Error(
                    ErrorKind::input,
                    fmt::format("a question has the token {}, but the model has {} only", largest, model.shape.vocab),
                    place, "use the tokenizer of the model");
        }
    }
}

std::optional<ChoiceScores> ChoiceRun::score(const Decoder& model, std::size_t batch_size, const Host& host) const {
    const std::vector<double> likelihoods = log_likelihoods(model, choices_, batch_size, host);
    if (likelihoods.size() != choices_.size()) return std::nullopt;
    std::vector<int> right, normed;
    auto next = likelihoods.begin();
    for (const ChoiceQuestion& question : questions_) {
        const auto end = next + static_cast<std::ptrdiff_t>(question.choices.size());
        const Choice choice = choose(question, {next, end});
        right.push_back(choice.likeliest == question.gold ? 1 : 0);
        normed.push_back(choice.normed == question.gold ? 1 : 0);
        next = end;
    }
    return trainer::score(right, normed);
}

}  // namespace ktrain::trainer
