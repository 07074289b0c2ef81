// The functions behind the rows of the table of text objectives, and what they share.
#pragma once

#include "trainer/objective/text_objective.h"

namespace ktrain::trainer {

EncodedRow encode_language(const EncodeCall& call);
EncodedRow encode_labelled(const EncodeCall& call);
EncodedRow encode_pair(const EncodeCall& call);
TextScore score_language(const ScoreCall& call);
TextScore score_labelled(const ScoreCall& call);
TextScore score_pairs(const ScoreCall& call);

// Tokens as they are stored.
std::vector<Token> with_marks(const Tokens& tokens);

// The rows whose scores are those of the sequences: of each its last token that is no padding [sequences], int64.
at::Tensor last_tokens(const ScoreCall& call);

// The numbers of the samples, each as many as the store has [samples * numbers], float64.
at::Tensor numbers_of(const TokenBatch& batch);

}  // namespace ktrain::trainer
