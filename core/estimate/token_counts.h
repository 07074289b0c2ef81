// What the data of a training come to in tokens, from the answer of `ktrain data stats -o json`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

struct TokenCounts {
    struct Quantile {
        double share;   // of the rows, 0 to 1
        double length;  // tokens that so many rows have at most
    };

    double rows = 0;                  // that train; of pairs both texts are one row
    double tokens = 0;                // trained in an epoch: what is beyond max_length is not counted
    double sequences = 0;             // rows, or what they are packed into; 0: not known
    double evaluation_tokens = 0;     // of one evaluation; 0: no rows are held out
    double max_length = 0;            // that rows were cut to
    std::vector<Quantile> quantiles;  // by share, from 0 to 1; empty: not known

    double mean_length() const { return rows > 0 ? tokens / rows : 0; }
    // The mean length of the longest of `count` rows: what a batch is padded to. Between two quantiles lengths rise
    // evenly. 0 when the quantiles are not known.
    double longest_of(double count) const;
};

// Errors: Error{input} with the file for text that is no such answer.
TokenCounts read_token_counts(std::string_view text, const std::string& file, bool packing);

// What is known of the lengths of rows, to say how much of a batch is padding.
struct PaddingInput {
    const TokenCounts* counts = nullptr;
    double mean_length = 0;  // said; 0: not known
    double said = 0;         // the share itself; 0: not said
    double most = 0;         // tokens that a row has at most
};

// The share of computed tokens that is no padding, and why.
struct Padding {
    enum class Basis { known, none, grouped, longest, most, unknown };
    double efficiency = 1;
    Basis basis = Basis::known;   // it was said, or rows are packed
    double rows = 0;              // of a batch
    double mean = 0, padded = 0;  // tokens of a row, and of what it is padded to
};
Padding padding_of(const TrainingSpec& spec, const Framework& framework, const PaddingInput& input);

// What was assumed; empty where it is known.
std::string words_of(const Padding& padding);

}  // namespace ktrain
