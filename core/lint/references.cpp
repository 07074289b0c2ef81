// Finds the references of an object, and the names that need no object in the bundle.
#include "core/lint/references.h"

#include <algorithm>
#include <array>

namespace ktrain::lint {
namespace {

using yaml::Kind;

class Collector {
public:
    explicit Collector(std::vector<Reference>& into) : into_(into) {}

    void add(std::string_view kind, Value name, Value key = {}, bool optional = false) {
        const std::string_view text = name.text();
        if (text.empty() || text.find("{{") != std::string_view::npos || text.find("$(") != std::string_view::npos)
            return;
        into_.push_back({kind, name, key, optional});
    }

    void pod(Value spec) {
        volumes(spec["volumes"]);
        for (const yaml::Node& secret : spec["imagePullSecrets"].items()) add("Secret", Value(secret)["name"]);
        add("ServiceAccount", spec["serviceAccountName"]);
        add("PriorityClass", spec["priorityClassName"]);
        add("RuntimeClass", spec["runtimeClassName"]);
    }

    void container(Value container) {
        for (const yaml::Node& variable : container["env"].items()) {
            const Value from = Value(variable)["valueFrom"];
            for (const auto& [field, kind] : {std::pair{"secretKeyRef", "Secret"}, {"configMapKeyRef", "ConfigMap"}}) {
                const Value source = from[field];
                add(kind, source["name"], source["key"], source["optional"].truth());
            }
        }
        for (const yaml::Node& from : container["envFrom"].items()) {
            for (const auto& [field, kind] : {std::pair{"secretRef", "Secret"}, {"configMapRef", "ConfigMap"}}) {
                const Value source = Value(from)[field];
                add(kind, source["name"], {}, source["optional"].truth());
            }
        }
    }

