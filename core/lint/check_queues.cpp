// KQ505 to KQ507: queues of Kueue, priorities, and the limits of node pools.
#include <algorithm>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/spaces.h"
#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

constexpr const char* queue_label = "kueue.x-k8s.io/queue-name";

// Moves the label to the object; its value is that of the first template.
void add_label(const Object& object, const Spot& label, Diagnostic& finding) {
    const Spot metadata = object.root["metadata"];
    const std::string value(label.text());
    finding.changes = {{Change::Kind::remove, label.path, "", nullptr}};
    if (metadata["labels"]) {
        finding.changes.push_back({Change::Kind::add, metadata["labels"].path, queue_label, value});
    } else if (metadata) {
        finding.changes.push_back({Change::Kind::add, metadata.path, "labels", {{queue_label, value}}});
    }
}

void check_queue_label(const Object& object, const Workload& workload, Findings& findings) {
    const Spot metadata = object.root["metadata"];
    if (metadata["labels"][queue_label]) return;
    if (const Spot note = metadata["annotations"][queue_label]) {
        add_label(object, note,
                  findings.add("KQ505", note.key_place(), "Kueue reads the queue from a label, not from an annotation",
                               "write it under metadata.labels"));
        return;
    }
    if (!workload.batch() || object.kind == "Workflow") return;  // pods of services may be queued one by one
    for (const PodGroup& group : workload.groups) {
        const Spot label = group.metadata["labels"][queue_label];
        if (!label) continue;
        add_label(object, label,
                  findings.add("KQ505", label.key_place(),
                               "the queue is named on the pods: Kueue looks for it on the " + object.kind,
                               "write it under metadata.labels of the " + object.kind));
        return;
    }
}

// Kueue suspends what it queues and starts it when there is room.
void check_suspend(const Object& object, Findings& findings) {
    if (!object.root["metadata"]["labels"][queue_label]) return;
    if (object.kind == "Workflow") {
        findings.add("KQ505", object.root["metadata"]["labels"][queue_label].key_place(),
                     "Kueue does not queue a Workflow: this label does nothing",
                     "name the queue on its pods: spec.podMetadata.labels");
        return;
    }
    for (const Spot& spec : {object.root["spec"], object.root["spec"]["runPolicy"]}) {
        const Spot suspend = spec["suspend"];
        if (!suspend.is(yaml::Kind::boolean) || Value(suspend).truth()) continue;
        findings
            .add("KQ505", suspend.key_place(),
                 "suspend: false fights Kueue, which suspends the job until there is room for it",
                 "remove it: each kubectl apply would start the job around the queue")
            .changes = {{Change::Kind::remove, suspend.path, "", nullptr}};
    }
}

bool outlives_pod(const PodGroup& group) {
    for (const Spot& volume : group.volumes.items()) {
        for (const char* lasting : {"persistentVolumeClaim", "nfs", "csi", "hostPath", "cephfs", "azureFile"}) {
            if (volume[lasting]) return true;
        }
    }
    return false;
}

// Whether others of the bundle may take the place of a pod of the class.
bool is_preemptible(const Bundle& bundle, std::string_view name) {
    const Match match = bundle.index.find("PriorityClass", "", name);
    const std::string word = lower(name);
    if (match.object == nullptr)
        return word.find("preempt") != std::string::npos || word.find("spot") != std::string::npos;
    const std::int64_t own = Value(match.object->root)["value"].number().value_or(0);
    return own < 0 || std::ranges::any_of(bundle.index.all("PriorityClass"), [&](const Object* other) {
               const Value root(other->root);
               return root["preemptionPolicy"].text() != "Never" && root["value"].number().value_or(0) > own;
           });
}

bool has_standard_class(const Bundle& bundle) {
    return std::ranges::any_of(bundle.index.all("PriorityClass"),
                               [](const Object* one) { return Value(one->root)["globalDefault"].truth(); });
}

void check_priority(const Object& object, const Bundle& bundle, const Workload& workload, Findings& findings) {
    if (!workload.is_training() || object.root["metadata"]["labels"]["kueue.x-k8s.io/priority-class"]) return;
    for (const PodGroup& group : workload.groups) {
        if (!group.spec || group.argo) continue;
        const Spot name = group.spec["priorityClassName"];
        if (name && !name.text().empty()) {
            if (!is_preemptible(bundle, name.text()) || outlives_pod(group)) continue;
            findings.add("KQ506", name.place(),
                         "pods of the class " + shown(name.text()) +
                             " make room for others, and no volume of theirs keeps what they have done",
                         "write checkpoints to a PersistentVolumeClaim and resume from them", Severity::warning);
            return;
        }
        if (group.spec["priority"] || bundle.index.all("PriorityClass").empty() || has_standard_class(bundle)) continue;
        findings.add("KQ506", group.spec["priorityClassName"].place(),
                     "the files define priorities, and this job names none: it makes room for all that do",
                     "set priorityClassName in the pod's spec", Severity::info);
        return;
    }
}

std::optional<Quantity> device_limit(const Object& pool) {
    for (const yaml::Entry& limit : Value(pool.root)["spec"]["limits"].members()) {
        if (is_gpu_resource(limit.key.text)) return quantity_at(limit.value);
    }
    return std::nullopt;
}

void check_pool(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    if (spec["replicas"] || !spec[std::string_view("limits")].members().empty()) return;
    findings.add("KQ507", spec["limits"].place(),
                 "this NodePool has no limits: a mistake may start any number of nodes",
                 "set limits, such as nvidia.com/gpu: 32");
}

// A job that needs more GPUs than all pools of the bundle may have.
void check_pools(const Object& object, const Bundle& bundle, const Workload& workload, Findings& findings) {
    const auto pools = bundle.index.all("NodePool");
    if (pools.empty() || !workload.batch() || workload.gpus() == 0) return;
    Quantity sum;
    for (const Object* pool : pools) {
        const auto limit = device_limit(*pool);
        if (!limit) return;  // as many as it likes
        sum = sum + *limit;
    }
    if (Quantity::of_units(workload.gpus()) <= sum) return;
    findings.add("KQ507", object.root["metadata"]["name"].place(),
                 "the " + object.kind + " wants " + std::to_string(workload.gpus()) +
                     " GPUs, the limits of the NodePools allow " + sum.text(),
                 "raise limits of a NodePool, or use fewer GPUs");
}

}  // namespace

void check_queues(const Object& object, const Bundle& bundle, Findings& findings) {
    if (!object.schema) return;
    if (object.kind == "NodePool" && object.api_version.starts_with("karpenter.sh/")) check_pool(object, findings);
    if (object.templates.empty()) return;
    const Workload& workload = workload_of(object, bundle);
    check_queue_label(object, workload, findings);
    check_suspend(object, findings);
    check_priority(object, bundle, workload, findings);
    check_pools(object, bundle, workload, findings);
}

}  // namespace ktrain::lint
