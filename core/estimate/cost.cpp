// Prices of whole instances for the GPUs that a job uses.
#include "core/estimate/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr double hour = 3600;

void check(const CostInput& input) {
    if (input.gpus < 1 || input.gpus_per_pod < 1)
        throw Error(ErrorKind::input,
                    fmt::format("a job has 1 GPU or more, not {}", std::min(input.gpus, input.gpus_per_pod)));
    if (input.gpus % input.gpus_per_pod != 0)
        throw Error(ErrorKind::input,
                    fmt::format("{} GPUs cannot be parted into pods of {}", input.gpus, input.gpus_per_pod));
}

// USD of one instance for an hour; nullopt when not known.
std::optional<Range> hourly(const Price& price, Capacity capacity) {
    const auto one = [](const std::optional<double>& value) {
        return value ? std::optional(exactly(*value)) : std::nullopt;
    };
    if (capacity == Capacity::on_demand) return one(price.on_demand);
    if (capacity == Capacity::reserved) return one(price.reserved);
    if (!price.spot_low && !price.spot_high) return std::nullopt;
    const double low = price.spot_low ? *price.spot_low : *price.spot_high;
    // Zones without a known discount sell at the on-demand price.
    const double high = price.spot_high ? *price.spot_high : std::max(low, price.on_demand.value_or(low));
    return Range{low, (low + high) / 2, high};
}

Range product(const Range& a, const Range& b) {
    return {a.low * b.low, a.mid * b.mid, a.high * b.high};
}

std::optional<Offer> offer_of(const Price& price, const CostInput& input) {
    const bool elsewhere =
        (!input.cloud.empty() && input.cloud != price.cloud) || (!input.region.empty() && input.region != price.region);
    const std::int64_t pods_in_one = price.gpu_count / input.gpus_per_pod;
    if (elsewhere || pods_in_one == 0) return std::nullopt;
    const std::int64_t pods = input.gpus / input.gpus_per_pod;
    Offer offer{&price, input.capacity, pods / pods_in_one + (pods % pods_in_one != 0 ? 1 : 0)};
    offer.idle = offer.instances * price.gpu_count - input.gpus;
    const std::optional<Range> rate = hourly(price, input.capacity);
    if (!rate) return offer;
    Money money;
    money.per_hour = *rate * static_cast<double>(offer.instances);
    money.per_day = money.per_hour * 24;
    if (input.seconds) {
        money.total = product(money.per_hour, *input.seconds) * (1 / hour);
        if (input.tokens > 0) money.per_million_tokens = *money.total * (1e6 / input.tokens);
    }
    if (!std::isfinite(money.per_day.high) || (money.total && !std::isfinite(money.total->high)))
        throw Error(ErrorKind::input, "the numbers are too large: the cost is no number");
    offer.money = money;
    return offer;
}

// All run for the same time, so that the price of an hour decides.
auto order(const Offer& offer) {
    const Price& price = *offer.price;
    return std::tuple(!offer.money.has_value(), price.gpu_alone, offer.money ? offer.money->per_hour.mid : 0,
                      offer.idle, offer.instances, std::string_view(price.cloud), std::string_view(price.region),
                      std::string_view(price.instance));
}

// The oldest date of each cloud that an offer has a price of.
std::map<std::string, const AsOf*> oldest(std::span<const Offer> offers) {
    std::map<std::string, const AsOf*> dates;
    for (const Offer& offer : offers) {
        if (!offer.money) continue;
        const AsOf*& date = dates[offer.price->cloud];
        if (date == nullptr || offer.price->as_of.day < date->day) date = &offer.price->as_of;
    }
    return dates;
}

}  // namespace

std::string_view name_of(Capacity capacity) {
    return capacity == Capacity::on_demand ? "on demand" : capacity == Capacity::spot ? "spot" : "reserved";
}

double Offer::used_share() const {
    const std::int64_t bought = instances * price->gpu_count;
    return static_cast<double>(bought - idle) / static_cast<double>(bought);
}

std::vector<Offer> offers(const PriceTable& prices, const CostInput& input) {
    check(input);
    std::vector<Offer> result;
    for (const Price& price : prices.of_gpu(input.gpu))
        if (const auto offer = offer_of(price, input)) result.push_back(*offer);
    std::ranges::sort(result, {}, order);
    return result;
}

std::optional<Offer> cheapest(const PriceTable& prices, const CostInput& input) {
    check(input);
    std::optional<Offer> best;
    for (const Price& price : prices.of_gpu(input.gpu)) {
        if (price.gpu_alone) continue;
        const auto offer = offer_of(price, input);
        if (offer && offer->money && (!best || order(*offer) < order(*best))) best = offer;
    }
    return best;
}

std::string remark(const Offer& offer) {
    std::vector<std::string> words;
    if (!offer.money) words.push_back(fmt::format("no {} price known", name_of(offer.capacity)));
    if (offer.price->gpu_alone) words.emplace_back("the price of the GPU alone: the machine is extra");
    if (offer.idle > 0)
        words.push_back(fmt::format("{} of {} GPUs idle: instances are sold whole", offer.idle,
                                    offer.instances * offer.price->gpu_count));
    if (offer.money && offer.capacity == Capacity::spot && !offer.price->spot_high && offer.price->on_demand)
        words.emplace_back("some zones list the on-demand price");
    return join(words, "; ");
}

std::string price_dates(std::span<const Offer> offers) {
    std::vector<std::string> words;
    for (const auto& [cloud, date] : oldest(offers)) words.push_back(fmt::format("{} ({})", date->text, cloud));
    return words.empty() ? "" : "prices as of " + join(words, ", ");
}

std::vector<std::string> age_warnings(std::span<const Offer> offers, std::chrono::sys_days today) {
    std::vector<std::string> warnings;
    for (const auto& [cloud, date] : oldest(offers))
        if (const std::string warning = age_warning(*date, today); !warning.empty())
            warnings.push_back(fmt::format("{}: {}", cloud, warning));
    return warnings;
}

Json to_json(const Offer& offer) {
    const Price& price = *offer.price;
    Json json = {{"cloud", price.cloud},         {"region", price.region},
                 {"instance", price.instance},   {"capacity", name_of(offer.capacity)},
                 {"instances", offer.instances}, {"gpus", offer.instances * price.gpu_count},
                 {"idle_gpus", offer.idle},      {"usd_per_hour", nullptr},
                 {"usd_per_day", nullptr},       {"usd_per_million_tokens", nullptr},
                 {"usd_total", nullptr},         {"as_of", price.as_of.text},
                 {"source", price.source},       {"remark", remark(offer)}};
    if (!offer.money) return json;
    json["usd_per_hour"] = to_json(offer.money->per_hour);
    json["usd_per_day"] = to_json(offer.money->per_day);
    if (offer.money->total) json["usd_total"] = to_json(*offer.money->total);
    if (offer.money->per_million_tokens) json["usd_per_million_tokens"] = to_json(*offer.money->per_million_tokens);
    return json;
}

}  // namespace ktrain
