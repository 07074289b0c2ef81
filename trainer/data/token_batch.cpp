// Layout of batches.
#include "trainer/data/token_batch.h"

#include <algorithm>
#include <span>

namespace ktrain::trainer {
namespace {

// The segments of one row of the batch.
using Line = std::vector<std::span<const Token>>;

std::vector<Line> lines_of_rows(const TokenStore& store, const Order& samples, std::uint32_t max_length) {
    std::vector<Line> lines;
    for (std::uint32_t number = 0; number < store.form().sequences; ++number)
        for (const std::uint32_t row : samples) {
            const auto sequence = store.sequence(row, number);
            lines.push_back({sequence.first(std::min<std::size_t>(sequence.size(), max_length))});
        }
    return lines;
}

std::vector<Line> lines_of_bins(const TokenStore& store, const Packing& packing, const Order& samples) {
    std::vector<Line> lines;
    for (const std::uint32_t bin : samples) {
        Line& line = lines.emplace_back();
        for (std::uint32_t i = bin == 0 ? 0 : packing.ends[bin - 1]; i < packing.ends[bin]; ++i) {
            const Piece& piece = packing.pieces[i];
            line.push_back(store.sequence(piece.row).subspan(piece.begin, piece.length));
        }
    }
    return lines;
}

std::vector<Line> one_line(const std::vector<Line>& lines) {
    Line all;
    for (const Line& line : lines) all.insert(all.end(), line.begin(), line.end());
    return {all};
}

std::int64_t length_of(const Line& line) {
    std::size_t length = 0;
    for (const auto segment : line) length += segment.size();
    return static_cast<std::int64_t>(length);
}

void put(TokenBatch& batch, std::span<const Token> segment, std::int64_t at, bool labels) {
    const auto length = static_cast<std::int64_t>(segment.size());
    batch.segments.push_back({at, length});
    for (std::int64_t i = 0; i < length; ++i) {
        const Token token = segment[static_cast<std::size_t>(i)];
        const auto place = static_cast<std::size_t>(at + i);
        batch.ids[place] = token.id();
        batch.positions[place] = i;
        batch.starts[place] = at % batch.width;
        if (!labels || !token.learned() || i == 0) continue;
        batch.labels[place] = token.id();
        ++batch.label_tokens;
    }
}

}  // namespace

TokenBatch make_batch(const TokenStore& store, const Packing* packing, const Order& samples,
                      const BatchOptions& options) {
    auto lines = packing != nullptr ? lines_of_bins(store, *packing, samples)
                                    : lines_of_rows(store, samples, options.max_length);
    if (options.layout == BatchLayout::padding_free) lines = one_line(lines);
    TokenBatch batch;
    batch.rows = static_cast<std::int64_t>(lines.size());
    for (const Line& line : lines) batch.width = std::max(batch.width, length_of(line));
    const auto size = static_cast<std::size_t>(batch.rows * batch.width);
    batch.ids.assign(size, options.pad_token);
    batch.labels.assign(size, -100);
    batch.positions.assign(size, 0);
    batch.starts.resize(size);
    for (std::size_t i = 0; i < size; ++i) batch.starts[i] = static_cast<std::int64_t>(i) % batch.width;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        std::int64_t at = row * batch.width;
        for (const auto segment : lines[static_cast<std::size_t>(row)]) {
            put(batch, segment, at, options.labels);
            at += static_cast<std::int64_t>(segment.size());
        }
    }
    if (packing == nullptr)
        for (const std::uint32_t row : samples) {
            const auto numbers = store.numbers(row);
            batch.numbers.insert(batch.numbers.end(), numbers.begin(), numbers.end());
        }
    return batch;
}

}  // namespace ktrain::trainer
