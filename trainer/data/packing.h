// Packing of sequences of different lengths into rows of one length.
#pragma once

#include <cstdint>
#include <vector>

namespace ktrain::trainer {

// A part of a row of data: all of it, unless it was too long.
struct Piece {
    std::uint32_t row, begin, length;
    bool operator==(const Piece&) const = default;
};

enum class PackingStrategy {
    bfd,        // what is longer than a bin is cut there
    bfd_split,  // what is longer than a bin goes on in further pieces
};

struct Packing {
    std::vector<Piece> pieces;        // bin after bin
    std::vector<std::uint32_t> ends;  // of the bins, in pieces
    std::uint64_t cut_rows = 0;       // of bfd
    std::uint64_t cut_tokens = 0;

    std::size_t bins() const { return ends.size(); }
};

// Best-fit decreasing: the longest first, each into the fullest bin that has room. Empty rows are left out. The bins
// hold the same numbers of tokens as those of TRL's pack_dataset over the same rows. O(n log n).
// Source: Ding et al. 2024, "Fewer Truncations Improve Language Modeling".
Packing pack(const std::vector<std::uint32_t>& lengths, std::uint32_t max_length,
             PackingStrategy strategy = PackingStrategy::bfd);

}  // namespace ktrain::trainer
