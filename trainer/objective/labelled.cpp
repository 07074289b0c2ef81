// Classification of texts, and regression where the label is a value.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/objective/classes.h"
#include "trainer/objective/text_kinds.h"

namespace ktrain::trainer {
namespace {

[[noreturn]] void unknown(const ScoreHead& head, const std::string& label) {
    const std::string near = nearest(label, head.labels);
    throw Error(
        ErrorKind::input, fmt::format("the model has no label \"{}\"", printable(label)), {},
        near.empty() ? fmt::format("it has {}", join(head.labels, ", ")) : fmt::format("did you mean {}?", near));
}

// A number is the name of a label, or else its index.
double number_of(const ScoreHead& head, const decltype(LabelledText::label)& label) {
    if (const auto* value = std::get_if<double>(&label)) {
        if (head.regression) return *value;
        unknown(head, fmt::format("{}", *value));
    }
    const auto* index = std::get_if<std::int64_t>(&label);
    if (index != nullptr && head.regression) return static_cast<double>(*index);
    const std::string name = index != nullptr ? std::to_string(*index) : std::get<std::string>(label);
    if (const auto found = std::ranges::find(head.labels, name); found != head.labels.end())
        return static_cast<double>(found - head.labels.begin());
    if (index == nullptr || *index >= head.size()) unknown(head, name);
    return static_cast<double>(*index);
}

}  // namespace

EncodedRow encode_labelled(const EncodeCall& call) {
    const auto& example = std::get<LabelledText>(call.example);
    return {{with_marks(call.encoder.read(example.text))}, {number_of(*call.head, example.label)}};
}

TextScore score_labelled(const ScoreCall& call) {
    const at::Tensor scores = call.model.scores(call.rows, last_tokens(call));
    const at::Tensor labels = numbers_of(call.batch);
    const Score score = call.head->regression ? regress(scores.squeeze(1), labels.to(at::kFloat))
                                              : classify(scores, labels.to(at::kLong));
    return {score.loss.item<double>(), score.correct, score.loss.mul(call.scale)};
}

}  // namespace ktrain::trainer
