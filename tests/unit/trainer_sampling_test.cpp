// Packing, sampling and batches of tokens: nothing is lost, nothing twice, and every batch can be made on its own.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/base/json.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"
#include "trainer/data/loader.h"
#include "trainer/data/packing.h"
#include "trainer/data/random.h"
#include "trainer/data/sampler.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

std::vector<std::uint32_t> bin_tokens(const Packing& packing) {
    std::vector<std::uint32_t> tokens(packing.bins());
    for (std::size_t bin = 0, i = 0; bin < packing.bins(); ++bin)
        for (; i < packing.ends[bin]; ++i) tokens[bin] += packing.pieces[i].length;
    return tokens;
}

std::vector<std::uint32_t> random_lengths(std::uint64_t seed, std::size_t count, std::uint64_t most) {
    std::vector<std::uint32_t> lengths(count);
    for (std::size_t i = 0; i < count; ++i)
        lengths[i] = static_cast<std::uint32_t>(below(random_bits(seed, Purpose::order, 0, i), most + 1));
    return lengths;
}

// Row r has tokens r * 1000 + i; the even ones are learned.
std::string make_store(const TempFolder& folder, const std::vector<std::uint32_t>& lengths, RowForm form = {}) {
    TokenStoreWriter writer(folder / "s", form, "");
    for (std::size_t row = 0; row < lengths.size(); ++row) {
        EncodedRow encoded;
        for (std::uint32_t s = 0; s < form.sequences; ++s) {
            std::vector<Token> tokens;
            for (std::uint32_t i = 0; i < lengths[row] + s; ++i)
                tokens.emplace_back(static_cast<std::int32_t>(row * 1000 + s * 500 + i), i % 2 == 0);
            encoded.sequences.push_back(std::move(tokens));
        }
        for (std::uint32_t n = 0; n < form.numbers; ++n) encoded.numbers.push_back(static_cast<double>(row));
        writer.add(encoded);
    }
    writer.finish();
    return folder / "s";
}

using Numbers = std::vector<std::int64_t>;

bool equal(const TokenBatch& a, const TokenBatch& b) {
    return a.rows == b.rows && a.width == b.width && a.ids == b.ids && a.labels == b.labels &&
           a.positions == b.positions && a.starts == b.starts && a.segments == b.segments &&
           a.label_tokens == b.label_tokens && a.numbers == b.numbers;
}

}  // namespace

TEST_CASE("bins hold as many tokens as TRL's") {
    const std::string path = source_path("/tests/parity/data/packing.json");
    const Json reference = parse_json(read_file(path), path);
    CHECK(reference["versions"]["trl"] == "1.16.0");
    for (const Json& one : reference["cases"]) {
        CAPTURE(one["name"]);
        CAPTURE(one["max_length"]);
        const auto strategy = one["strategy"] == "bfd" ? PackingStrategy::bfd : PackingStrategy::bfd_split;
        auto tokens = bin_tokens(pack(one["lengths"].get<std::vector<std::uint32_t>>(), one["max_length"], strategy));
        std::ranges::sort(tokens);
        CHECK(tokens == one["bins"].get<std::vector<std::uint32_t>>());
    }
}

TEST_CASE("packing puts every token into one bin, and no bin is too full") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const auto max_length = static_cast<std::uint32_t>(1 + below(scramble(seed), 70));
        const auto lengths = random_lengths(seed, seed * 7, 100);
        for (const auto strategy : {PackingStrategy::bfd, PackingStrategy::bfd_split}) {
            const Packing packing = pack(lengths, max_length, strategy);
            for (const std::uint32_t tokens : bin_tokens(packing)) CHECK((tokens > 0 && tokens <= max_length));
            auto pieces = packing.pieces;
            std::ranges::sort(pieces, {}, [](const Piece& p) { return std::pair(p.row, p.begin); });
            std::vector<std::uint32_t> covered(lengths.size());
            for (const Piece& piece : pieces) {
                CHECK(piece.begin == covered[piece.row]);
                covered[piece.row] += piece.length;
            }
            std::uint64_t cut = 0;
            for (std::size_t row = 0; row < lengths.size(); ++row) cut += lengths[row] - covered[row];
            CHECK(cut == packing.cut_tokens);
            CHECK((strategy == PackingStrategy::bfd || cut == 0));
            const auto longer = std::ranges::count_if(lengths, [&](std::uint32_t n) { return n > max_length; });
            if (strategy == PackingStrategy::bfd) CHECK(packing.cut_rows == static_cast<std::uint64_t>(longer));
        }
    }
    CHECK(pack({}, 8).bins() == 0);
    CHECK(pack({0, 0}, 8).bins() == 0);
}

