// Best-fit decreasing over bins ordered by the room they have left.
#include "trainer/data/packing.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

std::vector<Piece> cut(const std::vector<std::uint32_t>& lengths, std::uint32_t max_length, PackingStrategy strategy,
                       Packing& report) {
    std::vector<Piece> pieces;
    pieces.reserve(lengths.size());
    for (std::uint32_t row = 0; row < lengths.size(); ++row) {
        const std::uint32_t length = lengths[row];
        if (length <= max_length || strategy == PackingStrategy::bfd) {
            if (length > max_length) {
                ++report.cut_rows;
                report.cut_tokens += length - max_length;
            }
            if (length > 0) pieces.push_back({row, 0, std::min(length, max_length)});
            continue;
        }
        for (std::uint64_t begin = 0; begin < length; begin += max_length)
            pieces.push_back({row, static_cast<std::uint32_t>(begin),
                              std::min(max_length, static_cast<std::uint32_t>(length - begin))});
    }
    return pieces;
}

}  // namespace

Packing pack(const std::vector<std::uint32_t>& lengths, std::uint32_t max_length, PackingStrategy strategy) {
    if (max_length == 0) throw Error(ErrorKind::bug, "bins of no length");
    Packing packing;
    std::vector<Piece> pieces = cut(lengths, max_length, strategy, packing);
    std::ranges::stable_sort(pieces, std::ranges::greater(), &Piece::length);

    std::vector<std::uint32_t> bin_of(pieces.size());
    std::vector<std::uint32_t> counts;                                 // pieces of each bin
    std::map<std::uint32_t, std::vector<std::uint32_t>> bins_by_room;  // full bins are not in it
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        std::uint32_t room = max_length, bin = static_cast<std::uint32_t>(counts.size());
        if (const auto best = bins_by_room.lower_bound(pieces[i].length); best != bins_by_room.end()) {
            room = best->first;
            bin = best->second.back();
            best->second.pop_back();
            if (best->second.empty()) bins_by_room.erase(best);
        } else {
            counts.push_back(0);
        }
        bin_of[i] = bin;
        ++counts[bin];
        if (room > pieces[i].length) bins_by_room[room - pieces[i].length].push_back(bin);
    }

    packing.ends.resize(counts.size());
    std::partial_sum(counts.begin(), counts.end(), packing.ends.begin());
    std::vector<std::uint32_t> at(counts.size());  // where the next piece of each bin goes
    std::exclusive_scan(counts.begin(), counts.end(), at.begin(), 0U);
    packing.pieces.resize(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) packing.pieces[at[bin_of[i]]++] = pieces[i];
    return packing;
}

}  // namespace ktrain::trainer
