// What a training costs: whole instances, kinds of capacity, unknown prices, the handbook's table, its LoRA settings.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/cost.h"
#include "core/estimate/handbook_cost.h"
#include "core/estimate/recommend.h"
#include "core/model/catalog.h"
#include "core/model/method_lora.h"

using namespace ktrain;
using namespace std::chrono_literals;

namespace {

PriceTable table(const std::string& rows) {
    ReadPrices prices = read_prices(
        "cloud,region,instance,gpu,gpu_count,on_demand,spot_low,spot_high,reserved,as_of\n" + rows, "own.csv");
    REQUIRE_FALSE(has_errors(prices.problems));
    return std::move(prices.table);
}

CostInput on(std::string_view gpu, std::int64_t gpus, Capacity capacity = Capacity::on_demand) {
    CostInput input;
    input.gpu = gpu;
    input.gpus = gpus;
    input.capacity = capacity;
    input.seconds = exactly(36000);
    return input;
}

std::string message_of(const PriceTable& prices, const CostInput& input) {
    try {
        offers(prices, input);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK_THROWS_AS(cheapest(prices, input), Error);
        return error.message;
    }
    return "";
}

}  // namespace

TEST_CASE("instances are bought whole, for pods that stay together") {
    const PriceTable prices = table("x,,one,h100,1,1,,,,2026\nx,,four,h100,4,3,,,,2026\nx,,eight,h100,8,5,,,,2026\n");
    struct Case {
        std::int64_t gpus, gpus_per_pod;
        const char* instance;
        std::int64_t instances, idle;
    };
    for (const Case& test : {
             Case{1, 1, "one", 1, 0},
             Case{1, 1, "four", 1, 3},
             Case{1, 1, "eight", 1, 7},
             Case{9, 1, "one", 9, 0},
             Case{9, 1, "four", 3, 3},
             Case{9, 1, "eight", 2, 7},
             Case{8, 4, "one", 0, 0},
             Case{8, 4, "four", 2, 0},
             Case{8, 4, "eight", 1, 0},
             Case{6, 3, "four", 2, 2},
             Case{6, 3, "eight", 1, 2},
             Case{9, 3, "eight", 2, 7},
             Case{16, 8, "eight", 2, 0},
         }) {
        CAPTURE(test.gpus);
        CAPTURE(test.instance);
        CostInput input = on("h100", test.gpus);
        input.gpus_per_pod = test.gpus_per_pod;
        std::int64_t instances = 0;
        for (const Offer& offer : offers(prices, input)) {
            if (offer.price->instance != test.instance) continue;
            instances = offer.instances;
            CHECK(offer.idle == test.idle);
            CHECK(offer.money->per_hour.mid == static_cast<double>(instances) * *offer.price->on_demand);
            CHECK(offer.used_share() == doctest::Approx(static_cast<double>(test.gpus) /
                                                        static_cast<double>(instances * offer.price->gpu_count)));
        }
        CHECK(instances == test.instances);
    }
}

TEST_CASE("a node of eight for two GPUs: paid whole, the share shown") {
    const PriceTable prices = builtin_prices();
    CostInput input = on("a100-80gb", 2);
    input.cloud = "aws";
    const Offer offer = offers(prices, input).at(0);
    CHECK(offer.price->instance == "p4de.24xlarge");
    CHECK(offer.money->per_day.mid == doctest::Approx(658.73).epsilon(1e-4));
    CHECK(offer.money->per_day.mid * offer.used_share() == doctest::Approx(164.68).epsilon(1e-4));
    CHECK(remark(offer) == "6 of 8 GPUs idle: instances are sold whole");
}

TEST_CASE("the worked example: 100 M tokens on one A100 of GCP") {
    const PriceTable prices = builtin_prices();
    for (const auto& [capacity, total, million] :
         {std::tuple(Capacity::on_demand, 32.38, 0.3238), std::tuple(Capacity::spot, 17.0, 0.17)}) {
        CostInput input = on("a100-40gb", 1, capacity);
        input.cloud = "gcp";
        input.tokens = 100e6;
        input.seconds = exactly(100e6 / 3151);
        const Offer offer = *cheapest(prices, input);
        CHECK(offer.price->instance == "a2-highgpu-1g");
        CHECK(offer.money->total->mid == doctest::Approx(total).epsilon(1e-3));
        CHECK(offer.money->per_million_tokens->mid == doctest::Approx(million).epsilon(1e-3));
    }
}

