// The words that names of fields, variables and flags are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

struct NameWords {
    std::vector<std::string> words;  // in small letters; one at least, which is empty where there are none
    bool humps = false;              // a capital begins one: "runAsNonRoot", "oauth2Token"
};

// Of "runAsNonRoot", "max_unavailable", "--hf-token", "spec.replicas".
NameWords name_words(std::string_view name);

}  // namespace ktrain
