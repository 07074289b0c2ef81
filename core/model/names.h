// How names of models and GPUs are compared: without regard to case, paths by their last part.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

inline std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// "/models/llama-2-7b-hf" -> "llama-2-7b-hf"
inline std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace ktrain
