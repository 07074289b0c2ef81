// The search for a plan against estimates of single specs, and what it must keep.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/estimate/largest.h"
#include "tests/support/find_input.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

// The same plan as a spec of its own, by the fields that it is shown with.
struct Alone {
    Estimate estimate;
    std::optional<JobEstimate> job;
};
Alone alone(const FoundPlan& plan, const FindInput& input, const std::string& model, Settings more = {}) {
    for (const auto& field : settings_of(plan)) more.push_back(field);
    Alone result;
    result.estimate = estimate(spec_of(fields(model, more)), input.shape, Profile::detailed, input.framework);
    result.job = estimate_job(result.estimate, input.options, *input.prices);
    return result;
}

void check_same(const FoundPlan& plan, const FindInput& input, const std::string& model, const Settings& more = {}) {
    CAPTURE(plan.gpu);
    CAPTURE(plan.nodes);
    CAPTURE(plan.method);
    CAPTURE(plan.strategy);
    const Alone other = alone(plan, input, model, more);
    CHECK(other.estimate.needed == plan.needed);
    CHECK(other.estimate.wanted->fits);
    REQUIRE(other.job);
    CHECK(other.job->time.figures.total() == plan.seconds);
    const auto& offers = other.job->offers;
    const bool priced = !offers.empty() && offers[0].money && !offers[0].price->gpu_alone;
    CHECK(plan.dollars().has_value() == priced);
    if (priced) CHECK(offers[0].money->total == plan.offer->money->total);
}

// The nearest to `wanted` that divides by the GPUs, at most an eighth away; 0 for none.
std::int64_t nearest_batch(std::int64_t gpus, std::int64_t wanted) {
    std::int64_t best = 0;
    for (std::int64_t batch = gpus; batch <= 2 * wanted; batch += gpus)
        if (8 * std::abs(batch - wanted) <= wanted && std::abs(batch - wanted) < std::abs(best - wanted)) best = batch;
    return best;
}

}  // namespace

TEST_CASE("every plan needs, takes and costs what its fields do as a spec") {
    const PriceTable builtin = builtin_prices();
    struct Case {
        const char* model;
        const char* framework;
        Settings more;
    };
    for (const Case& test : {Case{"llama-2-7b", "ktrain", {}},
                             Case{"llama-2-7b", "accelerate", {{"training.gradient_accumulation_steps", "12"}}},
                             Case{"tinyllama-1.1b", "torchtune", {{"training.max_steps", "1000"}}},
                             Case{"llama-3.1-70b",
                                  "torchtitan",
                                  {{"parallel.tp_size", "4"},
                                   {"resources.gpus_per_node", "8"},
                                   {"training.gradient_accumulation_steps", "16"}}},
                             Case{"llama-2-7b", "accelerate", {{"objective.type", "dpo"}}},
                             Case{"mixtral-8x7b", "ktrain", {{"objective.packing", "true"}}}}) {
        CAPTURE(test.model);
        FindInput input = input_for(builtin, test.model, test.more);
        input.framework = test.framework;
        const FindResult result = find_plans(input);
        REQUIRE_FALSE(result.plans.empty());
        for (std::size_t i = 0; i < result.plans.size(); i += 5)
            check_same(result.plans[i], input, test.model, test.more);
    }
}

