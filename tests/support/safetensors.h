// Files in the safetensors format made by hand, for tests.
#pragma once

#include <cstdint>
#include <string>

namespace ktrain::test {

// The length of the header as 8 little-endian bytes, the header, the data.
inline std::string safetensors_file(const std::string& header, const std::string& data) {
    std::string bytes;
    for (std::uint64_t length = header.size(), i = 0; i < 8; ++i) bytes += static_cast<char>(length >> 8 * i & 0xFF);
    return bytes + header + data;
}

}  // namespace ktrain::test
