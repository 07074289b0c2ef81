// Plans: what follows from a spec, what is refused, what is warned about.
#include <doctest/doctest.h>

#include <functional>

#include "core/base/error.h"
#include "core/plan/plan.h"
#include "tests/support/specs.h"

using namespace ktrain;

namespace {

TrainingSpec good() {
    TrainingSpec spec;
    spec.metadata.name = "cifar10-basic";
    spec.metadata.namespace_ = "training";
    spec.model.type = "simple_cnn";
    spec.output_dir = "/output/cifar10";
    spec.resources.gpus_per_node = 0;  // the trainer of simple_cnn uses none
    spec.resources.cpu = "4";
    spec.resources.memory = "16Gi";
    spec.cluster.image = "ghcr.io/acme/ktrain:1.0";
    spec.cluster.volumes = {test::volume("model-output", "/output", "50Gi")};
    return spec;
}

using Change = std::function<void(TrainingSpec&)>;

// The path in the spec that a changed good spec is refused for; empty when it is planned.
std::string refused(const Change& change) {
    TrainingSpec spec = good();
    change(spec);
    try {
        make_plan(spec);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        return error.where.path;
    }
    return "";
}

// Paths of the warnings for a changed good spec, in their order.
std::vector<std::string> warned(const Change& change) {
    TrainingSpec spec = good();
    change(spec);
    std::vector<std::string> paths;
    for (const Diagnostic& diagnostic : make_plan(spec).warnings) {
        CHECK(diagnostic.severity == Severity::warning);
        paths.push_back(diagnostic.where.path);
    }
    return paths;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("a plan derives counts, amounts and names") {
    TrainingSpec spec = good();
    spec.resources.nodes = 4;
    spec.resources.gpus_per_node = 8;
    spec.training.per_device_train_batch_size = 4;
    spec.training.gradient_accumulation_steps = 2;
    spec.cluster.volumes[0].access = "ReadWriteMany";
    const Plan plan = make_plan(spec);
    CHECK(plan.pods == 4);
    CHECK(plan.processes() == 32);
    CHECK(plan.global_batch_size == 256);
    CHECK(plan.service == "cifar10-basic");
    CHECK(plan.config_map == "cifar10-basic-spec-" + plan.digest.substr(0, 8));
    CHECK(plan.deadline_seconds == 86400);
    CHECK(plan.ttl_seconds == 604800);
    CHECK(plan.grace_seconds == 120);
    CHECK(plan.resources.shm == Quantity::parse("2Gi"));
    CHECK(plan.scratch_path.empty());
}

TEST_CASE("a single pod has no Service, a CPU job one process") {
    const TrainingSpec spec = good();
    const Plan plan = make_plan(spec);
    CHECK(plan.service.empty());
    CHECK(plan.processes() == 1);
}

TEST_CASE("another spec has another digest and another ConfigMap") {
    TrainingSpec spec = good();
    const Plan before = make_plan(spec);
    CHECK(make_plan(spec).digest == before.digest);
    spec.training.seed = 43;
    CHECK(make_plan(spec).digest != before.digest);
    CHECK(make_plan(spec).config_map != before.config_map);
}

TEST_CASE("/dev/shm takes an eighth of the memory within its bounds") {
    const auto shm = [](const std::string& memory) {
        TrainingSpec spec = good();
        spec.resources.memory = memory;
        return make_plan(spec).resources.shm.text();
    };
    CHECK(shm("128Mi") == "64Mi");
    CHECK(shm("4Gi") == "512Mi");
    CHECK(shm("1000Mi") == "125Mi");
    CHECK(shm("1500Gi") == "32Gi");
}

TEST_CASE("a job needs an image, and its labels are ours") {
    CHECK(refused([](auto& s) { s.cluster.image = ""; }) == "cluster.image");
    CHECK(refused([](auto& s) { s.metadata.labels["ktrain.dev/job"] = "x"; }) == "metadata.labels[\"ktrain.dev/job\"]");
}

TEST_CASE("amounts of memory must leave something to run with") {
    CHECK(refused([](auto& s) { s.resources.memory = "1500m"; }) == "resources.memory");
    CHECK(refused([](auto& s) { s.resources.memory = "64Mi"; }) == "resources.memory");
    CHECK(refused([](auto& s) { s.resources.memory = "64Mi", s.resources.shm = "8Mi"; }) == "");
}

TEST_CASE("volumes keep clear of the pod's own") {
    const auto mount = [](const std::string& path) {
        return refused([&](auto& s) { s.cluster.volumes.push_back(test::volume("data", path)); });
    };
    CHECK(mount("/data") == "");
    CHECK(mount("/output/deeper") == "");
    CHECK(mount("/dev/shm/x") == "");
    CHECK(refused([](auto& s) {
              s.cluster.volumes.push_back(s.cluster.volumes[0]);
              s.cluster.volumes[1].mount_path = "/x";
          }) == "cluster.volumes[1].size");
    CHECK(refused([](auto& s) { s.cluster.volumes[0].claim = "ktrain-shm"; }) == "cluster.volumes[0].claim");
    CHECK(refused([](auto& s) { s.cluster.volumes.clear(), s.output_dir = "/tmp"; }) == "output_dir");
}

TEST_CASE("a quota smaller than the job is refused, the whole job counted") {
    const auto quota = [](const std::string& key, const std::string& value) {
        return refused([&](auto& s) {
            s.resources.nodes = 2;
            s.resources.gpus_per_node = 1;
            s.cluster.quota[key] = value;
        });
    };
    CHECK(quota("requests.cpu", "8") == "");
    CHECK(quota("requests.cpu", "7999m") == "cluster.quota[\"requests.cpu\"]");
    CHECK(quota("requests.memory", "32Gi") == "");
    CHECK(quota("limits.memory", "31Gi") == "cluster.quota[\"limits.memory\"]");
    CHECK(quota("requests.nvidia.com/gpu", "1") == "cluster.quota[\"requests.nvidia.com/gpu\"]");
    CHECK(quota("requests.storage", "49Gi") == "cluster.quota[\"requests.storage\"]");
    CHECK(quota("pods", "0") == "cluster.quota.pods");
}

TEST_CASE("a named GPU selects its nodes") {
    TrainingSpec spec = good();
    spec.resources.gpus_per_node = 1;
    spec.resources.gpu = "nvidia-a100-80gb";
    CHECK(make_plan(spec).node_selector == StringMap{{"nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB"}});
    spec.cluster.node_selector["nvidia.com/gpu.product"] = "mine";
    CHECK(make_plan(spec).node_selector == StringMap{{"nvidia.com/gpu.product", "mine"}});
    spec.cluster.node_selector.clear();
    spec.resources.gpus_per_node = 0;
    CHECK(make_plan(spec).node_selector.empty());
    const auto on = [](const char* gpu) {
        return [gpu](TrainingSpec& s) { s.model = test::model("llama-2-7b"), s.resources.gpus_per_node = 1, s.resources.gpu = gpu; };
    };
    CHECK(refused(on("a100")) == "resources.gpu");
    CHECK(refused(on("mi300x")) == "resources.gpu");
    CHECK(warned(on("b300")) == Paths{"resources.gpu"});
}

TEST_CASE("what works but is probably not wanted is warned about") {
    CHECK(warned([](auto&) {}).empty());
    CHECK(warned([](auto& s) { s.output_dir = "output"; }) == Paths{"output_dir"});
    CHECK(warned([](auto& s) { s.output_dir = "/outputs/x"; }) == Paths{"output_dir"});
    CHECK(warned([](auto& s) { s.data.dataset_path = "/data/x"; }) == Paths{"data.dataset_path"});
    CHECK(warned([](auto& s) { s.model = test::model("/models/x"); }) == Paths{"model.model_name_or_path"});
    CHECK(warned([](auto& s) { s.model = test::model("llama-2-7b"); }).empty());
    CHECK(warned([](auto& s) { s.resources.nodes = 2; }) == Paths{"resources.nodes", "cluster.volumes[0].access"});
    CHECK(warned([](auto& s) { s.resources.gpus_per_node = 1; }) == Paths{"resources.gpus_per_node"});
    CHECK(warned([](auto& s) {
              s.model = test::model("llama-2-7b"), s.resources.nodes = 2, s.resources.gpus_per_node = 8;
              s.cluster.volumes[0].access = "ReadWriteMany";
          }).empty());
    CHECK(warned([](auto& s) { s.training.momentum = 0.9; }) == Paths{"training.momentum"});
    CHECK(warned([](auto& s) { s.cluster.image = "ktrain"; }) == Paths{"cluster.image"});
    CHECK(warned([](auto& s) { s.cluster.image = "registry:5000/ktrain:latest"; }) == Paths{"cluster.image"});
    CHECK(warned([](auto& s) { s.cluster.image = "registry:5000/ktrain@sha256:0123"; }).empty());
}
