// Base64 (RFC 4648, padded) by OpenSSL: kubeconfigs and Secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ktrain {

std::string base64_encode(std::string_view data);
// Strict as Go's StdEncoding: newlines are skipped, anything else outside the alphabet or a wrong padding is nullopt.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace ktrain
