// Checks of texts that must look like something: quantities, durations, names, images, GPU and model ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/spec/field.h"

namespace ktrain::spec {

struct FormatProblem {
    std::string message;  // what is wanted, after "must be "
    std::string fix;      // what to write instead, or empty
};

// Checks `text` and brings it to its standard form (a GPU loses its vendor prefix: "nvidia-t4" -> "t4").
std::optional<FormatProblem> check_format(Format format, std::string& text);

bool is_dns_label(std::string_view text);    // RFC 1123: at most 63 of a-z, 0-9 and -, not - at an end
bool is_env_name(std::string_view text);     // letters, digits, _, - and ., no digit first
bool is_label_key(std::string_view text);    // "team", "example.com/team"
bool is_label_value(std::string_view text);  // empty, or at most 63 of letters, digits, -, _ and .

}  // namespace ktrain::spec