TEST_CASE("no combination that fits is cheaper or faster than the first plan") {
    const PriceTable prices = table(small_table);
    FindInput input = input_for(prices);
    const FindResult result = find_plans(input);
    double cheapest = INFINITY, fastest = INFINITY;
    std::int64_t fit = 0, examined = 0;
    for (const char* method : {"full", "lora", "qlora"})
        for (const auto& [gpu, size] :
             std::vector<std::pair<std::string, int>>{{"l4", 1}, {"l4", 4}, {"a100-80gb", 2}, {"h100", 8}})
            for (const int nodes : {1, 2, 3, 5, 8})
                for (const int micro : {1, 2, 4, 8})
                    for (const char* checkpointing : {"false", "true"}) {
                        const std::int64_t one = std::int64_t{micro} * nodes * size;
                        const std::int64_t batch = nearest_batch(std::int64_t{nodes} * size, 8);
                        const std::int64_t steps = batch / one;
                        ++examined;
                        if (batch == 0 || batch % one != 0) continue;
                        const Estimate e =
                            estimate(spec_of(fields("llama-2-7b",
                                                    {{"method.type", method},
                                                     {"resources.gpu", gpu},
                                                     {"resources.nodes", std::to_string(nodes)},
                                                     {"resources.gpus_per_node", std::to_string(size)},
                                                     {"training.per_device_train_batch_size", std::to_string(micro)},
                                                     {"training.gradient_accumulation_steps", std::to_string(steps)},
                                                     {"training.gradient_checkpointing", checkpointing}})),
                                     input.shape);
                        if (!e.wanted->fits) continue;
                        ++fit;
                        const JobEstimate job = *estimate_job(e, input.options, prices);
                        fastest = std::min(fastest, job.time.figures.total().mid);
                        if (job.offers[0].money) cheapest = std::min(cheapest, job.offers[0].money->total->mid);
                    }
    CHECK(fit > 20);
    CHECK(result.counts.examined > examined);
    const FoundPlan& cheap = *leading(result.plans, PlanOrder::cost, 1).at(0);
    const FoundPlan& fast = *leading(result.plans, PlanOrder::time, 1).at(0);
    CHECK(*cheap.dollars() == cheapest);
    CHECK(fast.seconds.mid <= fastest);
    for (const FoundPlan& plan : result.plans) {
        CHECK(plan.needed <= plan.gpu_memory);
        CHECK(plan.batch == nearest_batch(plan.gpus(), 8));
        CHECK(plan.seconds.mid >= fast.seconds.mid);
        if (plan.dollars()) CHECK(*plan.dollars() >= *cheap.dollars());
    }
}

TEST_CASE("candidates are counted one by one, by what became of them") {
    const PriceTable prices = table("x,,one,l4,1,1,,,,2026\n");
    FindInput input = input_for(prices);
    // 12 micro-batches, 2 ways of checkpointing, 3 methods; 1 node alone, and 15 numbers of nodes in 3 ways.
    const FindResult all = find_plans(input);
    CHECK(all.counts.examined == 12 * 2 * 3 * (1 + 15 * 3));
    CHECK(all.counts.too_large + all.counts.other_batch + all.counts.fit == all.counts.examined);
    CHECK(all.counts.too_large > 0);
    CHECK(all.counts.other_batch > 0);
    input.fixed = {true, true, true, true, true, true, true, false};
    input.spec.resources.gpu = "l4";
    input.spec.method.type = "qlora";
    input.spec.training.per_device_train_batch_size = 1;
    const FindResult one = find_plans(input);
    CHECK(one.counts.examined == 1);
    CHECK(one.counts.fit == 1);
    REQUIRE(one.plans.size() == 1);
    CHECK(find_plans(input_for(builtin_prices())).counts.examined >= 20000);
}

TEST_CASE("what is said stays") {
    const PriceTable prices = builtin_prices();
    FindInput input = input_for(prices, "llama-2-7b",
                                {{"method.type", "lora"},
                                 {"resources.gpu", "h100"},
                                 {"resources.nodes", "2"},
                                 {"training.per_device_train_batch_size", "2"},
                                 {"training.gradient_accumulation_steps", "32"}});
    input.fixed.method = input.fixed.gpu = input.fixed.nodes = input.fixed.micro_batch = true;
    const FindResult result = find_plans(input);
    CHECK(result.batch == 128);
    REQUIRE(result.plans.size() == 2);  // nodes of 1 and of 8
    for (const FoundPlan& plan : result.plans) {
        CHECK(plan.method == "lora");
        CHECK(plan.gpu == "h100");
        CHECK(plan.nodes == 2);
        CHECK(plan.micro_batch == 2);
        CHECK(plan.batch == 128);
    }
    input.fixed.checkpointing = true;
    input.spec.training.gradient_checkpointing = true;
    for (const FoundPlan& plan : find_plans(input).plans) CHECK(plan.checkpointing);
    input.fixed.gpus_per_node = true;
    input.spec.resources.gpus_per_node = 4;  // half of an instance of 8
    const FindResult four = find_plans(input);
    REQUIRE(four.plans.size() == 1);
    CHECK(four.plans[0].gpus_per_node == 4);
    input.fixed.gpu = false;
    for (const FoundPlan& plan : find_plans(input).plans) CHECK(plan.gpu != "a10");  // whose instances have one
}

