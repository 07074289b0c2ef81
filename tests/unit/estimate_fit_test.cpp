// Which GPUs have the memory: the table of GPUs, the verdict, the nearest that fits.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/estimate/estimate.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

Estimate on(const std::string& gpu, const std::string& method = "full") {
    TrainingSpec spec;
    spec.model.dtype = "bfloat16";
    spec.method.type = method;
    spec.resources.gpu = gpu;
    return estimate(spec, *find_in_catalog("llama-2-7b"), Profile::docs);
}

}  // namespace

TEST_CASE("a GPU has the smaller of what its driver and the clouds say") {
    CHECK(find_gpu("a10g").memory == std::int64_t{22888} << 20);  // 23028 by the driver
    CHECK(find_gpu("h100").memory == std::int64_t{81559} << 20);  // 81920 by the clouds
    CHECK(find_gpu("a10").memory == std::int64_t{23028} << 20);   // clouds say nothing
    CHECK(find_gpu("rtx-pro-4500").memory == std::int64_t{32768} << 20);
    CHECK(find_gpu("b300").memory == 0);
}

TEST_CASE("a GPU is found with its maker in front, by label, in any case") {
    CHECK(find_gpu("nvidia-a100-80gb").id == "a100-80gb");
    CHECK(find_gpu("A100-80GB").id == "a100-80gb");
    CHECK(find_gpu("NVIDIA-A100-SXM4-80GB").id == "a100-80gb");
    CHECK(find_gpu("Tesla-T4").id == "t4");
    CHECK(find_gpu("H100").id == "h100");
    CHECK(find_gpu("A100-SXM4-80GB").id == "a100-80gb");
    CHECK(likely_gpus("A100") == std::vector<std::string>{"a100-40gb", "a100-80gb", "a100-40gb-pcie", "a100-80gb-pcie"});
    CHECK(likely_gpus("nvidia-h20") == std::vector<std::string>{"h200"});
    CHECK_FALSE(gpu_id("A100"));
    CHECK_FALSE(gpu_id(""));
    for (const Gpu& gpu : all_gpus()) {
        CHECK(gpu_id(gpu.id) == gpu.id);
        if (!gpu.product_label.empty()) CHECK(gpu_id(gpu.product_label) == gpu.id);
    }
    try {
        find_gpu("a100-80g");
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.hint == "did you mean a100-80gb?");
    }
}

TEST_CASE("GPUs come by memory, unknown last") {
    const auto gpus = all_gpus();
    CHECK(gpus.size() == 28);
    CHECK(gpus.front().id == "t4");
    CHECK(gpus.back().memory == 0);
    for (std::size_t i = 1; i < gpus.size(); ++i)
        if (gpus[i].memory > 0) CHECK(gpus[i - 1].memory <= gpus[i].memory);
}

TEST_CASE("the verdict says by how much, and which GPU fits") {
    const Estimate no = on("nvidia-a100-80gb");
    REQUIRE(no.wanted);
    CHECK_FALSE(no.wanted->fits);
    CHECK(no.wanted->headroom == (std::int64_t{81920} << 20) - no.memory.total());
    REQUIRE(no.nearest);
    CHECK(no.nearest->memory >= no.memory.total());
    for (const Fit& fit : no.fits)
        if (fit.fits) CHECK(fit.gpu.memory >= no.nearest->memory);
    const Estimate yes = on("a100-80gb", "lora");
    CHECK(yes.wanted->fits);
    CHECK_FALSE(yes.nearest);
    CHECK_FALSE(on("").wanted);
}

TEST_CASE("exactly the capacity fits, one parameter more does not") {
    TrainingSpec spec;
    spec.model.dtype = "float32";
    spec.resources.gpu = "t4";
    ModelShape shape;
    shape.parameters = (std::int64_t{15360} << 20) / 16;  // 4 + 4 + 8 bytes each
    CHECK(estimate(spec, shape, Profile::docs).wanted->fits);
    CHECK(estimate(spec, shape, Profile::docs).wanted->headroom == 0);
    ++shape.parameters;
    CHECK_FALSE(estimate(spec, shape, Profile::docs).wanted->fits);
    CHECK(estimate(spec, shape, Profile::docs).wanted->headroom == -16);
}

TEST_CASE("a GPU without bfloat16 is warned about, one of unknown memory refused") {
    CHECK(on("v100-32gb", "lora").warnings.back().find("no bfloat16") != std::string::npos);
    CHECK_THROWS_AS(on("b300"), Error);
}

TEST_CASE("GPUs that each hold the whole model are warned about where it does not fit") {
    const auto warned = [](const std::string& method, std::int64_t gpus, const std::string& gpu) {
        TrainingSpec spec;
        spec.model.dtype = "bfloat16";
        spec.method.type = method;
        spec.training.per_device_train_batch_size = 1;
        spec.objective.max_length = 512;
        spec.resources.gpu = gpu;
        spec.resources.gpus_per_node = gpus;
        for (const std::string& warning : estimate(spec, *find_in_catalog("llama-2-7b")).warnings)
            if (warning.find("do not help it fit: parted over them (parallel.strategy: fsdp)") != std::string::npos)
                return true;
        return false;
    };
    CHECK(warned("full", 8, "a100-80gb"));
    CHECK_FALSE(warned("full", 1, "a100-80gb"));
    CHECK_FALSE(warned("full", 8, "b200"));  // it fits
    CHECK_FALSE(warned("lora", 8, "t4"));
}

TEST_CASE("a reference model beside adapters is warned about") {
    const auto warned = [](const std::string& method, const std::string& objective, const std::string& reference) {
        TrainingSpec spec;
        spec.model.dtype = "bfloat16";
        spec.method.type = method;
        spec.objective.type = objective;
        spec.objective.ref_model_name_or_path = reference;
        for (const std::string& warning : estimate(spec, *find_in_catalog("llama-2-7b")).warnings)
            if (warning.starts_with("the reference model takes 12.6 GiB beside LoRA")) return true;
        return false;
    };
    CHECK(warned("lora", "dpo", "llama-2-7b"));
    CHECK_FALSE(warned("lora", "dpo", ""));
    CHECK_FALSE(warned("full", "dpo", "llama-2-7b"));
    CHECK_FALSE(warned("lora", "sft", "llama-2-7b"));
}

TEST_CASE("memory of a pod that what is offloaded does not fit into is warned about") {
    const auto warned = [](const std::string& memory, bool offload) {
        TrainingSpec spec;
        spec.model.dtype = "bfloat16";
        spec.checkpoint.async_save = false;
        spec.resources.gpus_per_node = 8;
        spec.resources.memory = memory;
        spec.parallel.strategy = "zero3";
        spec.parallel.offload_optimizer = spec.parallel.offload_param = offload;
        for (const std::string& warning : estimate(spec, *find_in_catalog("llama-2-7b")).warnings)
            if (warning.starts_with("resources.memory: " + memory + " is less than the ")) return true;
        return false;
    };
    CHECK(warned("128Gi", true));  // 18 B of 6.74 B parameters, and half of it again
    CHECK_FALSE(warned("256Gi", true));
    CHECK_FALSE(warned("128Gi", false));
    CHECK_FALSE(warned("", true));
}
