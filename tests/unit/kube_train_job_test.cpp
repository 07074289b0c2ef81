// The pods of a TrainJob: its own words, those of its runtime, and what decides on their nodes.
#include <doctest/doctest.h>

#include "core/kube/pod_resources.h"
#include "core/kube/train_job.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

const Json runtime = Json::parse(R"({"kind":"ClusterTrainingRuntime","spec":{"mlPolicy":{"numNodes":2},"template":{
    "spec":{"replicatedJobs":[
    {"name":"dataset-initializer","template":{"spec":{"template":{"spec":{"containers":[{"name":"d"}]}}}}},
    {"name":"node","template":{"spec":{"template":{"spec":{"nodeSelector":{"zone":"a"},"containers":[
      {"name":"node","resources":{"limits":{"nvidia.com/gpu":"4"}}},{"name":"side"}]}}}}}]}}}})");

Quantity gpus(const PodCount& some) {
    return pod_requests(some.spec)["nvidia.com/gpu"];
}

}  // namespace

TEST_CASE("train job: nodes and resources of the runtime, unless it says its own") {
    auto pods = pods_of_train_job(Json::parse(R"({"spec":{"runtimeRef":{"name":"torch"}}})"), runtime);
    REQUIRE(pods.size() == 1);
    CHECK(pods[0].count == 2);
    CHECK(gpus(pods[0]) == Quantity::of_units(4));
    pods = pods_of_train_job(
        Json::parse(R"({"spec":{"trainer":{"numNodes":3,"resourcesPerNode":{"limits":{"nvidia.com/gpu":8}}}}})"),
        runtime);
    REQUIRE(pods.size() == 1);
    CHECK(pods[0].count == 3);
    CHECK(gpus(pods[0]) == Quantity::of_units(8));
    CHECK(at_path(pods[0].spec, {"containers"}).size() == 2);
}

TEST_CASE("train job: without its runtime it is what it says itself, or nothing") {
    const auto pods = pods_of_train_job(
        Json::parse(R"({"spec":{"trainer":{"numNodes":3,"resourcesPerNode":{"limits":{"nvidia.com/gpu":8}}}}})"), {});
    REQUIRE(pods.size() == 1);
    CHECK(pods[0].count == 3);
    CHECK(gpus(pods[0]) == Quantity::of_units(8));
    CHECK(pods_of_train_job(Json::parse(R"({"spec":{}})"), {}).empty());
}

TEST_CASE("train job: an MPI launcher that is a node itself is one of them") {
    Json mpi = runtime;
    mpi["spec"]["mlPolicy"]["mpi"]["runLauncherAsNode"] = true;
    Json launcher = mpi["spec"]["template"]["spec"]["replicatedJobs"][1];
    launcher["name"] = "launcher";
    mpi["spec"]["template"]["spec"]["replicatedJobs"][0] = launcher;
    const auto pods = pods_of_train_job(Json::parse(R"({"spec":{"trainer":{"numNodes":4}}})"), mpi);
    REQUIRE(pods.size() == 2);
    CHECK(pods[0].count == 1);
    CHECK(pods[1].count == 3);
}

TEST_CASE("train job: what it says of the nodes of its pods counts, in each form that the API has had") {
    for (
        const char* form :
        {R"({"podSpecOverrides":[{"targetJobs":[{"name":"node"}],"nodeSelector":{"gpu":"h100"},"tolerations":[{"key":"k"}]}]})",
         R"({"podTemplateOverrides":[{"targetJobs":[{"name":"node"}],"spec":{"nodeSelector":{"gpu":"h100"},
              "tolerations":[{"key":"k"}]}}]})",
         R"({"runtimePatches":[{"manager":"m","trainingRuntimeSpec":{"template":{"spec":{"replicatedJobs":[{"name":"node",
              "template":{"spec":{"template":{"spec":{"nodeSelector":{"gpu":"h100"},"tolerations":[{"key":"k"}]}}}}}]}}}}]})"}) {
        CAPTURE(form);
        const auto pods = pods_of_train_job(Json{{"spec", Json::parse(form)}}, runtime);
        REQUIRE(pods.size() == 1);
        CHECK(pods[0].spec["nodeSelector"] == Json{{"zone", "a"}, {"gpu", "h100"}});
        CHECK(pods[0].spec["tolerations"].size() == 1);
    }
}
