// The token store: what is written is read, and nothing else is; encoding of whole tables by threads.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tests/support/images.h"
#include "tests/support/token_store.h"
#include "trainer/data/encode.h"
#include "trainer/data/random.h"
#include "trainer/data/text_rows.h"
#include "trainer/data/token_store.h"
#include "trainer/data/token_store_layout.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

// A row that depends on its number only.
EncodedRow row_of(std::uint64_t number, RowForm form) {
    EncodedRow row;
    for (std::uint32_t s = 0; s < form.sequences; ++s) {
        std::vector<Token> tokens(scramble(number * 8 + s) % 9);
        for (std::size_t i = 0; i < tokens.size(); ++i)
            tokens[i] = {static_cast<std::int32_t>(scramble(number + i) % 50'000), i % 3 != 0};
        row.sequences.push_back(std::move(tokens));
    }
    for (std::uint32_t n = 0; n < form.numbers; ++n) row.numbers.push_back(static_cast<double>(number) + n / 4.0);
    return row;
}

void make_store(const std::string& path, std::uint64_t rows, RowForm form, const std::string& key = "key") {
    TokenStoreWriter writer(path, form, key);
    for (std::uint64_t i = 0; i < rows; ++i) writer.add(row_of(i, form));
    writer.finish();
}

std::size_t files_in(const TempFolder& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

}  // namespace

TEST_CASE("what is written to a token store is read from it") {
    const TempFolder folder;
    for (const RowForm form : {RowForm{1, 0}, RowForm{2, 1}, RowForm{1, 3}}) {
        make_store(folder / "s", 100, form);
        const TokenStore store(folder / "s");
        CHECK(store.key() == "key");
        CHECK(store.form() == form);
        REQUIRE(store.rows() == 100);
        StoreTotals totals{.rows = 100};
        for (std::uint64_t i = 0; i < 100; ++i) {
            const EncodedRow row = row_of(i, form);
            std::size_t length = 0;
            for (std::uint32_t s = 0; s < form.sequences; ++s) {
                const auto sequence = store.sequence(i, s);
                CHECK(std::vector<Token>(sequence.begin(), sequence.end()) == row.sequences[s]);
                length += sequence.size();
                totals.tokens += sequence.size();
                totals.longest = std::max<std::uint64_t>(totals.longest, sequence.size());
                for (const Token token : sequence) {
                    totals.learned += token.learned() ? 1 : 0;
                    totals.largest_id = std::max(totals.largest_id, token.id());
                }
            }
            CHECK(std::vector<double>(store.numbers(i).begin(), store.numbers(i).end()) == row.numbers);
            CHECK(store.lengths()[i] == length);
        }
        CHECK(store.totals() == totals);
    }
    make_store(folder / "none", 0, {});
    CHECK(TokenStore(folder / "none").rows() == 0);
    CHECK(Token(INT32_MAX, false).id() == INT32_MAX);
}

TEST_CASE("a store is used only when it is whole and made of the same things") {
    const TempFolder folder;
    const RowForm form{1, 1};
    CHECK_FALSE(open_current_store(folder / "s", "key", form));
    make_store(folder / "s", 5, form);
    CHECK(open_current_store(folder / "s", "key", form));
    CHECK_FALSE(open_current_store(folder / "s", "other", form));
    CHECK_FALSE(open_current_store(folder / "s", "key", {2, 1}));
    write_file(folder / "s", "x");
    CHECK_FALSE(open_current_store(folder / "s", "key", form));
}

TEST_CASE("every changed or lacking byte is found") {
    const TempFolder folder;
    make_store(folder / "s", 6, {1, 1});
    const std::string good = read_file(folder / "s");
    const std::uint64_t tokens = TokenStore(good, "f").totals().tokens;
    const std::size_t tokens_end = sizeof(StoreHeader) + 4 * tokens;
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        CHECK(error_of([&] { TokenStore(std::string_view(good).substr(0, i), "f"); }).kind == ErrorKind::input);
        if (i >= tokens_end && i < tokens_end + 4 * (tokens % 2)) continue;  // padding
        std::string changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 0x10);
        CHECK(error_of([&] { TokenStore(changed, "f"); }).kind == ErrorKind::input);
    }
    CHECK(error_of([&] { TokenStore(good + "x", "f"); }).message == "f is cut or has something behind its end");
}

TEST_CASE("hostile headers that are signed are refused") {
    const TempFolder folder;
    make_store(folder / "s", 4, {1, 0}, "k");
    const std::string good = read_file(folder / "s");
    const auto says = [&](std::size_t offset, auto value) {
        std::string changed = good;
        std::memcpy(changed.data() + offset, &value, sizeof value);
        return error_of([&] { TokenStore(signed_again(changed), "f"); }).message;
    };
    CHECK(says(0, 'X') == "f is no token store");
    CHECK(says(offsetof(StoreHeader, version), std::uint32_t{1}) == "f is a token store of version 1, not 2");
    CHECK(says(offsetof(StoreHeader, sequences_per_row), std::uint32_t{0}) == "f has impossible numbers in its header");
    CHECK(says(offsetof(StoreHeader, sequences_per_row), UINT32_MAX) == "f has impossible numbers in its header");
    CHECK(says(offsetof(StoreHeader, numbers_per_row), UINT32_MAX) == "f has impossible numbers in its header");
    CHECK(says(offsetof(StoreHeader, rows), UINT64_MAX) == "f has impossible numbers in its header");
    CHECK(says(offsetof(StoreHeader, rows), std::uint64_t{5}) == "f is cut: its header promises more than it has");
    CHECK(says(offsetof(StoreHeader, key_bytes), UINT64_MAX) == "f is cut or has something behind its end");
    const StoreTotals totals = TokenStore(good, "f").totals();
    const std::size_t ends = sizeof(StoreHeader) + 4 * (totals.tokens + totals.tokens % 2);
    CHECK(says(ends, std::uint64_t{1000}) == "f is damaged: its sequences do not follow each other");
    CHECK(says(ends + 24, totals.tokens - 1) == "f is damaged: its sequences do not follow each other");
}

