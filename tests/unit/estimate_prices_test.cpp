// Tables of prices: the built-in one, what is refused and what is not believed of others, and how old they are.
#include <doctest/doctest.h>

#include <chrono>

#include "core/base/names.h"
#include "core/estimate/cost.h"
#include "core/estimate/gpus.h"
#include "core/estimate/prices.h"

using namespace ktrain;
using namespace std::chrono_literals;

namespace {

constexpr const char* header = "cloud,region,instance,gpu,gpu_count,on_demand,spot_low,spot_high,as_of\n";

ReadPrices read(const std::string& rows, const PriceTable* known = nullptr) {
    return read_prices(header + rows, "own.csv", known);
}

Price only(const ReadPrices& prices) {
    REQUIRE_FALSE(has_errors(prices.problems));
    REQUIRE(prices.table.rows().size() == 1);
    return prices.table.rows()[0];
}

const Price& find(const PriceTable& table, std::string_view instance, std::string_view region) {
    for (const Price& price : table.rows())
        if (price.instance == instance && price.region == region) return price;
    FAIL("no such row");
    return table.rows()[0];
}

std::string first(const ReadPrices& prices) {
    if (prices.problems.empty()) return "";
    const Diagnostic& problem = prices.problems.front();
    return to_string(problem.where) + ": " + problem.message + " (" + problem.fix + ")";
}

}  // namespace

TEST_CASE("the built-in prices are whole, and none is what a catalog fills in") {
    const PriceTable table = builtin_prices();
    CHECK(table.rows().size() == 71);
    for (const Price& price : table.rows()) {
        CAPTURE(price.instance);
        CHECK_FALSE(price.as_of.text.empty());
        CHECK_FALSE(price.source.empty());
        for (const auto& value : {price.on_demand, price.spot_low, price.spot_high, price.reserved})
            if (value) CHECK(*value > 0);
        for (const auto& spot : {price.spot_low, price.spot_high})
            if (spot && price.on_demand) CHECK(*spot < *price.on_demand);
        CHECK(find_gpu(price.gpu).id == price.gpu);
    }
    const Price& p5 = find(table, "p5.48xlarge", "us-east-1");
    CHECK(*p5.on_demand == 55.04);
    CHECK(*p5.spot_low == 14.25);
    CHECK_FALSE(p5.spot_high);  // other zones list the on-demand price
    CHECK(p5.gpu_count == 8);
    CHECK(*p5.ram == std::int64_t{2048} << 30);
}

TEST_CASE("rows without a price are unknown, not free") {
    const PriceTable table = builtin_prices();
    for (const auto& [instance, region] : {std::pair("a3-ultragpu-8g", "us-central1"), {"ND96isr_H200_v5", "eastus"}}) {
        const Price& price = find(table, instance, region);
        CHECK_FALSE(price.on_demand);
        CHECK_FALSE(price.spot_low);
        CHECK_FALSE(price.spot_high);
    }
    CHECK_FALSE(find(table, "p5e.48xlarge", "us-west-2").on_demand);
}

TEST_CASE("prices are found by GPU") {
    const PriceTable table = builtin_prices();
    CHECK(table.of_gpu("a10g").size() == 9);
    for (const Price& price : table.of_gpu("a10g")) CHECK(price.gpu == "a10g");
    CHECK(table.of_gpu("a10").size() == 1);
    CHECK(table.of_gpu("rtx-3090").empty());
    CHECK(table.of_gpu("").empty());
}

TEST_CASE("prices of a GPU without a machine are told apart") {
    const PriceTable table = builtin_prices();
    int alone = 0;
    for (const Price& price : table.rows()) alone += price.gpu_alone ? 1 : 0;
    CHECK(alone == 2);
    CHECK(find(table, "n1+nvidia-tesla-t4", "us-central1").gpu_alone);
    CHECK(only(read("gcp,x,n1+nvidia-tesla-v100,v100-16gb,1,2.48,,,2026\n")).gpu_alone);
    CHECK_FALSE(only(read("gcp,x,n1-standard-8,t4,1,0.73,,,2026\n")).gpu_alone);
}