TEST_CASE("each kind of capacity has its price, spot a range") {
    const PriceTable prices = table("x,,a,h100,1,10,2,4,6,2026\n");
    struct Case {
        Capacity capacity;
        Range rate;
    };
    for (const Case& test : {Case{Capacity::on_demand, exactly(10)}, Case{Capacity::reserved, exactly(6)},
                             Case{Capacity::spot, {2, 3, 4}}}) {
        CAPTURE(name_of(test.capacity));
        CostInput input = on("h100", 2, test.capacity);
        input.seconds = Range{3600, 7200, 10800};
        input.tokens = 2e6;
        const Money money = *cheapest(prices, input)->money;
        CHECK(money.per_hour == test.rate * 2);
        CHECK(money.per_day.high == 48 * test.rate.high);
        CHECK(money.total->low == doctest::Approx(2 * test.rate.low));
        CHECK(money.total->mid == doctest::Approx(4 * test.rate.mid));
        CHECK(money.total->high == doctest::Approx(6 * test.rate.high));
        CHECK(money.per_million_tokens->mid == doctest::Approx(2 * test.rate.mid));
    }
}

TEST_CASE("spot known at one end costs up to the on-demand price") {
    const auto rate = [](const std::string& row) {
        const PriceTable prices = table(row);
        return cheapest(prices, on("h100", 1, Capacity::spot))->money->per_hour;
    };
    CHECK(rate("x,,a,h100,1,10,2,,,2026\n") == Range{2, 6, 10});
    CHECK(rate("x,,a,h100,1,,2,,,2026\n") == exactly(2));
    CHECK(rate("x,,a,h100,1,10,,4,,2026\n") == exactly(4));
    const PriceTable prices = builtin_prices();
    CostInput input = on("h100", 8, Capacity::spot);
    input.cloud = "aws";
    const Offer p5 = *cheapest(prices, input);
    CHECK(p5.money->per_hour == Range{14.25, (14.25 + 55.04) / 2, 55.04});
    CHECK(remark(p5) == "some zones list the on-demand price");
}

TEST_CASE("an unknown price is no price: listed last, never cheapest, never 0") {
    const PriceTable prices = table("x,,a,h100,1,,1,,,2026\nx,,b,h100,1,9,,,,2026\nx,,c,h100,1,8,,,,2026\n");
    const auto list = offers(prices, on("h100", 1));
    REQUIRE(list.size() == 3);
    CHECK(list[0].price->instance == "c");
    CHECK(list[1].price->instance == "b");
    CHECK(list[2].price->instance == "a");
    CHECK_FALSE(list[2].money);
    CHECK(remark(list[2]) == "no on demand price known");
    const Json json = to_json(list[2]);
    CHECK(json["usd_total"].is_null());
    CHECK(json["usd_per_hour"].is_null());
    CHECK_FALSE(cheapest(prices, on("h100", 1, Capacity::reserved)));
    CHECK_FALSE(cheapest(prices, on("b200", 1)));
    CHECK(offers(prices, on("b200", 1)).empty());
    const PriceTable builtin = builtin_prices();
    CHECK_FALSE(cheapest(builtin, on("mi300x", 8)));  // ND96isr_MI300X_v5 has no price
    CHECK(offers(builtin, on("mi300x", 8)).size() == 1);
}

TEST_CASE("the price of a GPU alone is never the cheapest machine") {
    const PriceTable prices = builtin_prices();
    const auto list = offers(prices, on("t4", 1));
    CHECK(list.front().price->instance != "n1+nvidia-tesla-t4");
    const auto alone = std::ranges::find_if(list, [](const Offer& offer) { return offer.price->gpu_alone; });
    REQUIRE(alone != list.end());
    CHECK(alone->money->per_hour.mid < list.front().money->per_hour.mid);
    CHECK(remark(*alone) == "the price of the GPU alone: the machine is extra");
    CHECK_FALSE(cheapest(prices, on("t4", 1))->price->gpu_alone);
    CostInput input = on("v100-16gb", 1);
    input.cloud = "gcp";
    CHECK_FALSE(cheapest(prices, input));
}

