// Whether a cluster's nodes have room for a job, and the first reason why not.
#include <doctest/doctest.h>

#include "core/advice/room.h"

using namespace ktrain;
using namespace ktrain::advice;

namespace {

Json node(const std::string& product, int gpus, const Json& taints = Json::array()) {
    return {{"metadata", {{"name", product}, {"labels", {{"gpu", product}}}}},
            {"spec", {{"taints", taints}}},
            {"status", {{"allocatable", {{"cpu", "64"}, {"nvidia.com/gpu", std::to_string(gpus)}, {"pods", "110"}}}}}};
}

PodShare pods(std::int64_t count, const std::string& gpus, const Json& more = Json::object()) {
    Json spec{{"containers", Json::array({{{"resources", {{"limits", {{"nvidia.com/gpu", gpus}}}}}}})}};
    spec.merge_patch(more);
    return {{{"spec", spec}}, count};
}

std::string said(const std::vector<PodShare>& shares, const std::vector<Json>& nodes) {
    const auto shortage = lacks_room(shares, nodes);
    if (shortage) CHECK(!shortage->remedy.empty());
    return shortage ? shortage->message : "";
}

}  // namespace

TEST_CASE("room: all pods together, on nodes that may take them") {
    const std::vector<Json> nodes{node("A", 8), node("A", 8), node("B", 4)};
    CHECK(said({pods(2, "8")}, nodes) == "");
    CHECK(said({pods(3, "8")}, nodes) ==
          "the nodes that the pods may use have room for 2 of 3 of them, even when empty");
    CHECK(said({pods(5, "4")}, nodes) == "");
    CHECK(said({pods(1, "8"), pods(3, "4")}, nodes) == "");
    CHECK(said({pods(1, "8"), pods(4, "4")}, nodes) != "");
    CHECK(said({pods(1, "9")}, nodes) == "a pod asks for 9 nvidia.com/gpu, and the largest node that it may use has 8");
    CHECK(said({pods(1, "1", {{"nodeSelector", {{"gpu", "H"}}}})}, nodes) ==
          "the pods need a node with gpu=H (nodes have A, B)");
    CHECK(said({pods(1, "8", {{"nodeSelector", {{"gpu", "B"}}}})}, nodes) ==
          "a pod asks for 8 nvidia.com/gpu, and the largest node that it may use has 4");
    CHECK(said({pods(1, "1")}, {}) == "the cluster has no node");
    CHECK(said({pods(1, "1")}, {node("A", 0)}) ==
          "a pod asks for 1 nvidia.com/gpu, which no node that it may use offers");
}

TEST_CASE("room: taints count") {
    const Json taint{{"key", "gpu"}, {"value", "yes"}, {"effect", "NoSchedule"}};
    const std::vector<Json> nodes{node("A", 8, Json::array({taint}))};
    CHECK(said({pods(1, "1")}, nodes) ==
          "every node that the pods may use has a taint that they do not tolerate: gpu=yes:NoSchedule");
    CHECK(said({pods(1, "1", {{"tolerations", Json::array({{{"key", "gpu"}, {"operator", "Exists"}}})}})}, nodes) ==
          "");
}

TEST_CASE("room: the commands of a remedy reach the same cluster") {
    const auto remedy = [](const PodShare& share) {
        return lacks_room({share}, {node("A", 0), node("B", 0)}, " --context gpus")->remedy;
    };
    CHECK(remedy(pods(1, "1", {{"nodeSelector", {{"gpu", "H"}}}})).ends_with(" --show-labels --context gpus"));
    CHECK(remedy(pods(1, "1")).starts_with("ask for what the nodes have: ktrain top --context gpus; "));
}
