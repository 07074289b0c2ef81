// The handbook's choice of LoRA settings by the size of a model (section 8.1).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ktrain {

struct LoraAdvice {
    std::string_view size;  // in the handbook's words: "7-13B"
    std::int64_t r_low = 0, r_high = 0;
    std::int64_t alpha_low = 0, alpha_high = 0;
    double dropout_low = 0, dropout_high = 0;
    std::string_view target_modules;  // of Llama, as the spec takes them: "q_proj,v_proj" or "all-linear"
    double learning_rate_low = 0, learning_rate_high = 0;
};
std::span<const LoraAdvice> lora_advice();  // small to large

struct Recommendation {
    LoraAdvice advice;
    std::string note;  // where the handbook is silent and what was taken; or empty
};

// By the number of parameters. Models are called by a round number: what is called 7B has from 6.5 to 7.7 billion, so
// the middle begins at 6.5. Between 13B (up to 15) and 30B the handbook says nothing. Errors: Error{input} below 1.
Recommendation recommend(std::int64_t parameters);

}  // namespace ktrain
