// What a training costs: whole instances of a GPU by their prices, cheapest first; unknown is never counted as 0.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/estimate/prices.h"
#include "core/estimate/time.h"

namespace ktrain {

enum class Capacity { on_demand, reserved, spot };
std::string_view name_of(Capacity capacity);  // "on demand"

struct CostInput {
    std::string_view gpu;           // id of templates/gpus.csv
    std::int64_t gpus = 1;          // that the job uses in all
    std::int64_t gpus_per_pod = 1;  // these must be in one instance; divides `gpus`
    Capacity capacity = Capacity::on_demand;
    std::string_view cloud, region;  // only these; empty: any
    std::optional<Range> seconds;    // of the run: total() of its TimeFigures
    double tokens = 0;               // trained in all; 0: not known
};

// USD. Low and high: of the price, and of the time where it counts.
struct Money {
    Range per_hour, per_day;
    std::optional<Range> total;               // empty without seconds
    std::optional<Range> per_million_tokens;  // loading and all; empty without seconds and tokens
};

// Instances are bought whole.
struct Offer {
    const Price* price = nullptr;  // in the PriceTable
    Capacity capacity = Capacity::on_demand;
    std::int64_t instances = 0;
    std::int64_t idle = 0;       // GPUs that are paid for and not used
    std::optional<Money> money;  // empty: no price known

    // The part of the cost that the used GPUs would have if the rest could be given away.
    double used_share() const;
};

// Every instance of the GPU that has room for a pod. Sorted by the middle of the price: those with one, then those
// whose price lacks the machine (Price::gpu_alone), then those without a price. Spot without an upper price may cost up
// to the on-demand price. Errors: Error{input} for gpus or gpus_per_pod below 1, for one that does not divide the
// other, and for a total that is no number.
std::vector<Offer> offers(const PriceTable& prices, const CostInput& input);

// The first of offers() if its price is known and whole; without a list, for searches.
std::optional<Offer> cheapest(const PriceTable& prices, const CostInput& input);

// What to say about an offer: "no price known", idle GPUs, a machine that comes extra; empty when nothing.
std::string remark(const Offer& offer);

// "prices as of 2026-07-20 (aws), 2026-08-03 (gcp)": the oldest date of each cloud.
std::string price_dates(std::span<const Offer> offers);
// One warning for each cloud whose prices are older than 180 days.
std::vector<std::string> age_warnings(std::span<const Offer> offers, std::chrono::sys_days today);

// {cloud, region, instance, capacity, instances, gpus, idle_gpus, usd_per_hour, usd_per_day, usd_per_million_tokens,
// usd_total, as_of, source, remark}; ranges are {low, mid, high}, unknown is null.
Json to_json(const Offer& offer);

}  // namespace ktrain
