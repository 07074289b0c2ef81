// Limits of a search for plans, their order, and what must not be invented: prices, speeds, methods.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/support/find_input.h"

using namespace ktrain;
using namespace ktrain::test;

TEST_CASE("limits leave out, and the nearest says by how much") {
    const PriceTable prices = table(small_table);
    FindInput input = input_for(prices);
    const FindResult free = find_plans(input);
    const FoundPlan cheap = *leading(free.plans, PlanOrder::cost, 1).at(0);
    const FoundPlan fast = *leading(free.plans, PlanOrder::time, 1).at(0);
    CHECK(free.nearest.empty());

    input.limits.dollars = *cheap.dollars() * 1.2;
    const FindResult within_budget = find_plans(input);
    REQUIRE_FALSE(within_budget.plans.empty());
    CHECK(within_budget.plans.size() < free.plans.size());
    for (const FoundPlan& plan : within_budget.plans) CHECK(*plan.dollars() <= *input.limits.dollars);

    input.limits = {*cheap.dollars() - 1, {}};
    const FindResult poor = find_plans(input);
    CHECK(poor.plans.empty());
    REQUIRE(poor.nearest.size() == 1);
    CHECK(poor.nearest[0].kind == "cheapest");
    CHECK(*poor.nearest[0].over_dollars == doctest::Approx(1));
    CHECK_FALSE(poor.nearest[0].late_seconds);

    input.limits = {{}, fast.seconds.mid - 60};
    const FindResult late = find_plans(input);
    CHECK(late.plans.empty());
    REQUIRE(late.nearest.size() == 1);
    CHECK(late.nearest[0].kind == "fastest");
    CHECK(*late.nearest[0].late_seconds == doctest::Approx(60));

    // Each limit can be kept, but not both.
    input.limits = {*cheap.dollars(), fast.seconds.mid};
    const FindResult both = find_plans(input);
    CHECK(both.plans.empty());
    REQUIRE(both.nearest.size() == 2);
    CHECK(both.nearest[1].kind == "fastest within the budget");
    CHECK(*both.nearest[1].plan.dollars() <= *cheap.dollars());
    CHECK(*both.nearest[1].late_seconds > 0);
    CHECK_FALSE(both.nearest[1].over_dollars);
    for (const FoundPlan& plan : free.plans)
        if (within(plan, {*cheap.dollars(), {}})) CHECK(both.nearest[1].plan.seconds.mid <= plan.seconds.mid);
}

TEST_CASE("an unknown price is never 0, and keeps no budget") {
    const PriceTable prices = table(small_table);  // of h100 none
    FindInput input = input_for(prices);
    const FindResult result = find_plans(input);
    const FoundPlan& fast = *leading(result.plans, PlanOrder::time, 1).at(0);
    CHECK(fast.gpu == "h100");
    CHECK_FALSE(fast.dollars());
    CHECK(to_json(fast, false)["usd_total"].is_null());
    for (const FoundPlan* plan : leading(result.plans, PlanOrder::cost, 100)) CHECK(plan->gpu != "h100");
    input.limits.dollars = 1e9;
    for (const FoundPlan& plan : find_plans(input).plans) CHECK(plan.gpu != "h100");
    input.limits = {};
    input.options.capacity = Capacity::reserved;  // of one instance alone
    const FindResult reserved = find_plans(input);
    for (const FoundPlan* plan : leading(reserved.plans, PlanOrder::cost, 100))
        CHECK(plan->offer->price->instance == "l4x1");
}

TEST_CASE("the first plans are of different GPUs and methods, in order") {
    const PriceTable prices = builtin_prices();
    const FindResult result = find_plans(input_for(prices));
    for (const PlanOrder order : {PlanOrder::cost, PlanOrder::time}) {
        const auto plans = leading(result.plans, order, 5);
        REQUIRE(plans.size() == 5);
        std::map<std::pair<std::string, std::string>, int> seen;
        for (std::size_t i = 0; i < plans.size(); ++i) {
            CHECK(++seen[{plans[i]->gpu, plans[i]->method}] == 1);
            if (i == 0) continue;
            const bool cost = order == PlanOrder::cost;
            CHECK((cost ? *plans[i - 1]->dollars() : plans[i - 1]->seconds.mid) <=
                  (cost ? *plans[i]->dollars() : plans[i]->seconds.mid));
        }
    }
    FindInput one = input_for(prices, "llama-2-7b", {{"method.type", "lora"}, {"resources.gpu", "h100"}});
    one.fixed.method = one.fixed.gpu = true;
    CHECK(leading(find_plans(one).plans, PlanOrder::cost, 5).size() == 5);
}

