// Every inconsistency of the handbook is named for a job that it matters to, and not for one that it does not.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/estimate/handbook_remarks.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

struct Job {
    std::string model = "llama-2-7b", method = "full", gpu = {};
    std::int64_t batch = 4, length = 2048, gpus = 0, r = 8;
    std::string dtype = "bfloat16", objective = {}, reference = {}, strategy = {};
    bool offload = false;

    std::vector<HandbookRemark> remarks(const PriceTable& prices) const {
        TrainingSpec spec;
        spec.model.model_name_or_path = model;
        spec.model.dtype = dtype;
        spec.method.type = method;
        spec.method.r = r;
        spec.objective.type = objective;
        spec.training.per_device_train_batch_size = batch;
        spec.objective.max_length = length;
        spec.resources.gpus_per_node = gpus;
        spec.resources.gpu = gpu;
        spec.objective.ref_model_name_or_path = reference;
        spec.parallel.strategy = strategy;
        spec.parallel.offload_optimizer = spec.parallel.offload_param = offload;
        ModelShape network;
        network.family = network.name = "simple_cnn";
        network.parameters = 140'000;
        const ModelShape shape = model == "simple_cnn" ? network : *find_in_catalog(model);
        return handbook_remarks(estimate(spec, shape, Profile::detailed, "accelerate"), prices);
    }
    // The text of a remark; empty when it is not made.
    std::string text(std::string_view name) const {
        const PriceTable prices = builtin_prices();
        for (const HandbookRemark& remark : remarks(prices)) {
            CHECK_FALSE(remark.text.empty());
            CHECK_FALSE(remark.section.empty());
            if (remark.name == name) return remark.text;
        }
        return "";
    }
    bool has(std::string_view name) const { return !text(name).empty(); }
};

// A row of shared knowledge about the handbook: its number among the inconsistencies of memory (1 to 20) or of money
// (from 101 on), a job that it matters to, one that it does not matter to, and its name.
struct Row {
    int number;
    std::string_view name;
    Job job, other;
};

const std::vector<Row>& rows() {
    static const std::vector<Row> table{
        {1, "full-7b-112-or-98-gb", {}, {.method = "lora"}},
        {2, "gradients-in-float32", {}, {.dtype = "float32"}},
        {3, "adamw-without-master-weights", {}, {.method = "qlora"}},
        {4, "activations-without-bytes", {}, {.model = "simple_cnn"}},
        {5, "no-logits", {.model = "llama-3.1-8b"}, {.model = "llama-2-70b", .batch = 1, .length = 128}},
        {6, "lora-one-gigabyte", {.method = "lora"}, {}},
        {7, "lora-65k-a-layer", {.method = "lora"}, {.method = "ia3"}},
        {8, "lora-16-24-gb", {.method = "lora"}, {.method = "lora", .batch = 1, .length = 512}},
        {9, "qlora-6-12-gb", {.method = "qlora"}, {.model = "llama-2-13b", .method = "qlora"}},
        {10, "adapter-20-30-gb", {.method = "bottleneck"}, {.method = "lora"}},
        {10, "adapter-20-30-gb", {.method = "adaption_prompt"}, {.method = "prompt_tuning"}},
        {11, "ia3-14-16-gb", {.method = "ia3"}, {.method = "lora"}},
        {12, "prompts-14-16-gb", {.method = "prefix_tuning"}, {.method = "ia3"}},
        {12, "prompts-14-16-gb", {.method = "p_tuning"}, {.method = "adaption_prompt"}},
        {12, "prompts-14-16-gb", {.method = "prompt_tuning"}, {.method = "bottleneck"}},
        {13, "qlora-48gi", {.model = "llama-2-70b", .method = "qlora"}, {.method = "qlora"}},
        {14,
         "gpus-for-lora",
         {.method = "lora", .gpu = "a100-80gb", .batch = 1, .length = 512, .gpus = 4},
         {.method = "lora", .gpu = "a100-80gb", .batch = 1, .length = 512, .gpus = 1}},
        {15,
         "several-gpus-without-sharding",
         {.gpu = "a100-80gb", .gpus = 8, .dtype = "float32"},
         {.gpu = "a100-80gb", .gpus = 1, .dtype = "float32"}},
        {15,
         "several-gpus-without-sharding",
         {.model = "llama-2-70b", .gpu = "a100-80gb", .gpus = 8},
         {.model = "llama-2-70b", .gpu = "a100-80gb", .gpus = 8, .strategy = "fsdp"}},
        {16, "dpo-reference-beside-lora", {.method = "lora", .objective = "dpo"}, {.objective = "dpo"}},
        {16, "dpo-reference-beside-lora", {.method = "qlora", .objective = "kto"}, {.method = "lora"}},
        {17,
         "zero3-offload-host-memory",
         {.gpus = 8, .strategy = "zero3", .offload = true},
         {.gpus = 8, .strategy = "zero3"}},
        {18, "lora-rank-above-30b", {.model = "llama-2-70b", .method = "lora", .r = 64}, {.method = "lora", .r = 64}},
        {19, "full-7b-on-two-a100", {.gpu = "a100-80gb", .gpus = 2}, {.gpu = "h200", .gpus = 2}},
        {20,
         "same-hardware-for-70b",
         {.model = "llama-2-70b", .method = "lora", .gpu = "a100-40gb"},
         {.method = "lora", .gpu = "t4"}},
        {101, "cost-full-200-a-day", {}, {.model = "llama-2-70b"}},
        {102, "cost-lora-50-a-day", {.method = "lora"}, {.method = "qlora"}},
        {103, "cost-qlora-8-a-day", {.method = "qlora"}, {.method = "lora"}},
        {104, "cost-spot-2.40-a-day", {.method = "qlora"}, {}},
        {105, "cost-70b-eight-times", {.model = "llama-2-70b"}, {}},
        {106, "cost-without-tokens", {.gpu = "a100-80gb"}, {}},
        {107, "spot-discount-of-70", {.method = "qlora", .gpu = "a10g"}, {.gpu = "rtx-4090"}},
        {108, "v100-without-bf16", {.method = "qlora"}, {.method = "lora", .dtype = "float16"}},
        {108, "v100-without-bf16", {.method = "lora", .gpu = "v100-16gb"}, {.method = "lora", .gpu = "a10g"}},
        {109, "a10g-24-gb", {.method = "qlora", .gpu = "a10g"}, {.method = "qlora", .gpu = "l4"}},
    };
    return table;
}

}  // namespace

