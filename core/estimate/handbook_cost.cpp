// The handbook's costs as data, and today's beside them.
#include "core/estimate/handbook_cost.h"

#include <algorithm>

namespace ktrain {
namespace {

constexpr std::array<std::string_view, 2> a100_80{"a100-80gb", "a100-80gb-pcie"};
constexpr std::array<std::string_view, 2> a100_40{"a100-40gb", "a100-40gb-pcie"};
constexpr std::array<std::string_view, 2> a10g{"a10g", ""};

// The 70B column is eight times the 7B column with the same GPU. A price of a day does not depend on the model: it is
// read as eight times the GPUs.
constexpr std::array rows{
    HandbookCostRow{"Full FT", "7B", a100_80, 2, Capacity::on_demand, 200,
                    "2 GPUs hold it only with sharded states: 16 B a parameter are 108 GB without activations"},
    HandbookCostRow{"LoRA", "7B", a100_40, 1, Capacity::on_demand, 50, "AWS sells 8 GPUs at a time"},
    HandbookCostRow{"QLoRA", "7B", a10g, 1, Capacity::on_demand, 8, "a third of what one A10G costs"},
    HandbookCostRow{"Spot + QLoRA", "7B", a10g, 1, Capacity::spot, 2.4,
                    "the handbook's discount of 70 % is about what spot saves, of a price that is too low"},
    HandbookCostRow{"Full FT", "70B", a100_80, 16, Capacity::on_demand, 1600,
                    "not on 2 GPUs: 16 B a parameter are 1.1 TB; 16 hold it without margin, taken here"},
    HandbookCostRow{"LoRA", "70B", a100_40, 8, Capacity::on_demand, 400,
                    "not on 1 GPU: 138 GB of weights in 16 bits; 8 are taken here"},
    HandbookCostRow{"QLoRA", "70B", a10g, 8, Capacity::on_demand, 64,
                    "not on 1 GPU: 37 GB of weights in 4 bits; 8 are taken here"},
    HandbookCostRow{"Spot + QLoRA", "70B", a10g, 8, Capacity::spot, 19,
                    "not on 1 GPU: 37 GB of weights in 4 bits; 8 are taken here"},
};

// Of whole machines, cheapest first.
std::vector<Offer> offers_for(const HandbookCostRow& row, Capacity capacity, const PriceTable& prices) {
    std::vector<Offer> all;
    for (const std::string_view gpu : row.gpu) {
        CostInput input;
        input.gpu = gpu;
        input.gpus = row.gpus;
        input.capacity = capacity;
        for (const Offer& offer : offers(prices, input))
            if (offer.money && !offer.price->gpu_alone) all.push_back(offer);
    }
    std::ranges::stable_sort(all, {}, [](const Offer& offer) { return offer.money->per_day.mid; });
    return all;
}

HandbookCost cost_of(const HandbookCostRow& row, const PriceTable& prices) {
    HandbookCost result;
    result.row = &row;
    const std::vector<Offer> on_demand = offers_for(row, Capacity::on_demand, prices);
    const std::vector<Offer> spot = offers_for(row, Capacity::spot, prices);
    if (!on_demand.empty()) result.on_demand = on_demand.front();
    if (!spot.empty()) result.spot = spot.front();
    for (const Offer& offer : row.capacity == Capacity::spot ? spot : on_demand) {
        const bool seen = std::ranges::any_of(result.today, [&](const HandbookCost::Today& today) {
            return today.offer.price->cloud == offer.price->cloud;
        });
        if (!seen) result.today.push_back({offer, row.usd_per_day / offer.money->per_day.mid});
    }
    return result;
}

}  // namespace

std::span<const HandbookCostRow> handbook_cost_rows() {
    return rows;
}

std::vector<HandbookCost> handbook_costs(const PriceTable& prices) {
    std::vector<HandbookCost> costs;
    for (const HandbookCostRow& row : rows) costs.push_back(cost_of(row, prices));
    return costs;
}

std::vector<Offer> offers_of(std::span<const HandbookCost> costs) {
    std::vector<Offer> all;
    for (const HandbookCost& cost : costs)
        for (const auto& offer : {cost.on_demand, cost.spot})
            if (offer) all.push_back(*offer);
    return all;
}

Json to_json(std::span<const HandbookCost> costs) {
    Json list = Json::array();
    for (const HandbookCost& cost : costs)
        list.push_back({{"name", cost.row->name},
                        {"model", cost.row->model},
                        {"gpu", cost.row->gpu[0]},
                        {"gpus", cost.row->gpus},
                        {"capacity", name_of(cost.row->capacity)},
                        {"usd_per_day", cost.row->usd_per_day},
                        {"on_demand", cost.on_demand ? to_json(*cost.on_demand) : Json(nullptr)},
                        {"spot", cost.spot ? to_json(*cost.spot) : Json(nullptr)},
                        {"ratio", cost.ratio() > 0 ? Json(cost.ratio()) : Json(nullptr)},
                        {"remark", cost.row->remark}});
    return list;
}

}  // namespace ktrain
