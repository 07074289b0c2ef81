// The handbook's table of costs (section 7.1) beside what the same GPUs cost by a table of prices.
#pragma once

#include <array>
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
};

// One for each row. The offers point into `prices`.
std::vector<HandbookCost> handbook_costs(const PriceTable& prices);

}  // namespace ktrain