TEST_CASE("every sample is seen once an epoch, and only the last batch is smaller") {
    for (const std::size_t items : {1U, 5U, 12U, 100U}) {
        constexpr std::size_t size = 4;
        const Sampler sampler(items, {.batch_size = size, .seed = 3});
        const std::uint64_t batches = sampler.batches_per_epoch();
        CHECK(batches == (items + size - 1) / size);
        std::vector<int> seen(items);
        for (std::uint64_t i = 0; i < batches; ++i) {
            const Order batch = sampler.batch(2 * batches + i);
            CHECK(batch.size() == (i + 1 < batches ? size : items - i * size));
            for (const std::uint32_t item : batch) ++seen[item];
        }
        CHECK(std::ranges::all_of(seen, [](int times) { return times == 1; }));
    }
    CHECK(error_of([] { Sampler(0, {}); }).kind == ErrorKind::input);
}

TEST_CASE("epochs differ, seeds differ, and order can be kept") {
    const Sampler sampler(64, {.batch_size = 64, .seed = 1});
    CHECK(sampler.batch(0) != sampler.batch(1));
    CHECK(sampler.batch(0) == Sampler(64, {.batch_size = 64, .seed = 1}).batch(0));
    CHECK(sampler.batch(0) != Sampler(64, {.batch_size = 64, .seed = 2}).batch(0));
    const Sampler kept(5, {.batch_size = 2, .shuffle = false});
    CHECK(kept.batch(0) == Order{0, 1});
    CHECK(kept.batch(2) == Order{4});
    CHECK(kept.batch(3) == Order{0, 1});
}

TEST_CASE("length groups keep every sample, bring like to like, and the longest first") {
    const auto lengths = random_lengths(5, 800, 1000);
    const Sampler sampler(800, {.batch_size = 4, .seed = 9, .lengths = lengths});
    std::set<std::uint32_t> seen;
    std::uint64_t spread = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const Order batch = sampler.batch(i);
        const auto [least, most] = std::ranges::minmax(batch, {}, [&](std::uint32_t item) { return lengths[item]; });
        spread += lengths[most] - lengths[least];
        seen.insert(batch.begin(), batch.end());
    }
    CHECK(seen.size() == 800);
    CHECK(spread / 200 < 60);  // 600 by chance
    CHECK(lengths[sampler.batch(0)[0]] == std::ranges::max(lengths));
    CHECK(Sampler(3, {.batch_size = 8, .lengths = {1, 3, 2}}).batch(0) == Order{1, 2, 0});
}

TEST_CASE("a padded batch is as wide as its longest sample") {
    const TempFolder folder;
    const TokenStore store(make_store(folder, {3, 5, 1}, {1, 1}));
    const TokenBatch batch = make_batch(store, nullptr, {2, 0}, {.pad_token = 9});
    CHECK(batch.rows == 2);
    CHECK(batch.width == 3);
    CHECK(batch.ids == Numbers{2000, 9, 9, 0, 1, 2});
    CHECK(batch.labels == Numbers{-100, -100, -100, -100, -100, 2});
    CHECK(batch.positions == Numbers{0, 0, 0, 0, 1, 2});
    CHECK(batch.starts == Numbers{0, 1, 2, 0, 0, 0});
    CHECK(batch.segments == std::vector<Segment>{{0, 1}, {3, 3}});
    CHECK(batch.label_tokens == 1);
    CHECK(batch.numbers == std::vector<double>{2, 0});
    CHECK(make_batch(store, nullptr, {1}, {.max_length = 2}).ids == Numbers{1000, 1001});
    CHECK(make_batch(store, nullptr, {1}, {.labels = false}).label_tokens == 0);
}

