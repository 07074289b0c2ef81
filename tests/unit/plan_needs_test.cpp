// What a plan takes from an estimate: memory, /dev/shm, and warnings about what is too small.
#include <doctest/doctest.h>

#include "core/plan/plan.h"
#include "tests/support/specs.h"
#include "tests/support/worlds.h"

using namespace ktrain;

namespace {

TrainingSpec tuning() {
    TrainingSpec spec;
    spec.metadata.name = "tune";
    spec.model = test::model("llama-2-7b");
    spec.model.dtype = "bfloat16";
    spec.method.type = "lora";
    spec.objective.max_length = 512;
    spec.training.per_device_train_batch_size = 1;
    spec.training.bf16 = true;
    spec.output_dir = "/output/tune";
    spec.resources.gpus_per_node = 1;
    spec.resources.gpu = "a100-80gb";
    spec.cluster.image = "ghcr.io/acme/ktrain:1.0";
    spec.cluster.volumes = {test::volume("model-output", "/output", "500Gi")};
    return spec;
}

Plan plan(const TrainingSpec& spec) {
    test::MemoryFiles files;
    return make_plan(spec, estimate_for_plan(spec, files));
}

// "path: message (fix)" of the warnings about `path`.
std::string warned(const TrainingSpec& spec, std::string_view path) {
    std::string text;
    for (const Diagnostic& warning : plan(spec).warnings)
        if (warning.where.path == path) text += warning.message + " (" + warning.fix + ")";
    return text;
}

std::int64_t line(const MemoryBreakdown& memory, std::string_view label) {
    for (const MemoryLine& each : memory.lines)
        if (each.label == label) return each.bytes;
    return 0;
}

constexpr std::int64_t gib = std::int64_t{1} << 30;

}  // namespace

TEST_CASE("memory that a spec leaves open is what is estimated, and travels in the spec") {
    TrainingSpec spec = tuning();
    const Plan adapters = plan(spec);
    CHECK(adapters.resources.memory.text() ==
          "5Gi");  // 3 for the process, tensors on their way, an adapter's checkpoint
    CHECK(adapters.resources.shm.text() == "64Mi");
    CHECK(adapters.spec.resources.memory == "5Gi");
    CHECK(adapters.digest != plan([&] {
                                 TrainingSpec other = spec;
                                 other.resources.memory = "6Gi";
                                 return other;
                             }())
                                 .digest);
    spec.method.type = "full";
    const Plan full = plan(spec);
    REQUIRE(full.needs);
    CHECK(line(full.needs->memory, "checkpoint") == 12 * 6738415616);  // the copy that async_save writes
    CHECK(full.resources.memory >= Quantity::of_units(12 * 6738415616));
    spec.checkpoint.async_save = false;
    CHECK(plan(spec).resources.memory == adapters.resources.memory);
    spec.resources.gpus_per_node = 8;
    const Plan eight = plan(spec);
    CHECK(line(eight.needs->memory, "processes") == 24 * gib);
    CHECK(line(eight.needs->shm, "collectives") == gib);
    CHECK(eight.resources.shm.text() == "1088Mi");
    spec.training.dataloader_num_workers = 4;
    CHECK(line(plan(spec).needs->shm, "batches") == 8 * (4 * 2 + 1) * 512 * 12);
}

TEST_CASE("on a CPU a pod holds what a GPU would") {
    TrainingSpec spec = tuning();
    spec.resources.gpus_per_node = 0;
    spec.resources.gpu = "";
    const Plan cpu = plan(spec);
    CHECK(line(cpu.needs->memory, "training") > 2 * 6738415616);
    CHECK(cpu.resources.memory >= Quantity::of_units(line(cpu.needs->memory, "training")));
    spec.model = test::simple_cnn();
    spec.method.type = "full";
    CHECK(plan(spec).resources.memory.text() == "4Gi");  // the least
    const std::int64_t on_cpu = plan(spec).needs->memory.total();
    CHECK(on_cpu < gib);
    spec.resources.gpus_per_node = 2;  // which stay idle
    CHECK(plan(spec).needs->memory.total() == on_cpu);
}

TEST_CASE("the words of a spec stay, and a model that is not known changes nothing") {
    TrainingSpec spec = tuning();
    spec.resources.memory = "64Gi";
    CHECK(plan(spec).resources.memory.text() == "64Gi");
    CHECK(plan(spec).resources.shm.text() == "8Gi");  // an eighth
    spec.resources.shm = "1Gi";
    CHECK(plan(spec).resources.shm.text() == "1Gi");
    spec.resources.memory = spec.resources.shm = "";
    spec.model = test::model("/models/ours");
    const Plan unknown = plan(spec);
    CHECK_FALSE(unknown.needs);
    CHECK(unknown.resources.memory.text() == "4Gi");
    CHECK(unknown.resources.shm.text() == "512Mi");
    CHECK(make_plan(spec).digest == unknown.digest);
}

TEST_CASE("a GPU that is too small is told, not refused") {
    TrainingSpec spec = tuning();
    CHECK(warned(spec, "resources.gpu").empty());
    spec.method.type = "full";
    CHECK(warned(spec, "resources.gpu")
              .starts_with("resources.gpu: a100-80gb has 80.0 GiB, and the training is estimated to need "));
    CHECK(warned(spec, "resources.gpu").ends_with("(see what would: ktrain estimate FILE)"));
    spec.resources.gpus_per_node = 0;
    CHECK(warned(spec, "resources.gpu").empty());
}

TEST_CASE("memory that is too little is told") {
    TrainingSpec spec = tuning();
    spec.resources.memory = "2Gi";
    CHECK(warned(spec, "resources.memory") ==
          "resources.memory: 2Gi is less than the 3.60 GiB that each pod is estimated to need (leave it out: the plan "
          "takes what is estimated)");
    spec.resources.memory = "4Gi";
    CHECK(warned(spec, "resources.memory").empty());
}

TEST_CASE("a claim too small for the checkpoints is told") {
    TrainingSpec spec = tuning();
    CHECK(warned(spec, "cluster.volumes[0].size").empty());
    spec.method.type = "full";
    spec.checkpoint.save_total_limit = 3;
    spec.cluster.volumes[0].size = "326Gi";  // 4 x 75.3 GiB, and 25.1 GiB
    CHECK(warned(spec, "cluster.volumes[0].size") ==
          "cluster.volumes[0].size: 326Gi is less than the 326 GiB of 3 checkpoints of 75.3 GiB, one that is being "
          "written and the model (raise it, or lower checkpoint.save_total_limit)");
    spec.cluster.volumes[0].size = "327Gi";
    CHECK(warned(spec, "cluster.volumes[0].size").empty());
    spec.training.load_best_model_at_end = true;  // the best beside the newest
    CHECK_FALSE(warned(spec, "cluster.volumes[0].size").empty());
    spec.checkpoint.save_total_limit = 0;
    CHECK(warned(spec, "cluster.volumes[0].size").empty());
    spec.cluster.volumes[0].size = "100Gi";
    CHECK(warned(spec, "cluster.volumes[0].size").ends_with("set checkpoint.save_total_limit: all are kept)"));
    spec.checkpoint.save_strategy = "no";
    CHECK(warned(spec, "cluster.volumes[0].size").empty());
    spec.checkpoint.save_strategy = "steps";
    spec.cluster.volumes[0].size = "";  // it is there already
    CHECK(warned(spec, "cluster.volumes[0].size").empty());
}