    void volumes(Value list) {
        for (const yaml::Node& node : list.items()) {
            const Value volume(node);
            add("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]);
            files("ConfigMap", volume["configMap"], "name");
            files("Secret", volume["secret"], "secretName");
            add("Secret", volume["csi"]["nodePublishSecretRef"]["name"]);
            add("StorageClass", volume["ephemeral"]["volumeClaimTemplate"]["spec"]["storageClassName"]);
            for (const yaml::Node& source : volume["projected"]["sources"].items()) {
                files("ConfigMap", Value(source)["configMap"], "name");
                files("Secret", Value(source)["secret"], "name");
            }
        }
    }

    void claims(Value list) {
        for (const yaml::Node& claim : list.items()) add("StorageClass", Value(claim)["spec"]["storageClassName"]);
    }

private:
    void files(std::string_view kind, Value source, std::string_view name) {
        if (!source) return;
        const bool optional = source["optional"].truth();
        const std::span<const yaml::Node> items = source["items"].items();
        if (items.empty()) add(kind, source[name], {}, optional);
        for (const yaml::Node& item : items) add(kind, source[name], Value(item)["key"], optional);
    }

    std::vector<Reference>& into_;
};

void queue_names(const Object& object, Collector& collector) {
    const Value labels = Value(object.root)["metadata"]["labels"];
    collector.add("LocalQueue", labels["kueue.x-k8s.io/queue-name"]);
    collector.add("WorkloadPriorityClass", labels["kueue.x-k8s.io/priority-class"]);
}

void custom(const Object& object, Collector& collector) {
    const Value spec = Value(object.root)["spec"];
    if (object.kind == "LocalQueue") collector.add("ClusterQueue", spec["clusterQueue"]);
    if (object.kind == "ClusterQueue") {
        for (const yaml::Node& group : spec["resourceGroups"].items()) {
            for (const yaml::Node& flavor : Value(group)["flavors"].items())
                collector.add("ResourceFlavor", Value(flavor)["name"]);
        }
    }
    if (object.kind == "NodePool") {
        const Value node = spec["template"]["spec"]["nodeClassRef"];
        if (node["kind"].text() == "EC2NodeClass") collector.add("EC2NodeClass", node["name"]);
    }
    for (const yaml::Node& policy : spec["volumeClaimPolicies"].items())
        if (object.kind == "JobSet") collector.claims(Value(policy)["templates"]);
    if (object.kind == "TrainJob") {
        const bool own = spec["runtimeRef"]["kind"].text() == "TrainingRuntime";
        collector.add(own ? "TrainingRuntime" : "ClusterTrainingRuntime", spec["runtimeRef"]["name"]);
    }
    if (object.kind == "Workflow") {
        collector.volumes(spec["volumes"]);
        collector.claims(spec["volumeClaimTemplates"]);
        collector.add("ServiceAccount", spec["serviceAccountName"]);
    }
}

struct WellKnown {
    std::string_view kind;
    std::string_view name;
};

// What Kubernetes makes by itself, and what clouds and common operators come with.
constexpr std::array well_known{
    WellKnown{"ClusterTrainingRuntime", "deepspeed-distributed"},
    WellKnown{"ClusterTrainingRuntime", "jax-distributed"},
    WellKnown{"ClusterTrainingRuntime", "mlx-distributed"},
    WellKnown{"ClusterTrainingRuntime", "torch-distributed"},
    WellKnown{"ClusterTrainingRuntime", "torch-distributed-with-cache"},
    WellKnown{"ClusterTrainingRuntime", "torchtune-llama3.2-1b"},
    WellKnown{"ClusterTrainingRuntime", "torchtune-llama3.2-3b"},
    WellKnown{"ClusterTrainingRuntime", "torchtune-qwen2.5-1.5b"},
    WellKnown{"ClusterTrainingRuntime", "xgboost-distributed"},
    WellKnown{"ConfigMap", "kube-root-ca.crt"},
    WellKnown{"ConfigMap", "openshift-service-ca.crt"},
    WellKnown{"Namespace", "default"},
    WellKnown{"Namespace", "kube-node-lease"},
    WellKnown{"Namespace", "kube-public"},
    WellKnown{"Namespace", "kube-system"},
    WellKnown{"PriorityClass", "system-cluster-critical"},
    WellKnown{"PriorityClass", "system-node-critical"},
    WellKnown{"RuntimeClass", "nvidia"},
    WellKnown{"ServiceAccount", "default"},
    WellKnown{"StorageClass", "default"},
    WellKnown{"StorageClass", "gp2"},
    WellKnown{"StorageClass", "gp3"},
    WellKnown{"StorageClass", "hostpath"},
    WellKnown{"StorageClass", "local-path"},
    WellKnown{"StorageClass", "managed-csi"},
    WellKnown{"StorageClass", "managed-csi-premium"},
    WellKnown{"StorageClass", "managed-premium"},
    WellKnown{"StorageClass", "premium-rwo"},
    WellKnown{"StorageClass", "standard"},
    WellKnown{"StorageClass", "standard-rwo"},
};

}  // namespace

std::vector<Reference> references_of(const Object& object) {
    std::vector<Reference> references;
    if (!object.schema) return references;
    Collector collector(references);
    for (const PodTemplate& pod : object.templates) {
        collector.pod(Value(pod.spec));
        for (Value container : containers_of(pod)) collector.container(container);
    }
    const Value spec = Value(object.root)["spec"];
    if (object.kind == "PersistentVolumeClaim") collector.add("StorageClass", spec["storageClassName"]);
    if (object.kind == "StatefulSet") collector.claims(spec["volumeClaimTemplates"]);
    if (object.kind != "LocalQueue") queue_names(object, collector);
    if (makes_pods_later(object)) custom(object, collector);
    return references;
}

std::vector<Value> containers_of(const PodTemplate& pod) {
    std::vector<Value> result;
    const Value spec(pod.spec);
    const auto add = [&](Value list) {
        for (const yaml::Node& node : list.items()) {
            if (node.kind == Kind::mapping) result.emplace_back(node);
        }
    };
    if (pod.argo) {
        for (const char* one : {"container", "script"}) {
            if (const Value container = spec[one]; container.is(Kind::mapping)) result.push_back(container);
        }
        add(spec["containerSet"]["containers"]);
        add(spec["sidecars"]);
    } else {
        add(spec["containers"]);
    }
    add(spec["initContainers"]);
    return result;
}

bool has_gpu(const PodTemplate& pod) {
    for (Value container : containers_of(pod)) {
        for (const yaml::Entry& limit : container["resources"]["limits"].members()) {
            if (is_gpu_resource(limit.key.text)) return true;
        }
    }
    return false;
}

bool is_well_known(std::string_view kind, std::string_view name) {
    return std::any_of(well_known.begin(), well_known.end(),
                       [&](const WellKnown& one) { return one.kind == kind && one.name == name; });
}

}  // namespace ktrain::lint
