// Prediction of the next token: pre-training and supervised fine-tuning.
#include <algorithm>

#include "core/base/error.h"
#include "trainer/objective/text_kinds.h"

namespace ktrain::trainer {
namespace {

// One overload for each kind of example that a language model is trained on.
struct Encode {
    const Encoder& encoder;
    const ObjectiveSpec& objective;

    Tokens operator()(const PlainExample& example) const { return encoder.text(example.text); }
    Tokens operator()(const ChatExample& example) const {
        return encoder.chat(example.messages, {.tools = example.tools, .documents = {}, .more = {}},
                            objective.assistant_only_loss ? Learn::assistant : Learn::all);
    }
    Tokens operator()(const PromptCompletion& example) const {
        Tokens tokens =
            std::holds_alternative<Json>(example.prompt)
                ? encoder.chat_completion(std::get<Json>(example.prompt), std::get<Json>(example.completion),
                                          {.tools = example.tools, .documents = {}, .more = {}})
                : encoder.completion(std::get<std::string>(example.prompt), std::get<std::string>(example.completion));
        if (!objective.completion_only_loss) std::ranges::fill(tokens.learned, std::uint8_t{1});
        return tokens;
    }
    Tokens operator()(const TokenExample& example) const {
        return {example.ids, {example.learned.begin(), example.learned.end()}};
    }
    Tokens operator()(const auto&) const {
        throw Error(ErrorKind::bug, "a row of another shape was accepted for a language model");
    }
};

}  // namespace

EncodedRow encode_language(const EncodeCall& call) {
    return {{with_marks(std::visit(Encode{call.encoder, call.objective}, call.example))}, {}};
}

TextScore score_language(const ScoreCall& call) {
    const TokenLoss loss = call.model.loss(call.rows, call.scale);
    return {loss.sum, loss.correct, loss.scaled};
}

}  // namespace ktrain::trainer
