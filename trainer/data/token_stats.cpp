// Counting over all rows of a token store.
#include "trainer/data/token_stats.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_set>

namespace ktrain::trainer {
namespace {

LengthStats length_stats(std::vector<std::uint32_t> lengths) {
    LengthStats stats;
    if (lengths.empty()) return stats;
    std::ranges::sort(lengths);
    const auto count = static_cast<double>(lengths.size());
    const auto percentile = [&](double share) {
        return lengths[static_cast<std::size_t>(std::max(std::ceil(share * count), 1.0)) - 1];
    };
    stats.shortest = lengths.front();
    stats.longest = lengths.back();
    stats.p50 = percentile(0.5);
    stats.p90 = percentile(0.9);
    stats.p95 = percentile(0.95);
    stats.p99 = percentile(0.99);
    stats.mean = std::accumulate(lengths.begin(), lengths.end(), 0.0) / count;
    return stats;
}

// All sequences of a row lie behind each other in the store.
std::span<const Token> all_tokens(const TokenStore& store, std::uint64_t row, std::uint32_t length) {
    return {store.sequence(row).data(), length};
}

}  // namespace

TokenStats token_stats(const TokenStore& store, const Order& rows, std::uint32_t max_length, PackingStrategy strategy) {
    TokenStats stats;
    const std::vector<std::uint32_t> all = store.lengths();
    std::vector<std::uint32_t> lengths;  // of the sequences
    std::unordered_set<std::string_view> seen;
    for (const std::uint32_t row : rows) {
        const std::span<const Token> tokens = all_tokens(store, row, all[row]);
        if (!seen.insert({reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()}).second)
            ++stats.duplicate_rows;
        const auto learned = static_cast<std::uint64_t>(std::ranges::count_if(tokens, &Token::learned));
        if (learned == 0) ++stats.unlearned_rows;
        stats.totals.tokens += tokens.size();
        stats.totals.learned += learned;
        std::uint64_t beyond = 0;
        for (std::uint32_t number = 0; number < store.form().sequences; ++number) {
            lengths.push_back(static_cast<std::uint32_t>(store.sequence(row, number).size()));
            beyond += lengths.back() > max_length ? lengths.back() - max_length : 0;
        }
        stats.cut_rows += beyond > 0 ? 1 : 0;
        stats.cut_tokens += beyond;
    }
    const Packing packing = pack(lengths, max_length, strategy);
    stats.bins = packing.bins();
    const auto packed = static_cast<double>(stats.totals.tokens - packing.cut_tokens);
    if (stats.bins > 0) stats.packing_efficiency = packed / (static_cast<double>(stats.bins) * max_length);
    stats.lengths = length_stats(lengths);
    stats.totals.rows = rows.size();
    stats.totals.longest = stats.lengths.longest;
    return stats;
}

TokenStats token_stats(const TokenStore& store, std::uint32_t max_length, PackingStrategy strategy) {
    Order rows(store.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    return token_stats(store, rows, max_length, strategy);
}

}  // namespace ktrain::trainer
