// CRC-32C (Castagnoli), the checksum of TensorBoard's records; zlib has another one.
#pragma once

#include <cstdint>
#include <string_view>

namespace ktrain::trainer {

constexpr std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char byte : bytes) {
        crc ^= static_cast<std::uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
    }
    return ~crc;
}
static_assert(crc32c("123456789") == 0xE3069283U);  // the check value of the catalogue of CRCs

}  // namespace ktrain::trainer
