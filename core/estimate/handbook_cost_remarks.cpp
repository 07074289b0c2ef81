// Where the handbook's words about money contradict the prices of today.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"
#include "core/estimate/handbook_case.h"
#include "core/estimate/handbook_cost.h"
#include "core/estimate/job.h"

namespace ktrain::handbook {
namespace {

bool has_cost(const Case& c) {
    return c.estimate.shape.family != "simple_cnn";
}

bool is_70b(const Case& c) {
    return has_cost(c) && c.parameters() >= 60e9;
}

// The handbook's row beside the cheapest instance of each cloud.
Text row_beside_today(const Case& c, std::string_view name, std::string_view model) {
    for (const HandbookCost& cost : handbook_costs(c.prices)) {
        const HandbookCostRow& row = *cost.row;
        if (row.name != name || row.model != model || cost.today.empty()) continue;
        std::vector<std::string> clouds;
        for (const HandbookCost::Today& today : cost.today)
            clouds.push_back(fmt::format("{} at {} ({:.2f} of it)", dollars(today.offer.money->per_day.mid),
                                         today.offer.price->cloud, today.ratio));
        return fmt::format("{} a day for {} {} is {} an hour; the cheapest {} is {}", dollars(row.usd_per_day),
                           row.gpus, row.gpu[0], dollars(row.usd_per_day / 24), name_of(row.capacity),
                           join(clouds, ", "));
    }
    return {};
}

// Of the instance; of another region where its own is not known.
std::optional<double> on_demand_of(const PriceTable& prices, const Price& price) {
    if (price.on_demand) return price.on_demand;
    for (const Price& other : prices.of_gpu(price.gpu))
        if (other.cloud == price.cloud && other.instance == price.instance && other.on_demand) return other.on_demand;
    return std::nullopt;
}

// Tokens that the GPUs of the job train in a day.
std::optional<double> tokens_a_day(const Case& c) {
    JobOptions options;
    options.tokens = 1e6;
    try {
        const auto job = estimate_job(c.estimate, options, c.prices);
        if (!job) return std::nullopt;
        return job->time.figures.tokens_per_second.mid * static_cast<double>(job->gpus) * 24 * 3600;
    } catch (const Error&) {  // a GPU whose peak is not known
        return std::nullopt;
    }
}

}  // namespace

Text cost_full(const Case& c) {
    return c.full() && has_cost(c) && !is_70b(c) ? row_beside_today(c, "Full FT", "7B") : Text();
}

Text cost_lora(const Case& c) {
    return c.lora() && !c.quantised() && !is_70b(c) ? row_beside_today(c, "LoRA", "7B") : Text();
}

Text cost_qlora(const Case& c) {
    return c.quantised() && !is_70b(c) ? row_beside_today(c, "QLoRA", "7B") : Text();
}

Text cost_spot(const Case& c) {
    return c.quantised() && !is_70b(c) ? row_beside_today(c, "Spot + QLoRA", "7B") : Text();
}

Text cost_70b(const Case& c) {
    if (!is_70b(c)) return {};
    const std::string_view name = c.full() ? "Full FT" : c.quantised() ? "QLoRA" : "LoRA";
    const Text beside = row_beside_today(c, name, "70B");
    return fmt::format(
        "the column of 70B is 8 times that of 7B for the same GPUs, but a price of a day does not depend on the model: "
        "it can only be 8 times as many of them{}",
        beside ? ". " + *beside : "");
}

Text cost_without_tokens(const Case& c) {
    if (!has_cost(c) || !c.estimate.wanted) return {};
    const auto tokens = tokens_a_day(c);
    if (!tokens) return {};
    const std::string gpus =
        c.gpus() > 1 ? fmt::format("{} {} train", c.gpus(), c.gpu()) : fmt::format("one {} trains", c.gpu());
    return fmt::format(
        "a price of a day is not the price of a training, which takes its tokens and their speed: {} about {} tokens "
        "in a day (--tokens N says hours and dollars)",
        gpus, human_count(static_cast<std::uint64_t>(*tokens)));
}

Text spot_discount(const Case& c) {
    if (!has_cost(c) || (!c.estimate.wanted && !c.quantised())) return {};
    double least = 1, most = 0;
    for (const Price& price : c.prices.of_gpu(c.gpu())) {
        const auto on_demand = on_demand_of(c.prices, price);
        if (!on_demand) continue;
        for (const auto& spot : {price.spot_low, price.spot_high}) {
            if (!spot) continue;
            least = std::min(least, 1 - *spot / *on_demand);
            most = std::max(most, 1 - *spot / *on_demand);
        }
        if (price.spot_low && !price.spot_high) least = 0;  // zones that list the on-demand price
    }
    if (most == 0) return {};
    return fmt::format("$2.40 for $8 is a discount of 70 % for spot; of {} those known are from {:.0f} to {:.0f} %",
                       c.gpu(), 100 * least, 100 * most);
}

Text a10g_memory(const Case& c) {
    if (!has_cost(c) || c.gpu() != "a10g") return {};
    const Gpu gpu = find_gpu("a10g");
    return fmt::format("\"A10G 24GB\" has {} MiB: {}, but {}; this job needs {} ({})", grouped(gpu.memory >> 20),
                       gigabytes(static_cast<double>(gpu.memory)), human_gib(static_cast<std::uint64_t>(gpu.memory)),
                       human_gib(static_cast<std::uint64_t>(c.estimate.needed)),
                       gigabytes(static_cast<double>(c.estimate.needed)));
}

Text v100(const Case& c) {
    if (!has_cost(c) || !c.bf16() || (c.estimate.wanted && c.estimate.wanted->gpu.bf16)) return {};
    const Gpu gpu = find_gpu("v100-16gb");
    return fmt::format(
        "its spot instances have p3.2xlarge beside configurations with bf16: a V100 has no bfloat16, and {} of "
        "memory; this job needs {}",
        human_gib(static_cast<std::uint64_t>(gpu.memory)), human_gib(static_cast<std::uint64_t>(c.estimate.needed)));
}

}  // namespace ktrain::handbook
