// Quantities: grammar and values as in apimachinery, arithmetic, printing, suggestions.
#include <doctest/doctest.h>

#include <limits>

#include "core/base/quantity.h"

using ktrain::Quantity;

namespace {

// The value in thousandths, or -1 when the text is no quantity.
std::int64_t milli(std::string_view text) {
    std::optional<Quantity> quantity = Quantity::parse(text);
    return quantity ? quantity->milli_rounded_up() : -1;
}

}  // namespace

TEST_CASE("quantities that the API server accepts") {
    struct Case {
        std::string_view text;
        std::int64_t milli;
    };
    for (Case c : {Case{"0", 0},
                   {"1", 1000},
                   {"500m", 500},
                   {"1k", 1'000'000},
                   {"1Ki", 1'024'000},
                   {"1.5", 1500},
                   {".5", 500},
                   {"5.", 5000},
                   {"+1", 1000},
                   {"1e3", 1'000'000},
                   {"1E3", 1'000'000},
                   {"1e+3", 1'000'000},
                   {"12e-3", 12},
                   {"0.5Ki", 512'000},
                   {"1.5Gi", 1'610'612'736'000},
                   {"100M", 100'000'000'000},
                   {"0001", 1000},
                   {"1u", 1},
                   {"1n", 1},
                   {"0.1n", 1},
                   {"0e999", 0},
                   {"100000u", 100}}) {
        CAPTURE(c.text);
        CHECK(milli(c.text) == c.milli);
    }
    CHECK(Quantity::parse("1E")->units_rounded_up() == 1'000'000'000'000'000'000);
    CHECK(Quantity::parse("-1")->negative());
    CHECK(Quantity::parse("9223372036854775807")->units_rounded_up() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("texts that are no quantities") {
    for (std::string_view text : {"",
                                  "100MB",
                                  "1Gib",
                                  "1K",
                                  "1,000",
                                  "0x10",
                                  "10 Gi",
                                  " 1Gi",
                                  "1Gi ",
                                  "1m1",
                                  "1 ",
                                  ".",
                                  "-",
                                  "+",
                                  "--1",
                                  "+-1",
                                  "1e",
                                  "1e+",
                                  "1e+-3",
                                  "1e1e1",
                                  "1.2.3",
                                  "Gi",
                                  "1GiGi",
                                  "1ki",
                                  "½",
                                  "9223372036854775808",
                                  "8Ei",
                                  "1e30",
                                  "1e99999999999",
                                  "NaN",
                                  "inf",
                                  "1_000"}) {
        CAPTURE(text);
        CHECK_FALSE(Quantity::parse(text).has_value());
    }
}

TEST_CASE("wholeness, order, sum and product") {
    CHECK(Quantity::parse("2000m")->whole());
    CHECK_FALSE(Quantity::parse("1500m")->whole());
    CHECK(*Quantity::parse("1Ki") > *Quantity::parse("1k"));
    CHECK(*Quantity::parse("0.5") == *Quantity::parse("500m"));
    CHECK(*Quantity::parse("1Gi") + *Quantity::parse("1Gi") == *Quantity::parse("2Gi"));
    CHECK(*Quantity::parse("250m") * 4 == Quantity::of_units(1));
    CHECK(*Quantity::parse("7Ei") * 1000 == *Quantity::parse("9223372036854775807"));  // clamped as the server does
    CHECK(*Quantity::parse("-7Ei") * 1000 < Quantity());
}

TEST_CASE("the shortest exact text") {
    struct Case {
        std::string_view text;
        std::string_view shortest;
    };
    for (Case c : {Case{"0", "0"},
                   {"0.5", "500m"},
                   {"1024", "1Ki"},
                   {"1000", "1k"},
                   {"16384Mi", "16Gi"},
                   {"1536Mi", "1536Mi"},
                   {"1.5", "1500m"},
                   {"-1024", "-1Ki"},
                   {"1e9", "1G"},
                   {"0.000001", "1u"},
                   {"1024000", "1000Ki"},
                   {"8", "8"},
                   {"1234567890.123456789", "1234567890123456789n"}}) {
        CAPTURE(c.text);
        CHECK(Quantity::parse(c.text)->text() == c.shortest);
        CHECK(*Quantity::parse(c.shortest) == *Quantity::parse(c.text));
    }
}

TEST_CASE("what the writer probably meant") {
    struct Case {
        std::string_view text;
        std::string_view meant;
    };
    for (Case c : {Case{"100MB", "100M"},
                   {"1Gib", "1Gi"},
                   {"1GiB", "1Gi"},
                   {"1K", "1k"},
                   {"1,000", "1000"},
                   {"10 Gi", "10Gi"},
                   {" 1Gi", "1Gi"},
                   {"16gb", "16G"},
                   {"512mi", "512Mi"},
                   {"2 gigabytes", ""},
                   {"0x10", ""},
                   {"1m1", ""},
                   {"", ""},
                   {"lots", ""},
                   {"100Bytes", "100"}}) {
        CAPTURE(c.text);
        CHECK(Quantity::suggest(c.text) == c.meant);
    }
}
