// Orders of plans, what is nearest to a limit, and plans as fields of a spec and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "core/estimate/find.h"
#include "core/spec/methods.h"
#include "core/spec/sharing.h"

namespace ktrain {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();  // dearer than every price

// By cost, of what costs the same the cheaper hour comes first: the smaller one. Twice the nodes in half the time
// differ by a rounding error of doubles.
bool before(const FoundPlan& a, const FoundPlan& b, PlanOrder order) {
    const auto key = [&](const FoundPlan& plan) {
        const auto dollars = static_cast<float>(plan.dollars().value_or(unknown));
        const double hourly = plan.dollars() ? plan.offer->money->per_hour.mid : unknown;
        const bool by_cost = order == PlanOrder::cost;
        const double time = plan.seconds.mid;
        return std::tuple(by_cost ? dollars : time, by_cost ? hourly : dollars, time, plan.nodes, plan.gpus_per_node,
                          std::string_view(plan.gpu), std::string_view(plan.method));
    };
    return key(a) < key(b);
}

// The first of those that `allowed` lets through, and that have a price where cost counts.
template <class Allowed>
const FoundPlan* first(const std::vector<FoundPlan>& plans, PlanOrder order, Allowed&& allowed) {
    const FoundPlan* best = nullptr;
    for (const FoundPlan& plan : plans) {
        if (!allowed(plan) || (order == PlanOrder::cost && !plan.dollars())) continue;
        if (best == nullptr || before(plan, *best, order)) best = &plan;
    }
    return best;
}

// Seconds or dollars of a training alone, those of a million tokens elsewhere.
Json when(bool wanted, const Range& range) {
    return wanted ? to_json(range) : Json(nullptr);
}

Json list_json(const FindResult& result, PlanOrder order, std::size_t most) {
    Json list = Json::array();
    for (const FoundPlan* plan : leading(result.plans, order, most)) list.push_back(to_json(*plan, result.per_million));
    return list;
}

}  // namespace

std::optional<double> FoundPlan::dollars() const {
    if (!offer || !offer->money || !offer->money->total) return std::nullopt;
    return offer->money->total->mid;
}

bool within(const FoundPlan& plan, const Limits& limits) {
    const auto dollars = plan.dollars();
    if (limits.dollars && !(dollars && *dollars <= *limits.dollars)) return false;
    return !limits.seconds || plan.seconds.mid <= *limits.seconds;
}

NearPlan over_limits(const FoundPlan& plan, const Limits& limits, std::string_view kind) {
    NearPlan near{plan, kind, {}, {}, 0};
    const auto dollars = plan.dollars();
    if (limits.dollars && dollars && *dollars > *limits.dollars) near.over_dollars = *dollars - *limits.dollars;
    if (limits.seconds && plan.seconds.mid > *limits.seconds) near.late_seconds = plan.seconds.mid - *limits.seconds;
    return near;
}

std::vector<NearPlan> nearest_plans(const std::vector<FoundPlan>& plans, const Limits& limits) {
    std::vector<NearPlan> near;
    const auto all = [](const FoundPlan&) { return true; };
    const auto add = [&](PlanOrder order, const Limits& other, std::string_view kind, std::string_view of_all) {
        const auto inside = [&](const FoundPlan& plan) { return within(plan, other); };
        const FoundPlan* found = other.any() ? first(plans, order, inside) : nullptr;
        const std::string_view name = found != nullptr ? kind : of_all;
        if (found == nullptr) found = first(plans, order, all);
        if (found != nullptr) near.push_back(over_limits(*found, limits, name));
    };
    if (limits.dollars) add(PlanOrder::cost, {{}, limits.seconds}, "cheapest on time", "cheapest");
    if (limits.seconds) add(PlanOrder::time, {limits.dollars, {}}, "fastest within the budget", "fastest");
    return near;
}

std::vector<const FoundPlan*> leading(const std::vector<FoundPlan>& plans, PlanOrder order, std::size_t most) {
    std::vector<const FoundPlan*> sorted;
    for (const FoundPlan& plan : plans)
        if (order == PlanOrder::time || plan.dollars()) sorted.push_back(&plan);
    const auto rank = [&](const FoundPlan* a, const FoundPlan* b) { return before(*a, *b, order); };
    std::ranges::sort(sorted, rank);
    std::vector<const FoundPlan*> chosen, rest;
    for (const FoundPlan* plan : sorted) {
        const bool another = std::ranges::none_of(
            chosen, [&](const FoundPlan* other) { return other->gpu == plan->gpu && other->method == plan->method; });
        (another ? chosen : rest).push_back(plan);
    }
    for (std::size_t i = 0; i < rest.size() && chosen.size() < most; ++i) chosen.push_back(rest[i]);
    chosen.resize(std::min(chosen.size(), most));
    std::ranges::sort(chosen, rank);
    return chosen;
}

