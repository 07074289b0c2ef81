// Base64 by OpenSSL, with the strictness of Go's decoder around it.
#include "core/base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace ktrain {

std::string base64_encode(std::string_view data) {
    std::string text(4 * ((data.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(data.data()),
                    static_cast<int>(data.size()));
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(clean), [](char c) { return c != '\n' && c != '\r'; });
    if (clean.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = clean.ends_with("==") ? 2 : clean.ends_with('=') ? 1 : 0;
    // EVP_DecodeBlock forgives blanks at the ends and '=' inside: look at the alphabet first.
    const bool alphabet = std::all_of(clean.begin(), clean.end() - static_cast<std::ptrdiff_t>(padding), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    });
    if (!alphabet) return std::nullopt;
    std::string data(clean.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(data.data()),
                                     reinterpret_cast<const unsigned char*>(clean.data()),
                                     static_cast<int>(clean.size()));
    if (size < 0) return std::nullopt;
    data.resize(static_cast<std::size_t>(size) - padding);
    return data;
}

}  // namespace ktrain
