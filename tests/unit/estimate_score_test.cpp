// The estimator against measured peaks: the bars of docs/estimate.md on every row whose conditions are known.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.h"
#include "core/base/world.h"
#include "core/estimate/measured.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

std::string text() {
    return real_files().read(test::source_path("/tests/golden/measured/measured_memory.csv"));
}

// The first row with one cell changed.
std::string changed(std::string_view column, std::string_view value) {
    std::string whole = text();
    const std::size_t end_of_header = whole.find('\n');
    const std::string header = whole.substr(0, end_of_header);
    const std::string row = whole.substr(end_of_header + 1, whole.find('\n', end_of_header + 1) - end_of_header - 1);
    const std::size_t wanted = static_cast<std::size_t>(std::count(
        header.begin(),
        header.begin() + static_cast<std::ptrdiff_t>(("," + header + ",").find(fmt::format(",{},", column))), ','));
    std::string result = header + "\n";
    bool quoted = false;
    std::size_t at = 0;
    bool put = false;
    for (const char c : row) {
        if (c == '"') quoted = !quoted;
        if (at == wanted && !put) result += value, put = true;
        if (c == ',' && !quoted)
            ++at, result += c;
        else if (at != wanted)
            result += c;
    }
    return result + "\n";
}

const Score& all_of(const std::vector<Score>& scores) {
    return scores.front();
}

}  // namespace

TEST_CASE("estimates are near what was measured where all conditions are known") {
    const MeasuredRows measured = read_measured(text(), "measured_memory.csv");
    CHECK(measured.rows.size() == 123);
    CHECK(measured.left_out.size() == 16);
    const auto scored = score_rows(measured.rows);
    const auto scores = summarise(scored);
    MESSAGE("median error " << all_of(scores).median << ", within 20 % " << all_of(scores).within_20);
    CHECK(all_of(scores).median <= 0.06);
    CHECK(all_of(scores).within_20 >= 0.92);
    CHECK(all_of(scores).p90 <= band);
    CHECK(band_basis == fmt::format("nine of ten of {} measured peaks are within {:.0f} % of their estimate",
                                    scored.size(), 100 * band));
    for (const Score& score : scores) CHECK_MESSAGE(std::abs(score.bias) <= 0.10, score.family);
}

TEST_CASE("the same tokens in other batches take the same memory with flash attention") {
    const MeasuredRows measured = read_measured(text(), "measured_memory.csv");
    for (const MeasuredRow& row : measured.rows) {
        if (row.conditions.eager_attention) continue;
        Conditions other = row.conditions;
        other.length *= 2;
        other.micro_batch *= 3;
        Conditions same = other;
        same.length *= 3;
        same.micro_batch /= 3;
        CHECK_MESSAGE(step_memory(other).active == step_memory(same).active, row.id);
    }
}

TEST_CASE("a measured row that cannot be read says where and what is expected") {
    const auto fails = [](std::string_view column, std::string_view value, std::string_view words) {
        try {
            read_measured(changed(column, value), "rows.csv");
            FAIL_CHECK(column << " = " << value << " was read");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::input);
            CHECK_MESSAGE((error.message + error.hint).find(words) != std::string::npos, error.message << error.hint);
        }
    };
    fails("micro_batch", "two", "a number of at least 0");
    fails("micro_batch", "0", "a whole number above 0");
    fails("seq_len", "-5", "a number of at least 0");
    fails("peak_bytes", "nan", "a number of at least 0");
    fails("peak_bytes", "", "a whole number above 0");
    fails("checkpointing", "some", "one of full, none, selective");
    fails("weight_dtype", "bf8", "one of: bf16");
    fails("gpu", "a100-80g", "a100-80gb");
    for (const auto& [column, word] : {std::pair{"metric", "peak"}, {"attention", "flsh"}, {"optimizer", "sgd"}})
        CHECK(read_measured(changed(column, word), "rows.csv").left_out.front().find(word) != std::string::npos);
    CHECK(read_measured(changed("metric", "reserved_minus_init"), "rows.csv").rows.size() == 1);
    CHECK(read_measured("\xEF\xBB\xBF" + text(), "rows.csv").rows.size() == 123);
    const std::string once = changed("note", "");
    const std::string twice = once + once.substr(once.find('\n') + 1);
    const Error again = test::error_of([&] { read_measured(twice, "rows.csv"); });
    CHECK(again.where.line == 3);
    CHECK(again.hint == "expected another than in line 2: each row has its own");
    // A note of two lines and an empty line move the second row to the fifth.
    const std::string spread = changed("note", "\"two\nlines\"");
    const std::string apart = spread + "\n" + once.substr(once.find('\n') + 1);
    const Error moved = test::error_of([&] { read_measured(apart, "rows.csv"); });
    CHECK(moved.where.line == 5);
    const Error card = test::error_of([] { read_measured(changed("gpu", "a100-80g"), "rows.csv"); });
    CHECK(card.where.file == "rows.csv");
    CHECK(card.where.line == 2);
    CHECK(card.message.starts_with("row A1: "));
    CHECK(read_measured(changed("model", "nobody"), "rows.csv").left_out.front().find("unknown model") !=
          std::string::npos);
    CHECK_THROWS_AS(read_measured("id,source\nA,b\n", "rows.csv"), Error);
    CHECK(summarise(score_rows({})).empty());
}

TEST_CASE("modules that train whole count beside LoRA's matrices") {
    const auto trained = [](const std::string& extra) {
        const std::string header = text().substr(0, text().find('\n'));
        const std::map<std::string, std::string> cells{
            {"id", "X"},        {"model", "llama-2-7b"},  {"method", "lora"},
            {"rank", "8"},      {"targets", "q"},         {"micro_batch", "1"},
            {"seq_len", "512"}, {"trained_extra", extra}, {"peak_bytes", "1"}};
        std::string row;
        for (std::size_t at = 0; at <= header.size();) {
            const std::size_t end = std::min(header.find(',', at), header.size());
            const auto cell = cells.find(header.substr(at, end - at));
            row += (at > 0 ? "," : "") + (cell == cells.end() ? "" : cell->second);
            at = end + 1;
        }
        const MeasuredRows measured = read_measured(header + "\n" + row + "\n", "rows.csv");
        return measured.rows.empty() ? std::int64_t{-1} : measured.rows.front().conditions.added;
    };
    CHECK(trained("") == 0);
    CHECK(trained("embed_tokens") == 32000 * 4096);
    CHECK(trained("\"embed_tokens,lm_head\"") == 2 * 32000 * 4096);
    CHECK(trained("nobody knows") == -1);
    const auto with = [&](std::string_view column, std::string_view value) {
        return test::error_of([&] { read_measured(changed(column, value), "rows.csv"); });
    };
    CHECK(with("seq_len", "99999999").hint == "expected at most 16777216");
}
