// Multiple-choice questions from rows, and the scores of what a model chooses.
// Source: the multiple_choice tasks of lm-eval 0.4 (lm_eval/api/task.py).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/place.h"

namespace ktrain::trainer {

struct ChoiceQuestion {
    std::string context;               // what the model reads; a blank stands between it and a choice
    std::vector<std::string> choices;  // two or more
    std::size_t gold = 0;              // the right one
};

// From a row {"query" or "question" or "ctx", "choices" or "endings", "gold" or "answer" or "label" or "answerKey"}.
// Choices are a list of texts, or {"text": [...], "label": [...]}; the right one is its number from 0, its label, a
// letter from A on, or its text. Errors: Error{input} at `place`.
ChoiceQuestion read_question(const Json& row, const Place& place);

// What a model thinks of a question: the log-likelihood of each choice.
struct ChoiceScores {
    std::uint64_t questions = 0;
    double accuracy = 0, accuracy_stderr = 0;  // by the likeliest choice
    double normed = 0, normed_stderr = 0;      // by the likeliest a character
};

struct Choice {
    std::size_t likeliest = 0, normed = 0;
};

// The first of equal ones. `log_likelihoods` has one of each choice.
Choice choose(const ChoiceQuestion& question, const std::vector<double>& log_likelihoods);

// `right` and `normed_right`: 1 or 0 for each question. The standard error is that of a mean, from the deviation with
// n - 1; 0 for a single question.
ChoiceScores score(const std::vector<int>& right, const std::vector<int>& normed_right);

}  // namespace ktrain::trainer
