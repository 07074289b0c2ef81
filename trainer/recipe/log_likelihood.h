// How likely a model finds texts behind other texts.
// Source: loglikelihood requests of lm-eval 0.4 (lm_eval/api/model.py and models/huggingface.py).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trainer/model/decoder.h"
#include "trainer/report/host.h"
#include "trainer/text/tokenizer.h"

namespace ktrain::trainer {

// Tokens of which those from `begin` on are scored; there is one before them.
struct Continuation {
    TokenIds ids;
    std::size_t begin = 0;
    bool cut = false;  // the front was left out

    std::size_t inputs() const { return ids.size() - 1; }  // what the model reads: the last token is only predicted
};

// The tokens of both texts together; blanks at the end of the context count to the continuation. Without a context the
// BOS stands there, or the EOS. Where the model has fewer `positions`, the front is left out. Errors: Error{input} for
// a continuation without a token.
Continuation continue_text(const Tokenizer& tokenizer, std::string_view context, std::string_view continuation,
                           std::int64_t positions);

// The sum of the log-likelihoods of each continuation's scored tokens, in natural logarithms. `batch_size`
// continuations of similar length are computed together; none sees another. Fewer when the host asked to stop.
// Errors: Error{failed} for one that is no number.
std::vector<double> log_likelihoods(const Decoder& model, const std::vector<Continuation>& all, std::size_t batch_size,
                                    const Host& host);

}  // namespace ktrain::trainer
