// The handbook's table of LoRA settings.
#include "core/estimate/recommend.h"

#include <array>

#include "core/base/error.h"

namespace ktrain {
namespace {

constexpr std::array rows{
    LoraAdvice{"<7B", 8, 16, 16, 32, 0.05, 0.1, "q_proj,v_proj", 1e-4, 3e-4},
    LoraAdvice{"7-13B", 16, 32, 32, 64, 0.05, 0.1, "q_proj,k_proj,v_proj,o_proj", 1e-4, 2e-4},
    LoraAdvice{">30B", 32, 64, 64, 128, 0.05, 0.05, "all-linear", 5e-5, 1e-4},
};

constexpr std::int64_t middle_from = 6'500'000'000, middle_to = 15'000'000'000, large_from = 29'500'000'000;

}  // namespace

std::span<const LoraAdvice> lora_advice() {
    return rows;
}

Recommendation recommend(std::int64_t parameters) {
    if (parameters < 1) throw Error(ErrorKind::input, "the number of parameters is not known");
    if (parameters < middle_from) return {rows[0], ""};
    if (parameters < middle_to) return {rows[1], ""};
    if (parameters < large_from) return {rows[1], "the handbook says nothing of 13B to 30B: the row of 7-13B is taken"};
    return {rows[2], ""};
}

}  // namespace ktrain