TEST_CASE("what catalogs write where they know no price is taken as unknown") {
    struct Case {
        const char* row;
        bool on_demand, low, high;
        const char* problem;  // of the first one
    };
    for (
        const Case& test : {
            Case{
                "aws,us-east-1,p5.48xlarge,h100,8,55.04,55.04,55.04,2026", true, false, false,
                "own.csv:2:40: spot_low 55.04 is taken as unknown: it equals the on-demand price: no discount is known "
                "(leave the cell empty)"},
            Case{"aws,us-east-1,p5.48xlarge,h100,8,55.04,14.25,55.04,2026", true, true, false,
                 "own.csv:2:46: spot_high 55.04 is taken as unknown: it equals the on-demand price: no discount is "
                 "known "
                 "(leave the cell empty)"},
            Case{"azure,eastus,NC40ads_H100_v5,h100-nvl,1,6.98,6.98,6.98,2024", true, false, false,
                 "own.csv:2:46: spot_low 6.98 is taken as unknown: it equals the on-demand price: no discount is known "
                 "(leave the cell empty)"},
            Case{"aws,ap-southeast-3,g5.xlarge,a10g,1,1.3,0.13,0.13,2026", true, false, false,
                 "own.csv:2:41: spot_low 0.13 is taken as unknown: a tenth of the on-demand price is what the catalog "
                 "of "
                 "this region fills in (leave the cell empty)"},
            Case{"aws,eu-west-1,g5.xlarge,a10g,1,1.3,0.13,0.13,2026", true, true, true, ""},
            Case{"gcp,us-central1,a3-ultragpu-8g,h200,8,700.0,,,2026", false, false, false,
                 "own.csv:2:39: on_demand 700 is taken as unknown: 700 is what catalogs fill in where GCP names no "
                 "price "
                 "(leave the cell empty)"},
            Case{
                "gcp,us-central1,a4-highgpu-8g,b200,8,900,700.0,700.0,2026", true, false, false,
                "own.csv:2:42: spot_low 700 is taken as unknown: 700 is what catalogs fill in where GCP names no price "
                "(leave the cell empty)"},
            Case{"own,,rack,b300,72,700,,,2026", true, false, false, ""},
        }) {
        CAPTURE(test.row);
        const ReadPrices prices = read(std::string(test.row) + "\n");
        const Price price = only(prices);
        CHECK(price.on_demand.has_value() == test.on_demand);
        CHECK(price.spot_low.has_value() == test.low);
        CHECK(price.spot_high.has_value() == test.high);
        CHECK(first(prices) == test.problem);
    }
}

