// The handbook's table of costs (section 7.1) beside what the same GPUs cost by a table of prices.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/estimate/cost.h"

namespace ktrain {

struct HandbookCostRow {
    std::string_view name;                // "Full FT"
    std::string_view model;               // "7B" or "70B"
    std::array<std::string_view, 2> gpu;  // ids; the second may be empty
    std::int64_t gpus = 1;                // the handbook's number for 7B, eight times as many for 70B
    Capacity capacity = Capacity::on_demand;
    double usd_per_day = 0;  // by the handbook
    std::string_view remark;
};
std::span<const HandbookCostRow> handbook_cost_rows();

struct HandbookCost {
    const HandbookCostRow* row = nullptr;
    struct Today {
        Offer offer;       // the cheapest of its cloud
        double ratio = 0;  // the handbook's price over today's
    };
    std::vector<Today> today;  // by price; empty when no price is known

    std::optional<Offer> on_demand, spot;  // the cheapest of all clouds

    // The handbook's price over the cheapest of the row's own capacity; 0 when that is not known.
    double ratio() const { return today.empty() ? 0 : today.front().ratio; }
};

// One for each row. The offers point into `prices`.
std::vector<HandbookCost> handbook_costs(const PriceTable& prices);

// All offers that the costs name, for the dates of their prices.
std::vector<Offer> offers_of(std::span<const HandbookCost> costs);

// [{name, model, gpu, gpus, capacity, usd_per_day, on_demand, spot, ratio, remark}]; the two are offers as
// to_json(Offer) has them, or null.
Json to_json(std::span<const HandbookCost> costs);

}  // namespace ktrain
