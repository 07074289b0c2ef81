// Classification of texts, and regression where the label is a value.
#include "trainer/objective/classes.h"
#include "trainer/objective/text_kinds.h"

namespace ktrain::trainer {
EncodedRow encode_labelled(const EncodeCall& call) {
    const auto& example = std::get<LabelledText>(call.example);
    return {{with_marks(call.encoder.read(example.text))}, {(*call.labels)(example.label)}};
}

TextScore score_labelled(const ScoreCall& call) {
    const at::Tensor scores = call.model.scores(call.rows, last_tokens(call));
    const at::Tensor labels = numbers_of(call.batch);
    const Score score = call.head->regression ? regress(scores.squeeze(1), labels.to(at::kFloat))
                                              : classify(scores, labels.to(at::kLong));
    return {score.loss.item<double>(), score.correct, score.loss.mul(call.scale)};
}

}  // namespace ktrain::trainer