// The traps of published catalogs, one by one (docs/estimate.md, "Money"), as far as what a job would be told.
TEST_CASE("no price is ever what a catalog fills in") {
    const auto cheapest_of = [](const ReadPrices& prices, std::string_view gpu, Capacity capacity, std::int64_t gpus) {
        REQUIRE_FALSE(has_errors(prices.problems));
        CostInput input;
        input.gpu = gpu;
        input.gpus = gpus;
        input.capacity = capacity;
        const auto offer = cheapest(prices.table, input);
        return offer ? offer->money->per_hour.mid : 0;
    };
    const auto known = builtin_prices();
    // Spot equal to on demand: no discount is known, so there is no spot price.
    const ReadPrices equal = read("azure,eastus,ND96isr_H100_v5,h100,8,98.32,98.32,98.32,2024\n", &known);
    CHECK(cheapest_of(equal, "h100", Capacity::spot, 8) == 0);
    CHECK(cheapest_of(equal, "h100", Capacity::on_demand, 8) == 98.32);
    // Exactly a tenth of it in ap-southeast-3; anywhere else it is a price.
    const ReadPrices tenth = read(
        "aws,ap-southeast-3,g5.xlarge,a10g,1,1.3,0.13,0.13,2026\naws,eu-west-1,g5.xlarge,a10g,1,1.4,0.14,0.14,2026\n");
    CHECK(cheapest_of(tenth, "a10g", Capacity::spot, 1) == 0.14);
    // 700.0 of GCP.
    const ReadPrices seven_hundred = read("gcp,us-central1,a3-ultragpu-8g,h200,8,700.0,700.0,700.0,2026\n");
    CHECK(cheapest_of(seven_hundred, "h200", Capacity::on_demand, 8) == 0);
    CHECK(cheapest_of(seven_hundred, "h200", Capacity::spot, 8) == 0);
    // 12 GPUs of a machine that has 8, and a machine with none.
    CHECK(has_errors(read("azure,eastus,ND96isr_H100_v5,h100,12,98.32,,,2024\n", &known).problems));
    CHECK(has_errors(read("azure,eastus,ND96isr_MI300X_v5,mi300x,0,,,,2026\n", &known).problems));
    // A row without a price is unknown: it is listed, costs nothing that could be added up, and is not the cheapest.
    const ReadPrices missing = read("aws,x,a,h100,8,,,,2026\naws,x,b,h100,8,60,,,2026\n");
    CHECK(cheapest_of(missing, "h100", Capacity::on_demand, 8) == 60);
    CHECK_FALSE(missing.table.of_gpu("h100")[0].on_demand);
    // Of GCP's N1 the price is that of each GPU, of its other machines that of all of them.
    const ReadPrices alone = read(
        "gcp,us-central1,n1+nvidia-tesla-v100,v100-16gb,1,2.48,0.74,0.74,2026\n"
        "gcp,us-central1,a2-highgpu-8g,a100-40gb,8,29.387,15.424,15.424,2026\n");
    CHECK(cheapest_of(alone, "v100-16gb", Capacity::on_demand, 4) == 0);
    CostInput four;
    four.gpu = "v100-16gb";
    four.gpus = 4;
    CHECK(offers(alone.table, four).front().money->per_hour.mid == doctest::Approx(4 * 2.48));
    CHECK(cheapest_of(alone, "a100-40gb", Capacity::on_demand, 8) == 29.387);
}

