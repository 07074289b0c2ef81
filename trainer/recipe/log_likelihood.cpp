// Continuations in batches of one line without padding.
#include "trainer/recipe/log_likelihood.h"

#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

// As a tokenizer does it by itself; a text that begins with the BOS gets no second one.
TokenIds encode(const Tokenizer& tokenizer, std::string_view text) {
    const auto& special = tokenizer.config().special;
    const auto bos = special.find("bos_token");
    const bool has_bos = bos != special.end() && text.starts_with(bos->second);
    return tokenizer.encode(text, !has_bos);
}

std::int32_t prefix_token(const Tokenizer& tokenizer) {
    const auto bos = tokenizer.special_id("bos_token");
    const auto id = bos ? bos : tokenizer.special_id("eos_token");
    if (!id)
        throw Error(ErrorKind::input, "the tokenizer has neither a BOS nor an EOS to begin a text with", {},
                    "name them in tokenizer_config.json");
    return *id;
}

// One line without padding: each continuation is a segment of its own.
TokenRows rows_of(const std::vector<const Continuation*>& members) {
    std::vector<std::int64_t> ids, positions, starts, labels;
    for (const Continuation* member : members) {
        const auto start = static_cast<std::int64_t>(ids.size());
        for (std::size_t i = 0; i < member->inputs(); ++i) {
            ids.push_back(member->ids[i]);
            positions.push_back(static_cast<std::int64_t>(i));
            starts.push_back(start);
            labels.push_back(i + 1 >= member->begin ? member->ids[i + 1] : -100);
        }
    }
    const auto length = static_cast<std::int64_t>(ids.size());
    const auto tensor = [](const std::vector<std::int64_t>& values) { return at::tensor(values, at::kLong); };
    return {1, length, tensor(ids), tensor(positions), tensor(starts), tensor(labels)};
}

}  // namespace

Continuation continue_text(const Tokenizer& tokenizer, std::string_view context, std::string_view continuation,
                           std::int64_t positions) {
    const std::size_t end = context.find_last_not_of(" \t\r\n\f\v") + 1;  // 0 where there is nothing else
    const std::string scored = std::string(context.substr(end)) + std::string(continuation);
    const std::string_view read = context.substr(0, end);
    Continuation result;
    if (read.empty()) {
        result.ids = tokenizer.encode(scored, false);
        result.ids.insert(result.ids.begin(), prefix_token(tokenizer));
        result.begin = 1;
    } else {
        result.ids = encode(tokenizer, std::string(read) + scored);
        // Where the border lies within a token, that token is scored.
        const std::size_t before = encode(tokenizer, read).size();
        result.begin = std::clamp<std::size_t>(before, 1, std::max<std::size_t>(result.ids.size(), 2) - 1);
    }
    if (result.ids.size() < 2)
        throw Error(ErrorKind::input,
                    fmt::format("\"{}\" has no token to score", printable(continuation.substr(0, 60))), {},
                    "write choices that the tokenizer knows");
    const auto most = static_cast<std::size_t>(positions);  // of the tokens that are read
    if (result.inputs() > most) {
        const std::size_t left_out = result.inputs() - most;
        result.ids.erase(result.ids.begin(), result.ids.begin() + static_cast<std::ptrdiff_t>(left_out));
        result.begin = std::max<std::size_t>(result.begin > left_out ? result.begin - left_out : 1, 1);
        result.cut = true;
    }
    return result;
}

std::vector<double> log_likelihoods(const Decoder& model, const std::vector<Continuation>& all, std::size_t batch_size,
                                    const Host& host) {
    const c10::NoGradGuard no_grad;
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return all[i].ids.size(); });
    std::vector<double> results(all.size());
    for (std::size_t begin = 0; begin < order.size(); begin += batch_size) {
        if (host.stop_signal() != 0) return {};
        const std::size_t end = std::min(begin + batch_size, order.size());
        std::vector<const Continuation*> members;
        for (std::size_t i = begin; i < end; ++i) members.push_back(&all[order[i]]);
        const TokenRows rows = rows_of(members);
        const TokenLoss loss = model.loss(rows, 0);
        const float* next = loss.losses.const_data_ptr<float>();
        for (std::size_t i = begin; i < end; ++i) {
            const Continuation& member = all[order[i]];
            const auto scored = static_cast<std::ptrdiff_t>(member.ids.size() - member.begin);
            results[order[i]] = -std::accumulate(next, next + scored, 0.0);
            next += scored;
            if (!std::isfinite(results[order[i]]))
                throw Error(ErrorKind::failed, "a log-likelihood is no number", {}, "check the weights of the model");
        }
        host.event({{"event", "evaluate"}, {"done", end}, {"total", order.size()}});
    }
    return results;
}

}  // namespace ktrain::trainer