TEST_CASE("without tokens, a million of them are planned") {
    const PriceTable prices = table(small_table);
    FindInput input = input_for(prices);
    input.options.tokens = 0;
    const FindResult result = find_plans(input);
    CHECK(result.per_million);
    const FoundPlan& plan = *leading(result.plans, PlanOrder::cost, 1).at(0);
    CHECK(plan.seconds.mid == doctest::Approx(1e6 / plan.tokens_per_second.mid));
    CHECK(*plan.dollars() == doctest::Approx(plan.offer->money->per_hour.mid * plan.seconds.mid / 3600));
    const Json json = to_json(plan, true);
    CHECK(json["seconds"].is_null());
    CHECK(json["usd_total"].is_null());
    CHECK(json["usd_per_million_tokens"]["mid"] == *plan.dollars());
}

TEST_CASE("GPUs and methods that cannot do the work are left out, and said") {
    const PriceTable prices = builtin_prices();
    FindInput input = input_for(prices);
    const FindResult result = find_plans(input);
    const auto has = [](const FindResult& found, const std::string& gpu) {
        return std::ranges::any_of(found.plans, [&](const FoundPlan& plan) { return plan.gpu == gpu; });
    };
    CHECK_FALSE(has(result, "t4"));
    CHECK_FALSE(has(result, "b300"));
    CHECK(result.notes.at(0).find("t4, v100-16gb") != std::string::npos);
    CHECK(result.notes.at(1).find("b300") != std::string::npos);
    input.spec.model.dtype = "float16";
    CHECK(has(find_plans(input), "t4"));

    input.spec.model.dtype = "bfloat16";
    input.fixed.gpu = true;
    input.spec.resources.gpu = "t4";
    CHECK(message_of(input) == "t4 has no bfloat16, which the spec asks for");
    input.spec.resources.gpu = "b300";
    CHECK(message_of(input) == "the memory of b300 is not known");
    input.spec.resources.gpu = "rtx-4090";
    CHECK(message_of(input) == "no instance with rtx-4090 is in the prices");

    FindInput latent = input_for(prices, "deepseek-v3");
    const FindResult without = find_plans(latent);
    CHECK(without.plans.empty());
    CHECK(std::ranges::any_of(without.notes, [](const std::string& note) { return note.starts_with("lora is left"); }));
    REQUIRE(without.nearest.size() == 1);
    CHECK(without.nearest[0].kind == "smallest gap");
    CHECK(without.nearest[0].missing_bytes == without.nearest[0].plan.needed - without.nearest[0].plan.gpu_memory);
}

TEST_CASE("quantised weights leave out the methods that contradict them") {
    const PriceTable prices = table("x,,one,a100-80gb,1,1,,,,2026\n");
    const auto methods = [&](const Settings& more) {
        FindInput input = input_for(prices, "llama-2-7b", more);
        input.fixed.quantization = !more.empty() && more[0].first.starts_with("quantization");
        std::string names;
        for (const FoundPlan& plan : find_plans(input).plans)
            if (names.find(plan.method.front()) == std::string::npos) names += plan.method.front();
        std::ranges::sort(names);
        return names;
    };
    CHECK(methods({}) == "flq");
    CHECK(methods({{"method.type", "lora"}, {"quantization.load_in_8bit", "true"}}) == "l");
    CHECK(methods({{"quantization.load_in_4bit", "false"}}) == "fl");
    CHECK(methods({{"method.type", "qlora"}}) == "q");
}

TEST_CASE("a model without layers is refused") {
    const PriceTable prices = table(small_table);
    FindInput input = input_for(prices);
    input.shape.hidden = 0;
    input.shape.name = "7B";
    CHECK(message_of(input) == "7B has no layers of known sizes, which a search needs");
}
