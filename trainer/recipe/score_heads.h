// The head of a run that scores texts: its labels are those of the model, or else those in the data.
#pragma once

#include "core/model/score_head.h"
#include "core/spec/spec.h"
#include "trainer/recipe/adapter_folder.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/report/host.h"
#include "trainer/text/tokenizer.h"

namespace ktrain::trainer {

struct WantedHead {
    std::optional<ScoreHead> head;  // nothing where the next token is predicted
    bool stopped = false;           // the host asked for it while rows were read
};

// Whether labels that were read are kept for the next start (label_file.h).
enum class Remember { no, yes };

// The head that the objective wants: `own`, which the model has, or a new one. The labels of a new classifier are those
// of the training rows: as they were kept, or else all rows are read, with "labels" events. Errors: Error{input} at the
// row for a label that is none or does not fit the others, and for one label only; those of splits_of_run and
// LabelFile.
WantedHead head_for(const TrainingSpec& spec, const std::optional<ScoreHead>& own, const Host& host, Remember remember);

// Gives the folder the head that the objective wants, and its config to match; leaves it as it is where the next token
// is predicted. False when the host asked to stop. Errors: as above, and Error{input} for a model with another head.
bool give_head(const TrainingSpec& spec, const Tokenizer& tokenizer, const Host& host, Remember remember,
               ModelFolder& folder);

// The head of an adapter that scores texts: as head_file() has it, or with the usual labels where PEFT wrote it.
ScoreHead adapter_head(const AdapterFolder& adapter);

// For a model that is only evaluated, perhaps with an adapter on it: nothing is read from the data. Errors:
// Error{input} where neither has the head that the objective wants.
void give_head_for_evaluation(const TrainingSpec& spec, const Tokenizer& tokenizer, const AdapterFolder* adapter,
                              ModelFolder& folder);

}  // namespace ktrain::trainer
