// Dates of prices, their order, and the built-in table.
#include "core/estimate/prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::int64_t old_after_days = 180;

// All of `text` as digits.
std::optional<int> digits(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace

std::optional<AsOf> parse_as_of(std::string_view text) {
    const bool has_month = text.size() == 7 || text.size() == 10;
    const bool has_day = text.size() == 10;
    if (text.size() != 4 && !has_month) return std::nullopt;
    if ((has_month && text[4] != '-') || (has_day && text[7] != '-')) return std::nullopt;
    const auto year = digits(text.substr(0, 4));
    const auto month = has_month ? digits(text.substr(5, 2)) : 1;
    const auto day = has_day ? digits(text.substr(8, 2)) : 1;
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return AsOf{std::string(text), std::chrono::sys_days(date)};
}

std::int64_t days_old(const AsOf& as_of, std::chrono::sys_days today) {
    return (today - as_of.day).count();
}

std::string age_warning(const AsOf& as_of, std::chrono::sys_days today) {
    const std::int64_t days = days_old(as_of, today);
    if (days < 0) return fmt::format("the prices are as of {}, which is yet to come", as_of.text);
    if (days <= old_after_days) return "";
    return fmt::format("the prices as of {} are {} days old: they move by tens of per cent a year", as_of.text, days);
}

PriceTable::PriceTable(std::vector<Price> rows) : rows_(std::move(rows)) {
    std::ranges::stable_sort(
        rows_, {}, [](const Price& price) { return std::tie(price.gpu, price.cloud, price.region, price.instance); });
}

std::span<const Price> PriceTable::of_gpu(std::string_view id) const {
    const auto gpu = [](const Price& price) -> std::string_view { return price.gpu; };
    return {std::ranges::lower_bound(rows_, id, {}, gpu), std::ranges::upper_bound(rows_, id, {}, gpu)};
}

PriceTable builtin_prices() {
    ReadPrices prices = read_prices(embedded("prices.csv"), "prices.csv");
    if (has_errors(prices.problems))
        throw Error(ErrorKind::bug, prices.problems.front().message, prices.problems.front().where);
    return std::move(prices.table);
}

}  // namespace ktrain
