// Pairs of rewards and their loss; which rows a reward model learns from.
#include "trainer/objective/reward.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/pow.h>

#include "trainer/objective/text_kinds.h"

namespace ktrain::trainer {
namespace {

// Prompt and answer as one.
Text joined(const std::optional<Text>& prompt, const Text& answer) {
    if (!prompt) return answer;
    if (std::holds_alternative<std::string>(answer))
        return std::get<std::string>(*prompt) + std::get<std::string>(answer);
    Json messages = std::get<Json>(*prompt);
    for (const Json& message : std::get<Json>(answer)) messages.push_back(message);
    return messages;
}

std::vector<Token> encode(const Encoder& encoder, const Text& text, const Json& tools) {
    const Tokens tokens =
        std::holds_alternative<std::string>(text)
            ? encoder.text(std::get<std::string>(text))
            : encoder.chat(std::get<Json>(text), {.tools = tools, .documents = {}, .more = {}}, Learn::all);
    return with_marks(tokens);
}

}  // namespace

RewardScore compare(const at::Tensor& chosen, const at::Tensor& rejected, const at::Tensor& margins, double centering) {
    const at::Tensor difference = chosen.sub(rejected), sum = chosen.add(rejected);
    at::Tensor loss = at::log_sigmoid(difference.sub(margins)).neg();
    if (centering > 0) loss = loss.add(sum.pow(2), centering);
    return {loss.sum(), chosen.gt(rejected).sum().item<std::int64_t>(),
            difference.detach().sum(at::kDouble).item<double>(), sum.detach().sum(at::kDouble).item<double>() / 2};
}

EncodedRow encode_pair(const EncodeCall& call) {
    const auto& pair = std::get<PreferencePair>(call.example);
    return {{encode(call.encoder, joined(pair.prompt, pair.chosen), pair.tools),
             encode(call.encoder, joined(pair.prompt, pair.rejected), pair.tools)},
            {pair.margin.value_or(0)}};
}

TextScore score_pairs(const ScoreCall& call) {
    const at::Tensor rewards = call.model.scores(call.rows, last_tokens(call)).squeeze(1);
    const std::int64_t pairs = rewards.size(0) / 2;  // all chosen, then all rejected
    const RewardScore score = compare(rewards.slice(0, 0, pairs), rewards.slice(0, pairs),
                                      numbers_of(call.batch).to(at::kFloat), call.objective.center_rewards_coefficient);
    return {score.loss.item<double>(),
            score.correct,
            score.loss.mul(call.scale),
            {{"margin", score.margin}, {"mean_reward", score.mean_reward}}};
}

}  // namespace ktrain::trainer