std::string estimated_alone(const std::vector<FoundPlan>& plans) {
    std::set<std::string> words;
    for (const FoundPlan& plan : plans) {
        const spec::MethodRow* method = spec::find_method(plan.method);
        if (method != nullptr && method->estimate_only) words.insert(plan.method);
        ParallelSpec parallel;
        parallel.strategy = plan.strategy;
        if (spec::shares_work(parallel)) words.insert(plan.strategy);
    }
    if (words.empty()) return "";
    return fmt::format("can only be estimated, ktrain run does not train with: {}", fmt::join(words, ", "));
}

std::vector<std::pair<std::string, std::string>> settings_of(const FoundPlan& plan) {
    std::vector<std::pair<std::string, std::string>> settings{
        {"method.type", plan.method},
        {"resources.gpu", plan.gpu},
        {"resources.nodes", fmt::format("{}", plan.nodes)},
        {"resources.gpus_per_node", fmt::format("{}", plan.gpus_per_node)},
        {"training.per_device_train_batch_size", fmt::format("{}", plan.micro_batch)},
        {"training.gradient_accumulation_steps", fmt::format("{}", plan.accumulation)},
        {"training.gradient_checkpointing", plan.checkpointing ? "true" : "false"}};
    if (plan.bf16) settings.emplace_back("training.bf16", "true");
    if (!plan.dtype.empty()) settings.emplace_back("model.dtype", plan.dtype);
    if (!plan.strategy.empty()) settings.emplace_back("parallel.strategy", plan.strategy);
    if (plan.max_steps > 0) settings.emplace_back("training.max_steps", fmt::format("{}", plan.max_steps));
    return settings;
}

Json to_json(const FoundPlan& plan, bool per_million) {
    Json set = Json::array();
    for (const auto& [path, value] : settings_of(plan)) set.push_back(path + "=" + value);
    const bool priced = plan.dollars().has_value();
    return {{"gpu", plan.gpu},
            {"gpu_memory_bytes", plan.gpu_memory},
            {"nodes", plan.nodes},
            {"gpus_per_node", plan.gpus_per_node},
            {"per_device_train_batch_size", plan.micro_batch},
            {"gradient_accumulation_steps", plan.accumulation},
            {"batch", plan.batch},
            {"gradient_checkpointing", plan.checkpointing},
            {"strategy", plan.strategy.empty() ? Json(nullptr) : Json(plan.strategy)},
            {"method", plan.method},
            {"recommended_bytes", plan.needed},
            {"tokens_per_second", when(plan.tokens_per_second.mid > 0, plan.tokens_per_second)},
            {"seconds", when(!per_million && plan.seconds.mid > 0, plan.seconds)},
            {"usd_per_hour", priced ? to_json(plan.offer->money->per_hour) : Json(nullptr)},
            {"usd_total", priced && !per_million ? to_json(*plan.offer->money->total) : Json(nullptr)},
            {"usd_per_million_tokens", priced ? to_json(*plan.offer->money->per_million_tokens) : Json(nullptr)},
            {"cloud", priced ? Json(plan.offer->price->cloud) : Json(nullptr)},
            {"region", priced ? Json(plan.offer->price->region) : Json(nullptr)},
            {"instance", priced ? Json(plan.offer->price->instance) : Json(nullptr)},
            {"instances", priced ? Json(plan.offer->instances) : Json(nullptr)},
            {"set", std::move(set)}};
}

Json to_json(const NearPlan& near, bool per_million) {
    return {{"kind", near.kind},
            {"over_budget_usd", near.over_dollars ? Json(*near.over_dollars) : Json(nullptr)},
            {"late_seconds", near.late_seconds ? Json(*near.late_seconds) : Json(nullptr)},
            {"missing_bytes", near.missing_bytes},
            {"plan", to_json(near.plan, per_million)}};
}

Json to_json(const FindResult& result, std::size_t most) {
    Json nearest = Json::array();
    for (const NearPlan& near : result.nearest) nearest.push_back(to_json(near, result.per_million));
    return {{"batch", result.batch},
            {"candidates",
             {{"examined", result.counts.examined},
              {"too_large", result.counts.too_large},
              {"other_batch", result.counts.other_batch},
              {"fit", result.counts.fit}}},
            {"plans", result.plans.size()},
            {"cheapest", list_json(result, PlanOrder::cost, most)},
            {"fastest", list_json(result, PlanOrder::time, most)},
            {"nearest", std::move(nearest)},
            {"notes", result.notes}};
}

}  // namespace ktrain