TEST_CASE("a store appears whole or not at all, and writers may race") {
    const TempFolder folder;
    {
        TokenStoreWriter writer(folder / "s", {}, "key");
        writer.add(row_of(1, {}));
        CHECK_FALSE(std::filesystem::exists(folder / "s"));
    }
    CHECK(files_in(folder) == 0);
    CHECK(error_of([&] { TokenStoreWriter(folder / "none/s", {}, ""); }).kind == ErrorKind::input);
    CHECK(error_of([&] { TokenStoreWriter(folder / "s", {}, "").add(EncodedRow{}); }).kind == ErrorKind::bug);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { make_store(folder / "s", 200, {1, 1}); });
    threads.clear();
    CHECK(TokenStore(folder / "s").rows() == 200);
    CHECK(files_in(folder) == 1);
}

TEST_CASE("the next writer removes what a killed one left, and nothing else") {
    const TempFolder folder;
    const auto age = [&](const std::filesystem::path& path) {
        std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    };
    TokenStoreWriter alive(folder / "s", {}, "key");
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) age(entry.path());
    for (const std::string name : {"s.partial-killed", "s.partial-young", "other.partial-killed"}) {
        write_file(folder / name, "x");
        if (name != "s.partial-young") age(folder / name);
    }
    make_store(folder / "s", 3, {});
    CHECK_FALSE(std::filesystem::exists(folder / "s.partial-killed"));
    CHECK(files_in(folder) == 4);
    alive.finish();
    CHECK(TokenStore(folder / "s").rows() == 0);
}

TEST_CASE("a disk that is full leaves nothing behind") {
    const TempFolder folder;
    struct rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small { 20'000, before.rlim_max };
    for (const std::uint64_t rows : {1'000U, 100'000U}) {  // noticed at the end, and on the way
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
        const Error error = error_of([&] { make_store(folder / "s", rows, {1, 0}); });
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
        CHECK(error.kind == ErrorKind::failed);
        CHECK(error.message.find(folder / "s: ") != std::string::npos);
    }
    std::signal(SIGXFSZ, handler);
    CHECK(files_in(folder) == 0);
}

namespace {

// {"text": "7 7 7"}: as many tokens as the row's number says; empty rows among them.
std::string numbered_rows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        std::string words;
        for (int j = 0; j < i % 5; ++j) words += "x";
        text += "{\"text\":\"" + words + "\"}\n";
    }
    return text;
}

EncodedRow encode_letters(const Example& example, const Place& place) {
    const auto& text = std::get<PlainExample>(example).text;
    const std::size_t tokens = text.size() == 4 ? 0 : text.size();  // some texts come to nothing
    return {{std::vector<Token>(tokens, Token(place.line, text.size() != 3))}, {}};
}

}  // namespace

TEST_CASE("a table is encoded to the same file by any number of workers") {
    const TempFolder folder;
    const std::string text = numbered_rows(500);
    const auto rows = text_rows(text, "f", TextFormat::jsonl);
    const RowReader reader(rows->read(0), rows->place(0), {RowShape::plain});
    std::string first;
    for (const std::size_t workers : {0U, 1U, 3U}) {
        TokenStoreWriter writer(folder / "s", {}, "key");
        std::uint64_t progress = 0;
        const auto report = encode_rows(
            {*rows, reader, encode_letters, workers, [&](std::uint64_t done) { progress = done; }, {}}, writer);
        REQUIRE(report);
        CHECK(report->rows == 500);
        CHECK(progress == 500);
        CHECK(report->empty == 200);
        CHECK(to_string(*report->first_empty) == "f:1");
        CHECK(report->unlearned == 100);
        CHECK(to_string(*report->first_unlearned) == "f:4");
        writer.finish();
        const std::string made = read_file(folder / "s");
        if (first.empty()) first = made;
        CHECK(made == first);
    }
    const TokenStore store(folder / "s");
    CHECK(store.rows() == 300);
    CHECK(store.sequence(3).size() == 1);
    CHECK(store.sequence(3)[0].id() == 7);
}

TEST_CASE("encoding stops at the first wrong row, or when it is asked to") {
    const TempFolder folder;
    const std::string text = numbered_rows(300) + "{\"text\":5}\n" + numbered_rows(300) + "{\"text\":6}\n";
    const auto rows = text_rows(text, "f", TextFormat::jsonl);
    const RowReader reader(rows->read(0), rows->place(0), {RowShape::plain});
    for (const std::size_t workers : {0U, 4U}) {
        TokenStoreWriter writer(folder / "s", {}, "key");
        const Error error = error_of([&] { encode_rows({*rows, reader, encode_letters, workers, {}, {}}, writer); });
        CHECK(to_string(error.where) == "f:301");
        TokenStoreWriter other(folder / "s", {}, "key");
        std::atomic<int> asked = 0;
        CHECK_FALSE(encode_rows({*rows, reader, encode_letters, workers, {}, [&] { return ++asked == 2; }}, other));
        CHECK(other.totals().rows < 100);
    }
    CHECK(files_in(folder) == 0);
}
