// Tokens that are guessed from the size of a data set.
#include <doctest/doctest.h>

#include "core/base/world.h"
#include "core/estimate/token_guess.h"
#include "tests/support/images.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

// 1,000 rows of 400 bytes of text each, beside names and numbers.
std::string rows() {
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += R"({"id": 12345678, "text": ")" + std::string(396, 'x') + R"(\n\"\u00e4."})" + "\n";
    return text;
}

std::optional<TokenGuess> guess(const std::string& path, double held_out = 0) {
    return guess_tokens(path, held_out, real_files());
}

}  // namespace

TEST_CASE("of JSON the texts count, and four bytes of them are a token") {
    const TempFolder folder;
    write_file(folder / "rows.jsonl", rows());
    const auto all = guess(folder / "rows.jsonl");
    REQUIRE(all);
    CHECK(all->tokens == doctest::Approx(100000).epsilon(0.01));
    CHECK(all->basis ==
          "436 kB in " + folder / "rows.jsonl, 92 % of them texts in a sample, at 4 bytes of text a token");
    CHECK(words_of(*all).find(" tokens of an epoch are a GUESS: 436 kB in ") != std::string::npos);
    CHECK(words_of(*all).ends_with(
        "; count them: ktrain data stats SPEC -o json | ktrain estimate SPEC --tokens-from -"));
    CHECK(guess(folder / "rows.jsonl", 0.25)->tokens == doctest::Approx(75000).epsilon(0.01));
    write_file(folder / "rows.txt", std::string(4000, 'x'));
    CHECK(guess(folder / "rows.txt")->tokens == 1000);
}

TEST_CASE("of a folder the files that train count, and of many files a part stands for all") {
    const TempFolder folder;
    for (int i = 0; i < 600; ++i)
        write_file(folder / ("train-" + std::to_string(1000 + i) + ".txt"), std::string(400, 'x'));
    write_file(folder / "test.txt", std::string(4000, 'x'));
    write_file(folder / "README.md", "# rows");
    CHECK(guess(folder.path(), 0.5)->tokens == 30000);
    CHECK(guess(folder.path())->basis == "240 kB in 600 files, at 4 bytes of text a token");
    write_file(folder / "validation.txt", "x");
    CHECK(guess(folder.path(), 0.5)->tokens == 60000);  // the rows that are held out lie apart
}

TEST_CASE("what is no text is not guessed") {
    const TempFolder folder;
    const auto why = [&](const std::string& name, const std::string& content) {
        write_file(folder / name, content);
        const auto result = guess(folder / name);
        REQUIRE(result);
        CHECK(result->tokens == 0);
        CHECK(words_of(*result).starts_with("the tokens cannot be guessed from "));
        return result->basis.substr(result->basis.rfind(": ") + 2);
    };
    CHECK(why("a.parquet", "PAR1") == "columns may be compressed, their size tells little");
    CHECK(why("a.jsonl", R"({"input_ids": [1, 2], "text": "x"})") ==
          "its rows are ids of tokens (input_ids), no texts");
    CHECK(why("a.csv", "input_ids,labels\n1 2,3\n") == "its rows are ids of tokens (input_ids), no texts");
    CHECK(why("b.jsonl", R"({"a": 1})") == "it has no texts where it was looked at");
    CHECK(why("b.txt", "") == "it has no texts where it was looked at");
}

TEST_CASE("data that are not on this machine, or are none, are not guessed") {
    const TempFolder folder;
    CHECK_FALSE(guess(""));
    CHECK_FALSE(guess(folder / "none.jsonl"));
    CHECK_FALSE(guess(folder.path()));
    write_file(folder / "a.jsonl", "{}");
    write_file(folder / "b.csv", "a\n1\n");
    CHECK_FALSE(guess(folder.path()));  // two formats
}

TEST_CASE("rows are told from figures of rows") {
    const TempFolder folder;
    const auto rows = [&](const std::string& name, const std::string& content) {
        write_file(folder / name, content);
        return has_rows(folder / name, real_files());
    };
    CHECK(has_rows(folder.path(), real_files()));
    CHECK(rows("a.jsonl", "{}"));
    CHECK(rows("a.json", " [{}]"));
    CHECK_FALSE(rows("stats.json", R"({"splits": []})"));
    CHECK(rows("data", "PAR1"));
    CHECK_FALSE(rows("photo", "\x89PNG"));
    CHECK_FALSE(has_rows(folder / "none", real_files()));
}