TEST_CASE("pairs become two rows: all chosen, then all rejected") {
    const TempFolder folder;
    const TokenStore store(make_store(folder, {1, 2}, {2, 1}));
    const TokenBatch batch = make_batch(store, nullptr, {0, 1}, {});
    CHECK(batch.rows == 4);
    CHECK(batch.ids == Numbers{0, 0, 0, 1000, 1001, 0, 500, 501, 0, 1500, 1501, 1502});
    CHECK(batch.numbers == std::vector<double>{0, 1});
}

TEST_CASE("packed and padding-free rows restart positions at every segment") {
    const TempFolder folder;
    const std::vector<std::uint32_t> lengths{3, 2, 4, 7};
    const TokenStore store(make_store(folder, lengths));
    const Packing packing = pack(lengths, 5);
    REQUIRE(packing.bins() == 3);
    const TokenBatch packed = make_batch(store, &packing, {0, 2}, {});
    CHECK(packed.width == 5);
    CHECK(packed.ids == Numbers{3000, 3001, 3002, 3003, 3004, 0, 1, 2, 1000, 1001});
    CHECK(packed.positions == Numbers{0, 1, 2, 3, 4, 0, 1, 2, 0, 1});
    CHECK(packed.starts == Numbers{0, 0, 0, 0, 0, 0, 0, 0, 3, 3});
    CHECK(packed.labels == Numbers{-100, -100, 3002, -100, 3004, -100, -100, 2, -100, -100});
    CHECK(packed.segments == std::vector<Segment>{{0, 5}, {5, 3}, {8, 2}});
    const TokenBatch free = make_batch(store, nullptr, {1, 0}, {.layout = BatchLayout::padding_free});
    CHECK(free.rows == 1);
    CHECK(free.ids == Numbers{1000, 1001, 0, 1, 2});
    CHECK(free.positions == Numbers{0, 1, 0, 1, 2});
    CHECK(free.starts == Numbers{0, 0, 2, 2, 2});
    CHECK(free.segments == std::vector<Segment>{{0, 2}, {2, 3}});
}

TEST_CASE("packing loses no label and makes none") {
    const TempFolder folder;
    const auto lengths = random_lengths(4, 80, 30);
    const TokenStore store(make_store(folder, lengths));
    const Packing packing = pack(lengths, 40);
    Order rows(80), bins(packing.bins());
    std::iota(rows.begin(), rows.end(), 0U);
    std::iota(bins.begin(), bins.end(), 0U);
    TokenBatch padded = make_batch(store, nullptr, rows, {}), packed = make_batch(store, &packing, bins, {});
    CHECK(padded.label_tokens == packed.label_tokens);
    std::ranges::sort(padded.labels);
    std::ranges::sort(packed.labels);
    const auto learned = [](const Numbers& all) { return Numbers(std::ranges::upper_bound(all, -100), all.end()); };
    CHECK(learned(padded.labels) == learned(packed.labels));
}

TEST_CASE("the loader goes on from any batch as if it had come there by itself") {
    const TempFolder folder;
    const auto lengths = random_lengths(6, 70, 20);
    const TokenStore store(make_store(folder, lengths));
    const Packing packing = pack(lengths, 32);
    const Sampler sampler(packing.bins(), {.batch_size = 3, .seed = 11});
    const std::uint64_t end = 3 * sampler.batches_per_epoch() + 2;
    std::vector<TokenBatch> all;
    for (Loader loader({.store = store, .packing = &packing, .sampler = sampler, .end = end, .workers = 0});;) {
        auto batch = loader.next();
        if (!batch) break;
        all.push_back(std::move(*batch));
    }
    CHECK(all.size() == end);
    for (std::uint64_t first = 0; first <= end; ++first) {
        CAPTURE(first);
        Loader loader({.store = store,
                       .packing = &packing,
                       .sampler = sampler,
                       .first = first,
                       .end = end,
                       .workers = 1 + first % 4});
        for (std::uint64_t i = first; i < std::min(first + 5, end); ++i) {  // and stops in the middle
            const auto batch = loader.next();
            REQUIRE(batch);
            CHECK(equal(*batch, all[i]));
        }
    }
}