TEST_CASE("a wrong row is refused at its place, with a remedy") {
    const PriceTable known = builtin_prices();
    struct Case {
        const char* row;
        const char* problem;
    };
    for (const Case& test : {
             Case{"aws,x,a,h100,1,0,,,2026",
                  "own.csv:2:16: a price is above 0, not 0 (leave the cell empty where the price is not known)"},
             Case{"aws,x,a,h100,1,-3,,,2026",
                  "own.csv:2:16: a price is above 0, not -3 (leave the cell empty where the price is not known)"},
             Case{"aws,x,a,h100,1,$3,,,2026", "own.csv:2:16: \"$3\" is no number (write USD per hour, as 1.006)"},
             Case{"aws,x,a,h100,1,nan,,,2026", "own.csv:2:16: \"nan\" is no number (write USD per hour, as 1.006)"},
             Case{"aws,x,a,h100,1,inf,,,2026", "own.csv:2:16: \"inf\" is no number (write USD per hour, as 1.006)"},
             Case{"aws,x,a,h100,1,1e999,,,2026", "own.csv:2:16: \"1e999\" is no number (write USD per hour, as 1.006)"},
             Case{"aws,x,a,h100,1,\"1,006\",,,2026",
                  "own.csv:2:16: \"1,006\" is no number (write USD per hour, as 1.006)"},
             Case{"aws,x,a,h100,1,3,0,,2026",
                  "own.csv:2:18: a price is above 0, not 0 (leave the cell empty where the price is not known)"},
             Case{"aws,x,a,h100,1,3,2,1,2026", "own.csv:2:18: spot_low is above spot_high (swap them)"},
             Case{"aws,x,a,h100,1,3,1,4,2026",
                  "own.csv:2:20: spot_high is above on_demand (check both: they are USD per hour)"},
             Case{"aws,x,a,h10,1,3,,,2026", "own.csv:2:9: unknown GPU \"h10\" (did you mean h100?)"},
             Case{"aws,x,a,h100,0,3,,,2026",
                  "own.csv:2:14: gpu_count is a whole number above 0, not \"0\" (leave the cell empty where it is not "
                  "known)"},
             Case{"azure,eastus,ND96isr_MI300X_v5,mi300x,0,3,,,2026",
                  "own.csv:2:39: gpu_count is a whole number above 0, not \"0\" (leave the cell empty where it is not "
                  "known)"},
             Case{"aws,x,a,h100,,3,,,2026", "own.csv:2:14: the number of GPUs is missing (write it, 1 or more)"},
             Case{"azure,eastus,ND96isr_H100_v5,h100,12,98.32,,,2026",
                  "own.csv:2:35: ND96isr_H100_v5 has 8 GPUs, not 12 (check how many there are)"},
             Case{"aws,x,a,h100,1,3,,,2026-02-29",
                  "own.csv:2:20: \"2026-02-29\" is no date (write when the price was valid, as 2026-07-20, 2026-07 or "
                  "2026)"},
             Case{"aws,x,a,h100,1,3,,,",
                  "own.csv:2:20: \"\" is no date (write when the price was valid, as 2026-07-20, "
                  "2026-07 or 2026)"},
             Case{"aws,x,a,h100,1,3,2026",
                  "own.csv:2:1: the row has 7 cells, the header 9 (quote cells that have commas "
                  "in them)"},
             Case{"aws,x,,h100,1,3,,,2026", "own.csv:2:7: instance is empty (name it)"},
             Case{"aws,x,\"a,h100,1,3,,,2026", "own.csv:2: a quoted cell is never closed (close it)"},
             Case{"aws,x,\"a\nb\",h10,1,3,,,2026", "own.csv:3:4: unknown GPU \"h10\" (did you mean h100?)"},
             Case{"aws,x,a,h100,1,3,,,2026\naws,x,b,h100,1,3,,,2026\naws,x,a,nvidia-h100,1,4,,,2026",
                  "own.csv:4:1: a with h100 is there twice for region \"x\", first in line 2 (keep the newer one)"},
             Case{"aws,x,a,h100,8,3,,,2026\naws,y,a,h100,4,3,,,2026",
                  "own.csv:3:14: a has 4 GPUs here and 8 in line 2 (check how many there are)"},
         }) {
        CAPTURE(test.row);
        const ReadPrices prices = read(std::string(test.row) + "\n", &known);
        CHECK(has_errors(prices.problems));
        CHECK(prices.problems.size() == 1);
        CHECK(first(prices) == test.problem);
    }
}

TEST_CASE("memory that is another GPU's is refused, other names of the same are not") {
    const auto with_memory = [](const std::string& gpu, const std::string& bytes) {
        return read_prices("cloud,region,instance,gpu,gpu_count,gpu_mem_bytes,on_demand,as_of\naws,x,a," + gpu + ",1," +
                               bytes + ",1,2026\n",
                           "own.csv");
    };
    CHECK(with_memory("a100-80gb", "80000000000").problems.empty());
    CHECK(with_memory("t4", "17179869184").problems.empty());  // 16 GiB of which the driver shows 15
    CHECK(with_memory("b300", "1").problems.empty());          // not known
    CHECK(
        first(with_memory("a100-80gb", "42949672960")) ==
        "own.csv:2:21: a100-80gb has 80.0 GiB, not 40.0 GiB (check the gpu: names such as a100-40gb and a100-80gb are "
        "easily confused)");
}

TEST_CASE("a header must have the columns that are needed, and no others") {
    const auto problem = [](const std::string& head) { return first(read_prices(head + "\n", "own.csv")); };
    CHECK(problem("cloud,region,instance,gpu,gpu_count,on_demand,as_of").empty());
    CHECK(problem("cloud,region,instance,gpu,gpu_count,as_of") ==
          "own.csv:1:1: the column on_demand is missing (write a header line: "
          "as_of,cloud,gpu,gpu_count,instance,on_demand,region)");
    CHECK(problem("cloud,region,instance,gpu,gpu_count,on_demand,spot_lo,as_of") ==
          "own.csv:1:47: unknown column \"spot_lo\" (did you mean spot_low?)");
    CHECK(problem("cloud,cloud,region,instance,gpu,gpu_count,on_demand,as_of") ==
          "own.csv:1:7: the column cloud is there twice (keep one)");
    CHECK(first(read_prices("", "own.csv")) ==
          "own.csv:1:1: the table is empty (write a header line: as_of,cloud,gpu,gpu_count,instance,on_demand,region)");
}

