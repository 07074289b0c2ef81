// Times and counts as people write them.
#include <doctest/doctest.h>

#include <array>
#include <utility>

#include "core/base/amounts.h"

using namespace ktrain;

TEST_CASE("a time has a unit, in the words and the case that people write") {
    const std::array<std::pair<const char*, double>, 8> good{{{"0.5h", 1800}, {"90min", 5400}, {"24H", 86400},
                                                              {"90m", 5400}, {"3d", 259200}, {"1d12h", 129600},
                                                              {"1h30M", 5400}, {"2hours", 7200}}};
    for (const auto& [text, value] : good) CHECK_MESSAGE(parse_span(text) == value, text);
    for (const char* text : {"", "24", "0h", "h", "1m1h", "5m5", "1.5.5h", "-5h", " 5m", "5x", "1e3h", "1e9d", "nanh"})
        CHECK_MESSAGE(!parse_span(text), text);
}

TEST_CASE("a count has a suffix, an exponent or neither") {
    const std::array<std::pair<const char*, double>, 8> good{{{"1T", 1e12}, {"300K", 3e5}, {"300k", 3e5}, {"3e8", 3e8},
                                                              {"2000000", 2e6}, {"1.5b", 1.5e9}, {"5M", 5e6},
                                                              {"3500.5", 3500.5}}};
    for (const auto& [text, value] : good) CHECK_MESSAGE(parse_count(text) == value, text);
    for (const char* text : {"", "K", "0", "-5", "1e16", "1001T", "nan", "inf", "5 M", "1,000", "5X", "1e400", "0x10"})
        CHECK_MESSAGE(!parse_count(text), text);
}