TEST_CASE("cheapest is the first of all offers, for every GPU and capacity") {
    const PriceTable prices = builtin_prices();
    int found = 0;
    for (const Gpu& gpu : all_gpus())
        for (const Capacity capacity : {Capacity::on_demand, Capacity::reserved, Capacity::spot})
            for (const std::int64_t gpus : {1, 2, 4, 8, 32}) {
                const auto list = offers(prices, on(gpu.id, gpus, capacity));
                const auto best = cheapest(prices, on(gpu.id, gpus, capacity));
                for (std::size_t i = 1; i < list.size(); ++i)
                    if (list[i - 1].money && list[i].money && list[i - 1].price->gpu_alone == list[i].price->gpu_alone)
                        CHECK(list[i - 1].money->per_hour.mid <= list[i].money->per_hour.mid);
                const bool any = !list.empty() && list[0].money && !list[0].price->gpu_alone;
                REQUIRE(best.has_value() == any);
                if (!any) continue;
                CHECK(best->price == list[0].price);
                ++found;
            }
    CHECK(found > 100);
}

TEST_CASE("offers of one cloud and region") {
    const PriceTable prices = builtin_prices();
    CostInput input = on("b200", 8, Capacity::spot);
    input.region = "us-west-2";
    REQUIRE(offers(prices, input).size() == 1);
    CHECK(cheapest(prices, input)->money->per_hour == Range{44.9, (44.9 + 46.6) / 2, 46.6});
    input.cloud = "gcp";
    CHECK(offers(prices, input).empty());
}

TEST_CASE("without a time there is no total") {
    const PriceTable prices = builtin_prices();
    CostInput input = on("h100", 8);
    input.seconds.reset();
    input.tokens = 1e9;
    const Offer offer = *cheapest(prices, input);
    CHECK_FALSE(offer.money->total);
    CHECK_FALSE(offer.money->per_million_tokens);
    CHECK(to_json(offer)["usd_total"].is_null());
    CHECK(to_json(offer)["usd_per_hour"]["mid"] == 55.04);
}

TEST_CASE("wrong numbers are refused") {
    const PriceTable prices = builtin_prices();
    CHECK(message_of(prices, on("h100", 0)) == "a job has 1 GPU or more, not 0");
    CostInput input = on("h100", 6);
    input.gpus_per_pod = 4;
    CHECK(message_of(prices, input) == "6 GPUs cannot be parted into pods of 4");
    input.gpus_per_pod = -1;
    CHECK(message_of(prices, input) == "a job has 1 GPU or more, not -1");
    input = on("h100", 1);
    input.seconds = exactly(1e308);
    CHECK(message_of(prices, input) == "the numbers are too large: the cost is no number");
}

TEST_CASE("results say of when their prices are") {
    const PriceTable prices = builtin_prices();
    const auto list = offers(prices, on("h100", 8));
    CHECK(price_dates(list) == "prices as of 2026-07-20 (aws), 2024 (azure), 2026-08-03 (gcp)");
    const auto warnings = age_warnings(list, 2026y / 8 / 10);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] == "azure: the prices as of 2024 are 952 days old: they move by tens of per cent a year");
    CHECK(price_dates({}).empty());
    const auto unknown = offers(prices, on("mi300x", 8));
    CHECK(price_dates(unknown).empty());  // no price, no date
}

TEST_CASE("a time estimate has a cost") {
    TimeInput time;
    time.work = model_work(*find_in_catalog("llama-2-7b"));
    time.conditions.gpu = gpu_speed(find_gpu("a10g"));
    time.conditions.training = Training::quantised;
    time.conditions.seq_len = 1024;
    time.conditions.recompute = true;
    time.tokens = 5e6;
    time.seconds_between_interruptions = 8 * 3600;
    time.checkpoints = 20;
    const TimeFigures figures = time_figures(time);
    CostInput input = on("a10g", 1, Capacity::spot);
    input.seconds = figures.total();
    input.tokens = figures.tokens;
    const PriceTable prices = builtin_prices();
    const Offer spot = *cheapest(prices, input);
    CHECK(spot.money->total->mid == doctest::Approx(figures.total().mid / 3600 * 0.388));
    input.capacity = Capacity::on_demand;
    input.seconds = figures.uninterrupted();
    CHECK(cheapest(prices, input)->money->total->mid > spot.money->total->mid);
}

