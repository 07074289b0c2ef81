// The bytes of a token store file. All numbers are little-endian, every part begins at a multiple of 8.
//
//   header | tokens, 4 bytes each (+ 4 bytes of padding if odd) | ends, 8 each | numbers, 8 each | key
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace ktrain::trainer {

static_assert(std::endian::native == std::endian::little, "the file is mapped as it is");

struct StoreHeader {
    static constexpr std::array<char, 8> right_magic{'k', 't', 'r', 't', 'o', 'k', 'e', 'n'};
    static constexpr std::uint32_t right_version = 2;

    std::array<char, 8> magic = right_magic;
    std::uint32_t version = right_version;
    std::uint32_t sequences_per_row = 0, numbers_per_row = 0;
    std::int32_t largest_id = 0;
    std::uint64_t rows = 0, tokens = 0, learned = 0, longest = 0, key_bytes = 0;
    std::array<char, 32> tokens_checksum{};  // XXH3 of 128 bits in hexadecimal, of the tokens without their padding
    std::array<char, 64> checksum{};         // SHA-256 in hexadecimal of the header before it, ends, numbers and key
};
static_assert(sizeof(StoreHeader) == 160 && std::has_unique_object_representations_v<StoreHeader>);

}  // namespace ktrain::trainer
