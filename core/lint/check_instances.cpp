// KC802 and KC803: lists of instances, and nodes that stay when nobody uses them.
#include <algorithm>

#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/instances.h"
#include "core/lint/references.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

constexpr std::array<std::string_view, 4> choices{"karpenter.k8s.aws/instance-family",
                                                  "karpenter.k8s.aws/instance-gpu-name",
                                                  "node.kubernetes.io/instance-type", "nvidia.com/gpu.product"};

void check_list(const Object& object, Value expression, Findings& findings) {
    const std::string_view key = expression["key"].text();
    if (expression["operator"].text() != "In" || std::ranges::find(choices, key) == choices.end()) return;
    std::optional<InstanceGpu> first;
    std::string_view first_name;
    for (const yaml::Node& node : expression["values"].items()) {
        const std::string_view name = Value(node).text();
        const auto gpu = gpu_of(name);
        if (!gpu) continue;
        if (!first) {
            first = gpu;
            first_name = name;
            continue;
        }
        if (gpu->memory == first->memory && gpu->bf16 == first->bf16) continue;
        const auto about = [](const InstanceGpu& one) {
            return with_article(one.name) + ", " + human_gib(static_cast<std::uint64_t>(one.memory)) +
                   (one.bf16 ? "" : ", no bfloat16");
        };
        findings.add("KC802", locate(object, Value(node)).place(),
                     shown(first_name) + " has " + about(*first) + ", " + shown(name) + ' ' + about(*gpu) +
                         ": what runs on one may fail on the other",
                     "list instances with GPUs of one kind");
        return;
    }
}

void check_idle(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    if (spec["replicas"]) return;
    const Spot after = spec["disruption"]["consolidateAfter"];
    if (after && after.text() != "Never") return;
    if (!after && spec["disruption"]) return;  // KT008
    findings.add("KC803", after ? after.place() : spec["disruption"].key_place(),
                 after ? "consolidateAfter: Never keeps empty nodes, which are billed"
                       : "the NodePool does not say when empty nodes go, nor that nodes in use stay",
                 "set disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s}");
}

}  // namespace

void check_instances(const Object& object, const Bundle&, Findings& findings) {
    if (object.schema && object.kind == "NodePool" && object.api_version.starts_with("karpenter.sh/")) {
        const Value requirements = Value(object.root)["spec"]["template"]["spec"]["requirements"];
        for (const yaml::Node& one : requirements.items()) check_list(object, one, findings);
        check_idle(object, findings);
    }
    for (const PodTemplate& pod : object.templates) {
        if (!has_gpu(pod) && Value(pod.spec)["resourceClaims"].items().empty()) continue;  // an agent of its nodes
        const Value affinity = Value(pod.spec)["affinity"]["nodeAffinity"];
        const Value required = affinity["requiredDuringSchedulingIgnoredDuringExecution"];
        for (const yaml::Node& term : required["nodeSelectorTerms"].items()) {
            for (const yaml::Node& one : Value(term)["matchExpressions"].items()) check_list(object, one, findings);
        }
    }
}

}  // namespace ktrain::lint
