// GPUs of nodes: what they have, what pods ask for, what is free.
#include <doctest/doctest.h>

#include "core/kube/node_gpus.h"

using namespace ktrain;
using namespace ktrain::kube;

TEST_CASE("node GPUs: requests of pods that run, init containers included, and nodes that take no more") {
    const std::vector<Json> nodes{
        Json::parse(R"({"metadata":{"name":"a","labels":{"nvidia.com/gpu.product":"H100"}},"status":{"allocatable":
            {"nvidia.com/gpu":"8","rdma/hca":"4","cpu":"64"},"conditions":[{"type":"Ready","status":"True"}]}})"),
        Json::parse(R"({"metadata":{"name":"b"},"spec":{"unschedulable":true},"status":{"allocatable":
            {"nvidia.com/gpu":4},"conditions":[{"type":"Ready","status":"True"}]}})"),
        Json::parse(R"({"metadata":{"name":"c"},"status":{"allocatable":{"cpu":"64","nvidia.com/gpu":"0"}}})")};
    const std::vector<Json> pods{
        Json::parse(
            R"({"spec":{"nodeName":"a","containers":[{"resources":{"limits":{"nvidia.com/gpu":"2"}}},{"resources":
            {"limits":{"nvidia.com/gpu":"1"}}}],"initContainers":[{"resources":{"limits":{"nvidia.com/gpu":"5"}}}]},
            "status":{"phase":"Running"}})"),
        Json::parse(R"({"spec":{"nodeName":"a","containers":[{"resources":{"limits":{"nvidia.com/gpu":"2"}}}]},
            "status":{"phase":"Succeeded"}})"),
        Json::parse(R"({"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"2"}}}]}})"), Json("x")};
    const auto rows = node_gpus(nodes, pods);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].node == "b");
    CHECK(rows[0].free() == 0);
    CHECK(rows[0].status == "Ready,SchedulingDisabled");
    CHECK(rows[1].product == "H100");
    CHECK(rows[1].allocatable == 8);
    CHECK(rows[1].requested == 5);
    CHECK(rows[1].free() == 3);
}