TEST_CASE("each inconsistency of the handbook is named where it matters, and not where it does not") {
    for (const Row& row : rows()) {
        CAPTURE(row.number);
        CAPTURE(row.name);
        CAPTURE(row.job.method);
        CHECK(row.job.has(row.name));
        CHECK_FALSE(row.other.has(row.name));
    }
}

TEST_CASE("none is left out: 20 of memory, and those of money") {
    std::vector<int> numbers;
    for (const Row& row : rows()) numbers.push_back(row.number);
    for (int number = 1; number <= 20; ++number) {
        CAPTURE(number);
        CHECK(std::ranges::count(numbers, number) >= 1);
    }
    CHECK(numbers.back() == 109);
}

TEST_CASE("their numbers are those of the job") {
    CHECK(Job{.method = "ia3"}.text("ia3-14-16-gb").find("614K parameters, 0.0091 % of the model") !=
          std::string::npos);
    CHECK(Job{.method = "adaption_prompt"}.text("adapter-20-30-gb").find("1.31M parameters, 0.019 %") !=
          std::string::npos);
    CHECK(Job{.method = "lora", .objective = "dpo"}.text("dpo-reference-beside-lora").find(": 13.5 GB for nothing") !=
          std::string::npos);
    CHECK(Job{.method = "lora", .objective = "dpo"}.text("dpo-reference-beside-lora") ==
          Job{.method = "lora", .objective = "dpo", .reference = "llama-2-7b"}.text("dpo-reference-beside-lora"));
    CHECK(Job{.gpus = 8, .strategy = "zero3", .offload = true}.text("zero3-offload-host-memory") ==
          "it offloads parameters and optimizer, and asks for no memory: 16 to 18 B a parameter and half as much again "
          "for pinned buffers are 162 GB to 182 GB over all nodes, by DeepSpeed's own estimate; here 182 GB on each of "
          "1");
    CHECK(Job{.gpu = "a100-80gb"}.text("full-7b-on-two-a100").find("hold the 121 GB of 18 B") != std::string::npos);
    CHECK(Job{.method = "qlora"}.text("a10g-24-gb").find("has 22,888 MiB: 24.0 GB, but 22.4 GiB") != std::string::npos);
    CHECK(Job{}.text("cost-full-200-a-day") ==
          "$200 a day for 2 a100-80gb is $8.33 an hour; the cheapest on demand is $176 at azure (1.13 of it), $243 at "
          "gcp (0.82 of it), $659 at aws (0.30 of it)");
    CHECK(Job{.method = "qlora"}.text("spot-discount-of-70") ==
          "$2.40 for $8 is a discount of 70 % for spot; of a10g those known are from 55 to 73 %");
}

TEST_CASE("without prices there are no costs beside the handbook's") {
    for (const HandbookRemark& remark : Job{.method = "qlora", .gpu = "a10g"}.remarks(PriceTable())) {
        CAPTURE(remark.name);
        CHECK((!remark.name.starts_with("cost-") || remark.name == "cost-without-tokens"));
        CHECK(remark.name != "spot-discount-of-70");
    }
}
