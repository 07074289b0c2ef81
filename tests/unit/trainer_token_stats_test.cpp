// Figures about token stores.
#include "trainer/data/token_stats.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/images.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

std::vector<Token> tokens(std::int32_t first, std::size_t length, bool learned = true) {
    std::vector<Token> row;
    for (std::size_t i = 0; i < length; ++i) row.emplace_back(first + static_cast<std::int32_t>(i), learned);
    return row;
}

TokenStore store_of(const TempFolder& folder, const std::vector<std::vector<Token>>& rows) {
    TokenStoreWriter writer(folder / "store", {}, "key");
    for (const auto& row : rows) writer.add({{row}, {}});
    writer.finish();
    return TokenStore(folder / "store");
}

}  // namespace

TEST_CASE("lengths, duplicates, cuts and packing are counted") {
    const TempFolder folder;
    const TokenStore store = store_of(folder, {tokens(1, 4), tokens(2, 4), tokens(1, 4), tokens(1, 4, false),
                                               tokens(9, 12), tokens(5, 2), tokens(5, 3)});
    const TokenStats stats = token_stats(store, 8, PackingStrategy::bfd);
    CHECK(stats.totals.rows == 7);
    CHECK(stats.totals.tokens == 33);
    CHECK(stats.duplicate_rows == 1);  // the same ids that are not learned are another row
    CHECK(stats.unlearned_rows == 1);
    CHECK(stats.cut_rows == 1);
    CHECK(stats.cut_tokens == 4);
    CHECK(stats.lengths.shortest == 2);
    CHECK(stats.lengths.p50 == 4);
    CHECK(stats.lengths.p90 == 12);
    CHECK(stats.lengths.longest == 12);
    CHECK(stats.lengths.mean == doctest::Approx(33.0 / 7));
    CHECK(stats.bins == 4);  // 8, 4 + 4, 4 + 4, 3 + 2
    CHECK(stats.packing_efficiency == doctest::Approx(29.0 / 32));
    const TokenStats whole = token_stats(store, 8, PackingStrategy::bfd_split);
    CHECK(whole.bins == 5);  // the cut 4 is packed as well
    CHECK(whole.packing_efficiency == doctest::Approx(33.0 / 40));
}

TEST_CASE("percentiles are lengths that rows have") {
    const TempFolder folder;
    std::vector<std::vector<Token>> rows;
    for (std::size_t length = 100; length > 0; --length) rows.push_back(tokens(1, length));
    const LengthStats lengths = token_stats(store_of(folder, rows), 1000, PackingStrategy::bfd).lengths;
    CHECK(lengths.p50 == 50);
    CHECK(lengths.p90 == 90);
    CHECK(lengths.p95 == 95);
    CHECK(lengths.p99 == 99);
}
