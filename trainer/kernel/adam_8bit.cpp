// The dynamic 8-bit code, and AdamW over blocks of it.
#include "trainer/kernel/adam_8bit.h"

#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "trainer/kernel/blocks.h"
#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

static_assert(block % moment_block == 0);

// Seven decades; the i-th from the smallest has `finest` / 2^(6 - i) numbers, the middles of equal parts of
// [0.1, 1] * 10^(i - 6). With 0 and 1 these are all numbers that are not negative.
std::vector<float> magnitudes(int finest) {
    std::vector<float> numbers{0};
    for (int decade = 0; decade < 7; ++decade) {
        const int count = finest >> (6 - decade);
        for (int i = 0; i < count; ++i)
            numbers.push_back(static_cast<float>(std::pow(10, decade - 6) * (0.1 + 0.9 * (i + 0.5) / count)));
    }
    numbers.push_back(1);
    return numbers;
}

DynamicCode with_signs() {
    const std::vector<float> positive = magnitudes(64);
    DynamicCode code{};
    for (std::size_t i = 0; i < positive.size(); ++i) code[127 + i] = positive[i];
    for (std::size_t i = 1; i + 1 < positive.size(); ++i) code[127 - i] = -positive[i];
    return code;
}

DynamicCode without_signs() {
    const std::vector<float> numbers = magnitudes(128);
    DynamicCode code{};
    std::ranges::copy(numbers, code.begin());
    return code;
}

// Finds the nearest of ascending numbers that begin with 0 and end with 1: the leading bits of a float tell all but
// one of the bounds between neighbours, and that one is compared with.
class Nearest {
public:
    explicit Nearest(std::span<const float> numbers) {
        bounds_.fill(std::numeric_limits<float>::infinity());
        for (std::size_t i = 0; i + 1 < numbers.size(); ++i) bounds_[i] = (numbers[i] + numbers[i + 1]) / 2;
        for (std::int32_t key = 0; key <= last_key; ++key) {
            const float least = key == 0 ? 0.0f : std::bit_cast<float>((key + first_bits) << dropped_bits);
            start_[static_cast<std::size_t>(key)] =
                static_cast<std::int32_t>(std::ranges::lower_bound(bounds_, least) - bounds_.begin());
        }
    }

    KTRAIN_INLINE std::int32_t operator()(float magnitude) const {
        const std::int32_t leading = (std::bit_cast<std::int32_t>(magnitude) >> dropped_bits) - first_bits;
        const std::int32_t key = leading < 0 ? 0 : leading > last_key ? last_key : leading;
        const std::int32_t found = start_[static_cast<std::size_t>(key)];
        return found + (magnitude > bounds_[static_cast<std::size_t>(found)] ? 1 : 0);
    }

private:
    static constexpr int dropped_bits = 16;                            // seven bits behind the point stay
    static constexpr std::int32_t first_bits = (127 - 23) << 7;        // 2^-23, below the smallest bound
    static constexpr std::int32_t last_key = (127 << 7) - first_bits;  // 1
    std::array<float, 256> bounds_;
    std::array<std::int32_t, last_key + 1> start_;
};

// All that a step reads, so that one pointer reaches it.
struct Codes {
    DynamicCode with_sign = with_signs();
    DynamicCode without_sign = without_signs();
    Nearest magnitude{std::span(with_sign).subspan(127)};
    Nearest square{without_sign};
};

const Codes& codes() {
    static const Codes made;
    return made;
}

// The codes of a moment's block and where its largest magnitude is; codes are bytes, which the compiler must be told
// not to be part of anything else.
KTRAIN_CLONES void adam_8bit_block(const AdamStep& step, const Codes& code, std::int64_t n, float* __restrict weights,
                                   float* __restrict gradients, std::uint8_t* __restrict first,
                                   std::uint8_t* __restrict second, float* __restrict largest1,
                                   float* __restrict largest2) {
    float m[moment_block], v[moment_block], top1 = 0, top2 = 0;
    const float scale1 = *largest1, scale2 = *largest2;
#pragma omp simd reduction(max : top1, top2)
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = gradients[i] * step.gradient_scale;
        m[i] = code.with_sign[first[i]] * scale1 * step.beta1 + step.fresh1 * g;
        v[i] = code.without_sign[second[i]] * scale2 * step.beta2 + step.fresh2 * g * g;
        weights[i] = weights[i] * step.kept - step.size * m[i] / (__builtin_sqrtf(v[i]) / step.root + step.epsilon);
        gradients[i] = 0;
        const float size = __builtin_fabsf(m[i]);
        top1 = top1 > size ? top1 : size;
        top2 = top2 > v[i] ? top2 : v[i];
    }
    const float inverse1 = 1 / std::max(top1, 1e-38f), inverse2 = 1 / std::max(top2, 1e-38f);
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float x = m[i] * inverse1;
        const std::int32_t index = code.magnitude(__builtin_fabsf(x));
        first[i] = static_cast<std::uint8_t>(x < 0 ? 127 - (index < 127 ? index : 127) : 127 + index);
        second[i] = static_cast<std::uint8_t>(code.square(v[i] * inverse2));
    }
    *largest1 = top1;
    *largest2 = top2;
}

}  // namespace

const DynamicCode& signed_code() {
    return codes().with_sign;
}

const DynamicCode& unsigned_code() {
    return codes().without_sign;
}

void adam_8bit_step(const AdamStep& step, std::int64_t count, float* weights, float* gradients, const Moment& first,
                    const Moment& second) {
    const Codes& code = codes();
    for_blocks(count, [&](std::int64_t begin, std::int64_t size) {
        for (std::int64_t at = begin; at < begin + size; at += moment_block)
            adam_8bit_block(step, code, std::min(moment_block, begin + size - at), weights + at, gradients + at,
                            first.codes + at, second.codes + at, first.largest + at / moment_block,
                            second.largest + at / moment_block);
    });
}

}  // namespace ktrain::trainer
