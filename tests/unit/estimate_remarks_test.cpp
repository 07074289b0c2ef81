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
    std::string model = "llama-2-7b", method = "full", gpu;
    std::int64_t batch = 4, length = 2048, gpus = 0, r = 8;
    std::string dtype = "bfloat16";

    std::vector<std::string> names() const {
        TrainingSpec spec;
        spec.model.model_name_or_path = model;
        spec.model.dtype = dtype;
        spec.method.type = method;
        spec.method.r = r;
        spec.training.per_device_train_batch_size = batch;
        spec.objective.max_length = length;
        spec.resources.gpus_per_node = gpus;
        spec.resources.gpu = gpu;
        std::vector<std::string> names;
        for (const HandbookRemark& remark :
             handbook_remarks(estimate(spec, *find_in_catalog(model), Profile::detailed, "accelerate"))) {
            CHECK_FALSE(remark.text.empty());
            CHECK_FALSE(remark.section.empty());
            names.emplace_back(remark.name);
        }
        return names;
    }
    bool has(std::string_view name) const {
        const auto all = names();
        return std::ranges::find(all, name) != all.end();
    }
};

}  // namespace

TEST_CASE("each inconsistency of the handbook is named where it matters") {
    CHECK(Job{}.has("full-7b-112-or-98-gb"));
    CHECK(Job{}.has("adamw-without-master-weights"));
    CHECK(Job{}.has("gradients-in-float32"));
    CHECK(Job{}.has("activations-without-bytes"));
    CHECK(Job{.model = "llama-3.1-8b"}.has("no-logits"));
    CHECK(Job{.method = "lora"}.has("lora-one-gigabyte"));
    CHECK(Job{.method = "lora"}.has("lora-65k-a-layer"));
    CHECK(Job{.method = "lora"}.has("lora-16-24-gb"));
    CHECK(Job{.method = "qlora"}.has("qlora-6-12-gb"));
    CHECK(Job{.model = "llama-2-70b", .method = "qlora"}.has("qlora-48gi"));
    CHECK(Job{.method = "lora", .gpu = "a100-80gb", .batch = 1, .length = 512, .gpus = 4}.has("gpus-for-lora"));
    CHECK(Job{.gpu = "a100-80gb", .gpus = 8, .dtype = "float32"}.has("several-gpus-without-sharding"));
    CHECK(Job{.model = "llama-2-70b", .method = "lora", .r = 64}.has("lora-rank-above-30b"));
    CHECK(Job{.model = "llama-2-70b", .method = "lora", .gpu = "a100-40gb"}.has("same-hardware-for-70b"));
}

TEST_CASE("and not where it does not") {
    CHECK_FALSE(Job{.method = "lora"}.has("gradients-in-float32"));
    CHECK_FALSE(Job{.dtype = "float32"}.has("gradients-in-float32"));
    CHECK_FALSE(Job{.model = "llama-2-13b", .method = "lora"}.has("lora-16-24-gb"));
    CHECK_FALSE(Job{.method = "lora", .batch = 1, .length = 512}.has("lora-16-24-gb"));
    CHECK_FALSE(Job{.method = "lora", .gpu = "a100-80gb"}.has("gpus-for-lora"));
    CHECK_FALSE(Job{.method = "qlora"}.has("qlora-48gi"));
    CHECK_FALSE(Job{.method = "lora", .r = 64}.has("lora-rank-above-30b"));
    CHECK_FALSE(Job{.method = "lora", .gpu = "t4"}.has("same-hardware-for-70b"));
}
