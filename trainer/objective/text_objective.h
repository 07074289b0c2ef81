// What a model of texts is trained for: which rows it learns from, how they become tokens, and what a batch scores.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/model/score_head.h"
#include "core/spec/spec.h"
#include "trainer/data/example.h"
#include "trainer/data/token_batch.h"
#include "trainer/model/decoder.h"
#include "trainer/objective/label_map.h"
#include "trainer/text/encode.h"

namespace ktrain::trainer {

struct EncodeCall {
    const Encoder& encoder;
    const ObjectiveSpec& objective;
    const LabelMap* labels;  // of the run's head; nullptr where the next token is predicted
    const Example& example;
};

struct ScoreCall {
    const Decoder& model;
    const TokenBatch& batch;
    const TokenRows& rows;  // the batch as tensors
    const ObjectiveSpec& objective;
    const ScoreHead* head;
    double scale = 1;
};

// Sums over what a batch counts: learned tokens, texts or pairs.
struct TextScore {
    double loss = 0;
    std::int64_t correct = 0;
    at::Tensor scaled;                        // the loss times the scale; differentiable
    std::map<std::string, double> sums = {};  // of further figures, by the name of their mean
};

// What becomes of a text with more tokens than objective.max_length.
enum class TooLong {
    cut,
    goes_on,   // packed, in the next row; else cut
    left_out,  // with the row that it is in
};

struct TextObjective {
    std::string_view name;  // of objective.type
    std::span<const RowShape> shapes;
    RowForm form;       // of its token store
    bool scores_texts;  // by a head of its own; else the next token is predicted
    TooLong too_long;
    // Errors: those of the encoder, and Error{input} for a label that the model does not have. By any number of
    // threads.
    EncodedRow (*encode)(const EncodeCall& call);
    TextScore (*score)(const ScoreCall& call);

    std::int64_t count(const TokenBatch& batch) const;  // what the loss of a batch is the sum over
    // Whether its answers can be right or wrong.
    bool graded(const ScoreHead* head) const { return !scores_texts || !head->regression; }
};

// Those that learn from rows of this shape: "pretrain or sft"; empty for none.
std::string objectives_for(RowShape shape);

// The row for objective.type of a language model; empty is sft. Errors: Error{input} for one that is none of them.
const TextObjective& text_objective(const ObjectiveSpec& objective);

}  // namespace ktrain::trainer
