// Properties that the manifests of every plan have.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/yaml.h"
#include "core/manifest/manifest.h"
#include "core/spec/load.h"
#include "tests/support/specs.h"

using namespace ktrain;

namespace {

TrainingSpec spec_with(std::int64_t nodes, std::int64_t gpus) {
    TrainingSpec spec;
    spec.metadata = {.name = "job", .namespace_ = "training", .labels = {{"team", "vision"}}};
    spec.model.type = "simple_cnn";
    spec.output_dir = "/output/x";
    spec.resources.nodes = nodes;
    spec.resources.gpus_per_node = gpus;
    spec.cluster.image = "ktrain:1.0";
    spec.cluster.quota = {{"requests.cpu", "1000"}, {"requests.nvidia.com/gpu", "1000"}};
    spec.cluster.volumes = {test::volume("out", "/output", "1Gi"), test::read_only(test::volume("data", "/data")),
                            test::read_only(test::volume("data", "/more"))};
    spec.cluster.secrets = {{"WANDB_API_KEY", "wandb-secret", "api-key"}};
    return spec;
}

std::vector<TrainingSpec> specs() {
    return {spec_with(1, 1), spec_with(1, 0), spec_with(1, 8), spec_with(3, 0), spec_with(4, 8)};
}

const Object& of_kind(const std::vector<Object>& objects, const std::string& kind) {
    const auto found = std::ranges::find(objects, kind, [](const Object& o) { return string_or(o, "kind"); });
    REQUIRE_MESSAGE(found != objects.end(), kind);
    return *found;
}

std::vector<std::string> kinds_of(const std::vector<Object>& objects) {
    std::vector<std::string> names;
    for (const Object& object : objects) names.push_back(string_or(object, "kind"));
    return names;
}

Object pod_of(const TrainingSpec& spec) {
    return of_kind(render(make_plan(spec)), "Job")["spec"]["template"]["spec"];
}

Object variable(const Object& pod, const std::string& name) {
    for (const Object& entry : pod["containers"][0]["env"])
        if (entry["name"] == name) return entry;
    return nullptr;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("objects come in the order of applying, and only those that are wanted") {
    CHECK(kinds_of(render(make_plan(spec_with(2, 1)))) == Names{"Namespace", "ResourceQuota", "LimitRange",
                                                                "PersistentVolumeClaim", "ServiceAccount", "ConfigMap",
                                                                "Service", "Job"});
    TrainingSpec least = spec_with(1, 0);
    least.metadata.namespace_ = "default";
    least.cluster.quota.clear();
    least.cluster.volumes.clear();
    CHECK(kinds_of(render(make_plan(least))) == Names{"ServiceAccount", "ConfigMap", "Job"});
}

TEST_CASE("the namespace called default is never made") {
    for (const char* name : {"default", "kube-system"}) {
        TrainingSpec spec = spec_with(1, 0);
        spec.metadata.namespace_ = name;
        CHECK(kinds_of(render(make_plan(spec))).front() == "ResourceQuota");
    }
    TrainingSpec spec = spec_with(1, 0);
    spec.cluster.create_namespace = false;
    CHECK(kinds_of(render(make_plan(spec))).front() == "ResourceQuota");
}

TEST_CASE("requests equal limits, and /dev/shm is within the memory") {
    for (const TrainingSpec& spec : specs()) {
        const Object pod = pod_of(spec);
        const Object resources = pod["containers"][0]["resources"];
        CHECK(resources["requests"] == resources["limits"]);
        CHECK(resources["limits"].contains("nvidia.com/gpu") == (spec.resources.gpus_per_node > 0));
        CHECK(pod.contains("tolerations") == (spec.resources.gpus_per_node > 0));
        const auto& shm = pod["volumes"][1];
        CHECK(shm["emptyDir"]["medium"] == "Memory");
        CHECK(Quantity::parse(shm["emptyDir"]["sizeLimit"].get<std::string>()) <
              Quantity::parse(resources["limits"]["memory"].get<std::string>()));
    }
}

TEST_CASE("every mount has its volume, every volume its mount") {
    for (const TrainingSpec& spec : specs()) {
        const Object pod = pod_of(spec);
        std::vector<std::string> mounted, declared;
        for (const Object& mount : pod["containers"][0]["volumeMounts"]) mounted.push_back(mount["name"]);
        for (const Object& volume : pod["volumes"]) declared.push_back(volume["name"]);
        std::ranges::sort(mounted);
        mounted.erase(std::unique(mounted.begin(), mounted.end()), mounted.end());
        std::ranges::sort(declared);
        CHECK(mounted == declared);
        CHECK(std::ranges::adjacent_find(declared) == declared.end());
    }
}

TEST_CASE("several processes learn where they meet") {
    const Object alone = pod_of(spec_with(1, 1));
    CHECK(variable(alone, "MASTER_ADDR") == nullptr);
    CHECK_FALSE(alone.contains("subdomain"));
    const Object one_pod = pod_of(spec_with(1, 8));
    CHECK(variable(one_pod, "MASTER_ADDR")["value"] == "localhost");
    CHECK(variable(one_pod, "PET_NPROC_PER_NODE")["value"] == "8");
    const Object many = pod_of(spec_with(4, 8));
    CHECK(many["subdomain"] == "job");
    CHECK(variable(many, "MASTER_ADDR")["value"] == "job-0.job");
    CHECK(variable(many, "PET_NNODES")["value"] == "4");
    CHECK(variable(many, "PET_NODE_RANK")["valueFrom"]["fieldRef"]["fieldPath"] ==
          "metadata.annotations['batch.kubernetes.io/job-completion-index']");
    const auto objects = render(make_plan(spec_with(4, 8)));
    const Object& service = of_kind(objects, "Service");
    CHECK(service["spec"]["publishNotReadyAddresses"] == true);
    CHECK(service["spec"]["clusterIP"] == "None");
    const Object& labels = of_kind(objects, "Job")["spec"]["template"]["metadata"]["labels"];
    for (const auto& [key, value] : service["spec"]["selector"].items()) CHECK(labels[key] == value);
}

TEST_CASE("the job fails at once on 2 and 3, ignores evictions and counts the rest") {
    const auto objects = render(make_plan(spec_with(1, 1)));
    const Object& job = of_kind(objects, "Job")["spec"];
    const Object& rules = job["podFailurePolicy"]["rules"];
    REQUIRE(rules.size() == 2);
    CHECK(rules[0]["action"] == "Ignore");
    CHECK(rules[0]["onPodConditions"][0]["type"] == "DisruptionTarget");
    CHECK(rules[1]["action"] == "FailJob");
    CHECK(rules[1]["onExitCodes"]["values"] == Json::array({2, 3}));
    CHECK(rules[1]["onExitCodes"]["containerName"] == job["template"]["spec"]["containers"][0]["name"]);
    CHECK(job["template"]["spec"]["restartPolicy"] == "Never");
    CHECK(job["podReplacementPolicy"] == "Failed");
}

TEST_CASE("labels tell what belongs to the job, and nothing shared says so") {
    for (const Object& object : render(make_plan(spec_with(2, 1)))) {
        const Object& labels = object["metadata"]["labels"];
        CHECK(labels["team"] == "vision");
        CHECK(labels["app.kubernetes.io/managed-by"] == "ktrain");
        CHECK(labels.contains(label_job) == (ownership(object) != Ownership::shared));
        CHECK(object["metadata"].contains("namespace") == (object["kind"] != "Namespace"));
    }
    CHECK_THROWS_AS(ownership({{"kind", "Secret"}}), Error);
}

TEST_CASE("the ConfigMap holds the resolved spec and can never change") {
    const TrainingSpec spec = spec_with(1, 1);
    const auto objects = render(make_plan(spec));
    const Object& config = of_kind(objects, "ConfigMap");
    CHECK(config["immutable"] == true);
    CHECK(yaml::to_json(yaml::parse_one(config["data"]["spec.yaml"].get<std::string>(), "spec.yaml")) ==
          spec::to_json(make_plan(spec).spec));
    CHECK(pod_of(spec)["volumes"][0]["configMap"]["name"] == config["metadata"]["name"]);
}

TEST_CASE("secrets come by reference") {
    const Object reference = variable(pod_of(spec_with(1, 1)), "WANDB_API_KEY")["valueFrom"]["secretKeyRef"];
    CHECK(reference == Json{{"name", "wandb-secret"}, {"key", "api-key"}});
}

TEST_CASE("a variable of the user replaces ours") {
    TrainingSpec spec = spec_with(1, 1);
    CHECK(variable(pod_of(spec), "OMP_NUM_THREADS")["value"] == "2");
    spec.cluster.env["OMP_NUM_THREADS"] = "7";
    const Object pod = pod_of(spec);
    CHECK(std::ranges::count(pod["containers"][0]["env"], "OMP_NUM_THREADS",
                             [](const Object& e) { return e["name"]; }) == 1);
    CHECK(variable(pod, "OMP_NUM_THREADS")["value"] == "7");
}

TEST_CASE("a folder without a volume is made for the output") {
    TrainingSpec spec = spec_with(1, 1);
    spec.cluster.volumes.clear();
    spec.output_dir = "runs/one";
    const Object container = pod_of(spec)["containers"][0];
    CHECK(container["workingDir"] == "/workspace");
    CHECK(container["volumeMounts"].back() == Json{{"name", "ktrain-output"}, {"mountPath", "/workspace/runs/one"}});
}
