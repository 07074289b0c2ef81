// Base64 as Go's decoder reads it: of the standard alphabet, padded, with line ends anywhere.
#include "core/base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ktrain {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// By character: its six bits, or `none`.
constexpr std::uint8_t none = 64;
constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> all{};
    all.fill(none);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        all[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return all;
}();

}  // namespace

std::string base64_encode(std::string_view data) {
    std::string text;
    text.reserve(4 * ((data.size() + 2) / 3));
    for (std::size_t i = 0; i < data.size(); i += 3) {
        const std::size_t size = std::min<std::size_t>(3, data.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < size ? static_cast<unsigned char>(data[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) text += k <= size ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(clean), [](char c) { return c != '\n' && c != '\r'; });
    if (clean.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = clean.ends_with("==") ? 2 : clean.ends_with('=') ? 1 : 0;
    std::string data;
    data.reserve(clean.size() / 4 * 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < clean.size(); ++i) {
        const bool padded = i >= clean.size() - padding;
        const std::uint8_t value = padded ? 0 : values[static_cast<unsigned char>(clean[i])];
        if (value == none) return std::nullopt;
        bits = bits << 6 | value;
        if (i % 4 != 3) continue;
        for (const int shift : {16, 8, 0}) data += static_cast<char>(bits >> shift & 0xff);
    }
    data.resize(data.size() - padding);
    return data;
}

}  // namespace ktrain
