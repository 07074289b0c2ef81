// Frequencies of each RoPE type, in the order of operations of transformers, and their tables.
#include "trainer/model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

using Frequencies = std::vector<float>;

Frequencies plain_frequencies(const RopeConfig& rope, std::int64_t rotary) {
    Frequencies frequencies;
    for (std::int64_t i = 0; i < rotary; i += 2)
        frequencies.push_back(
            1.0f / std::pow(static_cast<float>(rope.theta), static_cast<float>(i) / static_cast<float>(rotary)));
    return frequencies;
}

void llama3(const RopeConfig& rope, Frequencies& frequencies) {
    const double original = static_cast<double>(rope.original_positions);
    for (float& frequency : frequencies) {
        const double turns = original * frequency / (2 * std::numbers::pi);  // in the original context
        const double smooth = (turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
        if (turns < rope.low_freq_factor)
            frequency = static_cast<float>(frequency / rope.factor);
        else if (turns <= rope.high_freq_factor)
            frequency = static_cast<float>((1 - smooth) * frequency / rope.factor + smooth * frequency);
    }
}

void yarn(const RopeConfig& rope, std::int64_t rotary, Frequencies& frequencies) {
    const double width = static_cast<double>(rotary);
    const auto dimension_of = [&](double rotations) {
        return width * std::log(static_cast<double>(rope.original_positions) / (rotations * 2 * std::numbers::pi)) /
               (2 * std::log(rope.theta));
    };
    double low = dimension_of(rope.beta_fast), high = dimension_of(rope.beta_slow);
    if (rope.truncate) low = std::floor(low), high = std::ceil(high);
    low = std::max(low, 0.0), high = std::min(high, width - 1);
    if (low == high) high += 0.001;
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        const double kept = 1 - ramp;
        frequencies[i] = static_cast<float>(frequencies[i] / rope.factor * (1 - kept) + frequencies[i] * kept);
    }
}

void longrope(const RopeConfig& rope, bool is_long, Frequencies& frequencies) {
    const std::vector<double>& factors = is_long ? rope.long_factor : rope.short_factor;
    if (factors.size() != frequencies.size())
        throw Error(ErrorKind::input, is_long ? "long_factor of rope_scaling has another length than half a head"
                                              : "short_factor of rope_scaling has another length than half a head");
    for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= static_cast<float>(factors[i]);
}

double yarn_scale(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * std::log(factor) + 1;
}

// What the cosines and sines are multiplied by.
double attention_factor(const RopeConfig& rope) {
    if (rope.attention_factor > 0) return rope.attention_factor;
    if (rope.type == RopeType::longrope && rope.factor > 1)
        return std::sqrt(1 + std::log(rope.factor) / std::log(static_cast<double>(rope.original_positions)));
    if (rope.type != RopeType::yarn) return 1;
    if (rope.mscale > 0 && rope.mscale_all_dim > 0)
        return yarn_scale(rope.factor, rope.mscale) / yarn_scale(rope.factor, rope.mscale_all_dim);
    return yarn_scale(rope.factor, 1);
}

// `beyond` the original context.
Frequencies frequencies_of(const RopeConfig& rope, std::int64_t rotary, bool beyond) {
    Frequencies frequencies = plain_frequencies(rope, rotary);
    switch (rope.type) {
        case RopeType::plain:
            break;
        case RopeType::linear:
            for (float& frequency : frequencies) frequency /= static_cast<float>(rope.factor);
            break;
        case RopeType::llama3:
            llama3(rope, frequencies);
            break;
        case RopeType::longrope:
            longrope(rope, beyond, frequencies);
            break;
        case RopeType::yarn:
            yarn(rope, rotary, frequencies);
            break;
    }
    return frequencies;
}

// For positions from 0 to length - 1.
RopeTables tables_of(const RopeConfig& rope, std::int64_t head_dim, std::int64_t length, bool beyond) {
    RopeTables tables;
    tables.rotary = static_cast<std::int64_t>(static_cast<double>(head_dim) * rope.partial_rotary_factor) / 2 * 2;
    const Frequencies frequencies = frequencies_of(rope, tables.rotary, beyond);
    const auto scale = static_cast<float>(attention_factor(rope));
    tables.cosines.reserve(static_cast<std::size_t>(length) * frequencies.size());
    tables.sines.reserve(static_cast<std::size_t>(length) * frequencies.size());
    for (std::int64_t position = 0; position < length; ++position) {
        for (const float frequency : frequencies) {
            const float angle = static_cast<float>(position) * frequency;
            tables.cosines.push_back(std::cos(angle) * scale);
            tables.sines.push_back(std::sin(angle) * scale);
        }
    }
    return tables;
}

}  // namespace

Rope::Rope(const RopeConfig& rope, std::int64_t head_dim, std::int64_t longest)
    : original_positions_(rope.original_positions) {
    const bool two = rope.type == RopeType::longrope && longest > original_positions_;
    usual_ = tables_of(rope, head_dim, two ? original_positions_ : longest, false);
    if (two) beyond_ = tables_of(rope, head_dim, longest, true);
}

}  // namespace ktrain::trainer
