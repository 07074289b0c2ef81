// The head of a run that scores texts: its labels are those of the model, or else those in the data.
#pragma once

#include "core/model/score_head.h"
#include "core/spec/spec.h"
#include "trainer/data/data_files.h"
#include "trainer/recipe/adapter_folder.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/text/tokenizer.h"

namespace ktrain::trainer {

// The labels of the rows, sorted as run_classification.py of transformers sorts them: numbers by their value, else
// by their text; a fraction anywhere makes them values of a regression. Reads every row. Errors: Error{input} at the
// row for a label that is none or does not fit the others, and for one label only.
ScoreHead labels_in_data(const TrainingSpec& spec, const DataSplit& split);

// The head that the objective wants: `own`, which the model has, or a new one. Nothing where the next token is
// predicted. Errors: as above.
std::optional<ScoreHead> head_for(const TrainingSpec& spec, const std::optional<ScoreHead>& own);
// Of the config.json in a folder; nothing where there is none.
std::optional<ScoreHead> head_in(const std::string& folder);

// Gives the folder the head that the objective wants, and its config to match; leaves it as it is where the next token
// is predicted. Errors: as above, and Error{input} for a model with another head.
void give_head(const TrainingSpec& spec, const Tokenizer& tokenizer, ModelFolder& folder);

// The head of an adapter that scores texts: as head_file() has it, or with the usual labels where PEFT wrote it.
ScoreHead adapter_head(const AdapterFolder& adapter);

// For a model that is only evaluated, perhaps with an adapter on it: nothing is read from the data. Errors:
// Error{input} where neither has the head that the objective wants.
void give_head_for_evaluation(const TrainingSpec& spec, const Tokenizer& tokenizer, const AdapterFolder* adapter,
                              ModelFolder& folder);

}  // namespace ktrain::trainer
