// A task of multiple-choice questions, from its file to its scores.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trainer/data/choice_task.h"
#include "trainer/recipe/causal_lm.h"
#include "trainer/recipe/language_model.h"
#include "trainer/recipe/log_likelihood.h"

namespace ktrain::trainer {

class ChoiceRun {
public:
    // Reads and tokenises every question of the file. Errors: Error{input} with file and line.
    ChoiceRun(const std::string& path, const Tokenizer& tokenizer, const DecoderConfig& model);

    std::int64_t longest() const { return longest_; }  // tokens that the model reads at once
    std::uint64_t cut() const { return cut_; }         // questions whose front is left out, with some choice
    // Nothing when the host asked to stop. Errors: those of log_likelihoods().
    std::optional<ChoiceScores> score(const Decoder& model, std::size_t batch_size, const Host& host) const;

private:
    std::vector<ChoiceQuestion> questions_;
    std::vector<Continuation> choices_;  // of all questions, one behind the other
    std::int64_t longest_ = 0;
    std::uint64_t cut_ = 0;
};

}  // namespace ktrain::trainer