TEST_CASE("the largest batch that fits is a plan, and one more is none") {
    const PriceTable prices = table("x,,one,a100-80gb,1,2,,,,2026\n");
    FindInput input = input_for(prices, "llama-2-7b", {{"method.type", "lora"}, {"resources.gpu", "a100-80gb"}});
    input.framework = "accelerate";  // whose allocator fills the card before it gives blocks back
    input.fixed = {true, true, true, true, true, true, true, true};
    const Largest largest = *largest_that_fits(input.spec, input.shape, Extent::batch, input.framework);
    input.spec.training.per_device_train_batch_size = largest.value;
    const FindResult most = find_plans(input);
    REQUIRE(most.plans.size() == 1);
    CHECK(most.plans[0].needed == largest.needed);
    CHECK(most.plans[0].batch == largest.value);
    input.spec.training.per_device_train_batch_size = largest.value + 1;
    CHECK(find_plans(input).counts.too_large == 1);
}

TEST_CASE("sharding is for what does not fit without it") {
    const PriceTable prices = table("x,,four,a100-80gb,4,14,,,,2026\n");
    FindInput input = input_for(prices, "llama-2-7b", {{"resources.nodes", "1"}});
    input.fixed.nodes = true;
    const FindResult result = find_plans(input);
    REQUIRE(result.plans.size() == 3);
    for (const FoundPlan& plan : result.plans) CHECK(plan.strategy == (plan.method == "full" ? "zero2" : "ddp"));
    input.fixed.strategy = true;  // QLoRA on A100 was measured faster when it is sharded
    input.spec.parallel.strategy = "fsdp";
    for (const FoundPlan& plan : find_plans(input).plans)
        if (plan.method == "qlora") CHECK(plan.seconds.mid < result.plans[2].seconds.mid);
}

TEST_CASE("GPUs that share layers have the same samples, and a strategy that is said stays") {
    const PriceTable prices = builtin_prices();
    FindInput input = input_for(prices, "llama-3.1-70b",
                                {{"parallel.tp_size", "4"},
                                 {"parallel.strategy", "zero3"},
                                 {"resources.gpus_per_node", "8"},
                                 {"training.gradient_accumulation_steps", "16"}});
    input.fixed.strategy = true;
    const FindResult result = find_plans(input);
    CHECK(result.batch == 256);  // 8 x 16 on each of 2 groups
    CHECK(tokens_of_step(input.spec, input.shape) == 256 * 1024);
    REQUIRE_FALSE(result.plans.empty());
    for (const FoundPlan& plan : result.plans) {
        CHECK(plan.gpus() % 4 == 0);
        CHECK(plan.gpus() > 4);  // one group has nothing to share with
        CHECK(plan.strategy == "zero3");
        CHECK(plan.batch == plan.micro_batch * plan.accumulation * plan.gpus() / 4);
    }
}

TEST_CASE("no plan has settings that the rules of a spec refuse") {
    const PriceTable builtin = builtin_prices();
    FindInput prefixes = input_for(builtin, "llama-2-7b", {{"method.type", "prefix_tuning"}});
    prefixes.fixed.method = true;
    for (const FoundPlan& plan : find_plans(prefixes).plans) CHECK_FALSE(plan.checkpointing);
    const FindInput stages =
        input_for(builtin, "llama-2-7b", {{"parallel.pp_size", "2"}, {"resources.gpus_per_node", "8"}});
    for (const FoundPlan& plan : find_plans(stages).plans) CHECK(plan.strategy != "zero2");
    const FindInput offloaded =
        input_for(builtin, "llama-2-7b", {{"parallel.offload_optimizer", "true"}, {"parallel.strategy", "zero2"}});
    for (const FoundPlan& plan : find_plans(offloaded).plans) CHECK(plan.strategy == "zero2");
}

TEST_CASE("steps that are counted see as many tokens with another batch") {
    const PriceTable prices = table("x,,three,l4,3,1,,,,2026\n");
    const Settings more{{"training.max_steps", "900"}, {"training.per_device_train_batch_size", "8"}};
    FindInput input = input_for(prices, "tinyllama-1.1b", more);
    input.options.tokens = 0;
    const FindResult result = find_plans(input);
    CHECK_FALSE(result.per_million);
    const auto three = std::ranges::find_if(result.plans, [](const FoundPlan& plan) { return plan.nodes == 1; });
    REQUIRE(three != result.plans.end());
    CHECK(three->batch == 9);
    CHECK(three->max_steps == 800);
    check_same(*three, input, "tinyllama-1.1b", more);
}