TEST_CASE("spreadsheets may write it: a byte order mark, line ends of Windows, spaces, names in capitals") {
    const ReadPrices prices = read_prices(
        "\xEF\xBB\xBF"
        "cloud, region, instance, gpu, gpu_count, on_demand, reserved, as_of\r\nOwn, , rack, NVIDIA-H100-80GB-HBM3, 8, "
        "20.5, 12, 2026-01\r\n\r\n",
        "own.csv");
    const Price price = only(prices);
    CHECK(price.cloud == "own");
    CHECK(price.gpu == "h100");
    CHECK(*price.on_demand == 20.5);
    CHECK(*price.reserved == 12);
    CHECK(price.as_of.text == "2026-01");
}

TEST_CASE("several problems are reported together, but not thousands") {
    const ReadPrices two = read("aws,x,a,h10,1,0,,,2026\naws,x,b,h100,1,3,,,never\n");
    CHECK(two.problems.size() == 3);
    std::string rows;
    for (int i = 0; i < 100; ++i) rows += "aws,x,i" + std::to_string(i) + ",h100,1,0,,,2026\n";
    CHECK(read(rows).problems.size() == 20);
    std::string placeholders;
    for (int i = 0; i < 100; ++i) placeholders += "aws,x,i" + std::to_string(i) + ",h100,1,3,3,,2026\n";
    const ReadPrices warned = read(placeholders);
    CHECK_FALSE(has_errors(warned.problems));
    CHECK(warned.problems.size() == 20);
    CHECK(warned.table.rows().size() == 100);
}

TEST_CASE("text from a file is made fit for a terminal") {
    CHECK(only(read("aws,x,a\x1b[31m,h100,1,3,,,2026\n")).instance == "a\xEF\xBF\xBD[31m");
}

TEST_CASE("dates are as precise as they are known") {
    struct Case {
        const char* text;
        std::chrono::sys_days day;
    };
    for (const Case& test : {Case{"2024", 2024y / 1 / 1}, Case{"2025-06", 2025y / 6 / 1},
                             Case{"2026-07-20", 2026y / 7 / 20}, Case{"2024-02-29", 2024y / 2 / 29}}) {
        CAPTURE(test.text);
        const auto date = parse_as_of(test.text);
        REQUIRE(date);
        CHECK(date->day == test.day);
        CHECK(date->text == test.text);
    }
    for (const char* wrong : {"", "24", "2024-1", "2024-13", "2024-00", "2023-02-29", "2026-07-32", "2026/07/20",
                              "20260720", "2026-07-20 ", "-024", "2026-7-200", "today", "2026-07-2x"})
        CHECK_MESSAGE(!parse_as_of(wrong), wrong);
}

TEST_CASE("old prices are warned about from the day after 180") {
    const AsOf date = *parse_as_of("2026-01-01");
    CHECK(days_old(date, 2026y / 6 / 30) == 180);
    CHECK(age_warning(date, 2026y / 6 / 30).empty());
    CHECK(age_warning(date, 2026y / 7 / 1) ==
          "the prices as of 2026-01-01 are 181 days old: they move by tens of per cent a year");
    CHECK(days_old(date, 2025y / 12 / 31) == -1);
    CHECK(age_warning(date, 2025y / 12 / 31) == "the prices are as of 2026-01-01, which is yet to come");
}

TEST_CASE("peaks of GPUs are those of the table, unknown ones 0") {
    CHECK(find_gpu("h100").peak_bf16 == 989e12);
    CHECK(find_gpu("h100").attainable_bf16 == 794.5e12);
    CHECK(find_gpu("h100").peak_fp8 == 1979e12);
    CHECK(find_gpu("a100-80gb").bandwidth == 2000e9);
    CHECK(find_gpu("v100-16gb").peak_bf16 == 0);
    CHECK(training_peak(find_gpu("v100-16gb")) == 125e12);
    CHECK(training_peak(find_gpu("rtx-3090")) == 0);
}