TEST_CASE("the handbook's costs beside today's") {
    struct Case {
        const char* name;
        const char* model;
        const char* cloud;
        double handbook, today, ratio;
    };
    const PriceTable prices = builtin_prices();
    const auto costs = handbook_costs(prices);
    CHECK(costs.size() == 8);
    for (const Case& test : {
             Case{"Full FT", "7B", "aws", 200, 658.7, 0.30},
             Case{"Full FT", "7B", "gcp", 200, 243.3, 0.82},
             Case{"Full FT", "7B", "azure", 200, 176.3, 1.13},
             Case{"LoRA", "7B", "gcp", 50, 88.2, 0.57},
             Case{"LoRA", "7B", "aws", 50, 527.0, 0.095},
             Case{"QLoRA", "7B", "aws", 8, 24.14, 0.33},
             Case{"Spot + QLoRA", "7B", "aws", 2.4, 9.31, 0.26},
             Case{"Full FT", "70B", "aws", 1600, 1317.5, 1.21},
             Case{"LoRA", "70B", "aws", 400, 527.0, 0.76},
             Case{"QLoRA", "70B", "aws", 64, 193.15, 0.33},
         }) {
        CAPTURE(test.name);
        CAPTURE(test.cloud);
        int found = 0;
        for (const HandbookCost& cost : costs) {
            if (cost.row->name != test.name || cost.row->model != test.model) continue;
            CHECK(cost.row->usd_per_day == test.handbook);
            CHECK_FALSE(cost.row->remark.empty());
            for (const auto& today : cost.today) {
                if (today.offer.price->cloud != test.cloud) continue;
                ++found;
                CHECK(today.offer.money->per_day.mid == doctest::Approx(test.today).epsilon(1e-3));
                CHECK(today.ratio == doctest::Approx(test.ratio).epsilon(0.02));
            }
        }
        CHECK(found == 1);
    }
    for (const HandbookCost& cost : handbook_costs(PriceTable())) CHECK(cost.today.empty());
    const PriceTable alone = table("gcp,,n1+nvidia-a10g,a10g,1,0.1,0.05,,,2026\n");
    for (const HandbookCost& cost : handbook_costs(alone)) CHECK(cost.today.empty());
}

TEST_CASE("the handbook's 70B column is eight times its 7B column") {
    const auto rows = handbook_cost_rows();
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(rows[i + 4].name == rows[i].name);
        CHECK(rows[i + 4].gpus == 8 * rows[i].gpus);
        CHECK(rows[i + 4].usd_per_day == doctest::Approx(8 * rows[i].usd_per_day).epsilon(0.02));  // 19 for 19.2
    }
}

TEST_CASE("LoRA settings by the size of the model") {
    struct Case {
        std::int64_t parameters;
        const char* size;
        std::int64_t r_low, r_high;
        bool note;
    };
    for (const Case& test : {
             Case{1, "<7B", 8, 16, false},
             Case{3'212'749'824, "<7B", 8, 16, false},
             Case{6'499'999'999, "<7B", 8, 16, false},
             Case{6'738'415'616, "7-13B", 16, 32, false},
             Case{13'015'864'320, "7-13B", 16, 32, false},
             Case{14'770'033'664, "7-13B", 16, 32, false},
             Case{15'000'000'000, "7-13B", 16, 32, true},
             Case{27'227'128'320, "7-13B", 16, 32, true},
             Case{32'763'876'352, ">30B", 32, 64, false},
             Case{70'553'706'496, ">30B", 32, 64, false},
         }) {
        CAPTURE(test.parameters);
        const Recommendation got = recommend(test.parameters);
        CHECK(got.advice.size == test.size);
        CHECK(got.advice.r_low == test.r_low);
        CHECK(got.advice.r_high == test.r_high);
        CHECK(got.advice.alpha_low == 2 * test.r_low);
        CHECK(got.advice.alpha_high == 2 * test.r_high);
        CHECK(got.note.empty() != test.note);
    }
    CHECK_THROWS_AS(recommend(0), Error);
}

TEST_CASE("the handbook's modules are modules of Llama") {
    const ModelShape shape = *find_in_catalog("llama-2-7b");
    for (const LoraAdvice& row : lora_advice()) {
        MethodSpec method;
        method.type = "lora";
        method.target_modules = split(row.target_modules, ',');
        const std::size_t wanted = row.target_modules == "all-linear" ? 7 : method.target_modules.size();
        CHECK(lora_targets(shape, method).size() == wanted);
        CHECK(row.dropout_low <= row.dropout_high);
        CHECK(row.learning_rate_low < row.learning_rate_high);
    }
    CHECK(lora_advice()[2].learning_rate_low == 5e-5);
    CHECK(lora_advice()[0].learning_rate_high == 3e-4);
}
