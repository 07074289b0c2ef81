// Reads statistics of data, and says how much of its batches is padding.
#include "core/estimate/token_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ktrain {
namespace {

double number(const Json& object, std::string_view key) {
    const Json& value = at_path(object, {key});
    return value.is_number() ? value.get<double>() : 0;
}

const Json* find_split(const Json& splits, std::string_view name) {
    for (const Json& split : splits)
        if (string_or(split, "split") == name) return &split;
    return nullptr;
}

// Tokens of a split that a run reads: rows beyond max_length are cut, or left out whole.
double tokens_read(const Json& split) {
    return std::max(0.0, number(split, "tokens") - number(split, "cut_tokens"));
}

std::vector<TokenCounts::Quantile> quantiles_of(const Json& length, double most) {
    struct Point {
        double share;
        std::string_view key;
    };
    constexpr std::array points{Point{0, "min"},    Point{0.5, "p50"},  Point{0.9, "p90"},
                                Point{0.95, "p95"}, Point{0.99, "p99"}, Point{1, "max"}};
    std::vector<TokenCounts::Quantile> quantiles;
    for (const Point& point : points) {
        const double tokens = number(length, point.key);
        if (tokens <= 0) return {};
        quantiles.push_back({point.share, most > 0 ? std::min(tokens, most) : tokens});
    }
    return quantiles;
}

}  // namespace

// The integral of the quantile at u over the density n u^(n-1) of the longest's share, exact between two points.
double TokenCounts::longest_of(double count) const {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < quantiles.size(); ++i) {
        const Quantile &from = quantiles[i], &to = quantiles[i + 1];
        const double slope = (to.length - from.length) / (to.share - from.share);
        const double base = from.length - slope * from.share;
        const auto power = [&](double share, double exponent) { return std::pow(share, exponent); };
        sum += base * (power(to.share, count) - power(from.share, count)) +
               slope * count / (count + 1) * (power(to.share, count + 1) - power(from.share, count + 1));
    }
    return sum;
}

TokenCounts read_token_counts(std::string_view text, const std::string& file, bool packing) {
    const Json answer = parse_json(text, file);
    const Json& splits = at_path(answer, {"splits"});
    const Json* train = splits.is_array() ? find_split(splits, "train") : nullptr;
    if (train == nullptr || number(*train, "tokens") <= 0)
        throw Error(ErrorKind::input, "it has no tokens of a split called train", {file, 0, 0, ""},
                    "make it with: ktrain data stats SPEC -o json");
    TokenCounts counts;
    counts.rows = number(*train, "rows") - number(*train, "dropped_rows");
    counts.tokens = tokens_read(*train);
    counts.max_length = number(answer, "max_length");
    counts.sequences = packing ? number(*train, "packed_sequences") : counts.rows;
    if (const Json* held = find_split(splits, "validation")) counts.evaluation_tokens = tokens_read(*held);
    counts.quantiles = quantiles_of(at_path(*train, {"length"}), counts.max_length);
    return counts;
}

Padding padding_of(const TrainingSpec& spec, const Framework& framework, const PaddingInput& input) {
    using Basis = Padding::Basis;
    if (input.said > 0) return {input.said};
    if (spec.objective.packing) return {};
    if (framework.own_kernels) return {1, Basis::none};
    if (spec.training.group_by_length) return {1, Basis::grouped};
    const auto batch = static_cast<double>(spec.training.per_device_train_batch_size);
    if (input.counts != nullptr && !input.counts->quantiles.empty()) {
        const double one = input.counts->longest_of(1), longest = input.counts->longest_of(batch);
        return {std::min(1.0, one / longest), Basis::longest, batch, one, longest};
    }
    if (input.mean_length > 0)
        return {std::min(1.0, input.mean_length / input.most), Basis::most, batch, input.mean_length, input.most};
    return {1, Basis::unknown};
}

std::string words_of(const Padding& padding) {
    switch (padding.basis) {
        case Padding::Basis::known:
            break;
        case Padding::Basis::none:
            return "rows lie behind each other: ktrain computes no padding";
        case Padding::Basis::grouped:
            return "rows of similar length are in a batch: padding is not counted";
        case Padding::Basis::longest:
            return fmt::format(
                "each batch of {} is padded to its longest row, {:.0f} tokens on average, where the mean is {:.0f}",
                padding.rows, padding.padded, padding.mean);
        case Padding::Basis::most:
            return fmt::format(
                "rows of {:.0f} tokens on average are padded to max_length {:.0f}: --tokens-from tells more",
                padding.mean, padding.padded);
        case Padding::Basis::unknown:
            return "padding of rows is not counted: --tokens-from or --mean-length says how long they are";
    }
    return "";
}

}  // namespace ktrain
