// What a pod asks for: containers, sidecars, init containers, the pod as a whole, and its overhead.
#include <doctest/doctest.h>

#include "core/kube/node_gpus.h"
#include "core/kube/pod_resources.h"
#include "core/kube/quota.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

std::string text(const Amounts& amounts) {
    std::string out;
    for (const auto& [name, amount] : amounts) out += (out.empty() ? "" : ", ") + name + " " + amount.text();
    return out;
}

struct Case {
    const char *what, *spec, *requests, *limits;
};

// As component-helpers' PodRequests and PodLimits count them.
constexpr Case cases[] = {
    {"nothing", R"({"containers":[{}]})", "", ""},
    {"no pod", R"("x")", "", ""},
    {"containers together; a limit stands for a request", R"({"containers":[
      {"resources":{"requests":{"cpu":"1"},"limits":{"cpu":"2","nvidia.com/gpu":"1"}}},
      {"resources":{"limits":{"cpu":"3","nvidia.com/gpu":"1"}}}]})",
     "cpu 4, nvidia.com/gpu 2", "cpu 5, nvidia.com/gpu 2"},
    {"the largest init container, where that is more", R"({"containers":[{"resources":{"limits":{"cpu":"2"}}}],
      "initContainers":[{"resources":{"limits":{"cpu":"3"}}},{"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]})",
     "cpu 3, memory 1Gi", "cpu 3, memory 1Gi"},
    {"a sidecar runs beside the containers", R"({"containers":[{"resources":{"limits":{"nvidia.com/gpu":"4"}}}],
      "initContainers":[{"restartPolicy":"Always","resources":{"limits":{"nvidia.com/gpu":"4"}}}]})",
     "nvidia.com/gpu 8", "nvidia.com/gpu 8"},
    {"an init container runs beside the sidecars before it only",
     R"({"containers":[{"resources":{"limits":{"cpu":"1"}}}],
      "initContainers":[{"restartPolicy":"Always","resources":{"limits":{"cpu":"2"}}},
      {"resources":{"limits":{"cpu":"8"}}},{"restartPolicy":"Always","resources":{"limits":{"cpu":"4"}}}]})",
     "cpu 10", "cpu 10"},
    {"what the pod asks for as a whole", R"({"resources":{"requests":{"cpu":"6","nvidia.com/gpu":"9"},"limits":{
      "cpu":"7"}},"containers":[{"resources":{"limits":{"cpu":"1","nvidia.com/gpu":"1"}}}]})",
     "cpu 6, nvidia.com/gpu 1", "cpu 7, nvidia.com/gpu 1"},
    {"a limit of the pod stands for what no container asks for", R"({"resources":{"limits":{"cpu":"7","memory":"2Gi"}},
      "containers":[{"resources":{"requests":{"cpu":"1"}}}]})",
     "cpu 1, memory 2Gi", "cpu 7, memory 2Gi"},
    {"overhead adds to limits that there are", R"({"overhead":{"cpu":"250m","memory":"1Gi"},
      "containers":[{"resources":{"limits":{"cpu":"1"}}}]})",
     "cpu 1250m, memory 1Gi", "cpu 1250m"},
};

}  // namespace

TEST_CASE("pod resources: what the parts of a pod ask for together") {
    for (const Case& one : cases) {
        CAPTURE(one.what);
        CHECK(text(pod_requests(Json::parse(one.spec))) == one.requests);
        CHECK(text(pod_limits(Json::parse(one.spec))) == one.limits);
    }
}

TEST_CASE("pod resources: quotas and nodes count sidecars") {
    const Json spec = Json::parse(cases[4].spec);
    const auto findings =
        check_quotas({{spec, 1}}, "count/jobs.batch",
                     {Json::parse(R"({"metadata":{"name":"q"},"spec":{"hard":{"requests.nvidia.com/gpu":
                                           "6"}}})")});
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].message == "the job needs 8 requests.nvidia.com/gpu, quota \"q\" allows 6");
    Json pod{{"spec", spec}};
    pod["spec"]["nodeName"] = "a";
    const auto rows =
        node_gpus({Json::parse(R"({"metadata":{"name":"a"},"status":{"allocatable":{"nvidia.com/gpu":"8"}}})")}, {pod});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].requested == 8);
}
