// The head for the next token, by the name that all families of Hugging Face give it.
#pragma once

#include <string_view>

namespace ktrain {

inline constexpr std::string_view token_head = "lm_head.weight";

}  // namespace ktrain
