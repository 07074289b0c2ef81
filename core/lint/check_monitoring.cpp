// KM701 and KM702: monitors that select nothing, and the exporter of GPU metrics; and Services without pods (KT013).
#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/lint/label_index.h"
#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

// The namespaces that a monitor looks into; none: all of them.
std::vector<std::string_view> spaces_of(const Object& object) {
    const Value chosen = Value(object.root)["spec"]["namespaceSelector"];
    if (chosen["any"].truth()) return {};
    std::vector<std::string_view> names;
    for (const yaml::Node& name : chosen["matchNames"].items()) names.push_back(Value(name).text());
    if (names.empty()) names.push_back(space_of(object));
    return names;
}

std::set<std::string> port_names(const std::vector<Labelled>& selected) {
    std::set<std::string> names;
    for (const Labelled& one : selected) {
        const auto add = [&](Value ports) {
            for (const yaml::Node& port : ports.items()) names.emplace(Value(port)["name"].text());
        };
        if (one.pod == nullptr) {
            add(Value(one.object->root)["spec"]["ports"]);
        } else {
            for (Value container : containers_of(*one.pod)) add(container["ports"]);
        }
    }
    return names;
}

struct Monitor {
    std::string_view kind;
    const char* endpoints;
    const char* target;
};

constexpr std::array monitors{
    Monitor{"PodMonitor", "podMetricsEndpoints", "pods"},
    Monitor{"ServiceMonitor", "endpoints", "Service"},
};

void check_ports(const Object& object, const Monitor& monitor, const std::vector<Labelled>& selected,
                 Findings& findings) {
    const std::set<std::string> names = port_names(selected);
    for (const Spot& endpoint : object.root["spec"][monitor.endpoints].items()) {
        const Spot port = endpoint["port"];
        if (port.text().empty() || names.contains(std::string(port.text()))) continue;
        std::vector<std::string> known(names.begin(), names.end());
        std::erase(known, "");
        const std::string near = nearest(port.text(), known);
        findings.add("KM701", port.place(),
                     "what the monitor selects has no port " + shown(port.text()) +
                         (names.contains("") ? ": it has ports without a name" : ""),
                     !near.empty()   ? "did you mean '" + near + "'?"
                     : known.empty() ? "give the port there a name: a monitor finds it by nothing else"
                                     : "use one of " + brief(join(known, ", "), 120));
    }
}

// The containers behind what the monitor selects; none where the files do not hold them all.
std::vector<Value> containers_behind(const Bundle& bundle, const std::vector<Labelled>& selected) {
    std::vector<Value> found;
    const auto add = [&](const PodTemplate& pod) {
        for (Value container : containers_of(pod)) found.push_back(container);
    };
    for (const Labelled& one : selected) {
        if (one.pod != nullptr) {
            add(*one.pod);
            continue;
        }
        const Value labels = Value(one.object->root)["spec"]["selector"];
        if (labels.members().empty()) return {};
        for (const Labelled& pod : bundle.labels->pods_of_service(labels, space_of(*one.object))) add(*pod.pod);
    }
    return found;
}

// A port of the pods by its name: by its number a container may listen on ports that it does not list.
void check_target_ports(const Object& object, const Bundle& bundle, const Monitor& monitor,
                        const std::vector<Labelled>& selected, Findings& findings) {
    for (const Spot& endpoint : object.root["spec"][monitor.endpoints].items()) {
        const Spot port = endpoint["targetPort"];
        if (!port.is(yaml::Kind::string) || port.text().empty()) continue;
        const std::vector<Value> containers = containers_behind(bundle, selected);
        if (containers.empty()) return;
        std::vector<std::string> known;
        for (const Value container : containers) {
            for (const yaml::Node& one : container["ports"].items()) known.emplace_back(Value(one)["name"].text());
        }
        std::erase(known, "");
        if (std::ranges::find(known, port.text()) != known.end()) continue;
        const std::string near = nearest(port.text(), known);
        findings.add(
            "KM701", port.place(), "no container behind the monitor has a port " + shown(port.text()),
            near.empty() ? "use the name of one of their ports, or its number" : "did you mean '" + near + "'?");
    }
}

// What the monitor selects is there, in a namespace that it does not look into.
void check_elsewhere(const Object& object, const Bundle& bundle, bool pods, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Value selector = Value(spec)["selector"];
    if (selector["matchLabels"].members().empty() && selector["matchExpressions"].items().empty()) return;
    const std::vector<Labelled> found =
        pods ? bundle.labels->pods(selector, {}, 1) : bundle.labels->services(selector, {});
    const std::string_view there = found.empty() ? std::string_view() : space_of(*found.front().object);
    if (there.empty()) return;
    const Spot chosen = spec["namespaceSelector"];
    findings.add("KM701", chosen.key_place(),
                 std::string("the monitor looks into ") + (chosen ? "other namespaces" : "its own namespace alone") +
                     ", and what it selects is in " + shown(there),
                 "write namespaceSelector: {matchNames: [" + printable(there) + "]}");
}

void check_monitor(const Object& object, const Bundle& bundle, const Monitor& monitor, Findings& findings) {
    const Value selector = Value(object.root)["spec"]["selector"];
    const bool pods = monitor.kind == "PodMonitor";
    const auto spaces = spaces_of(object);
    const auto& index = *bundle.labels;
    const std::vector<Labelled> selected = pods ? index.pods(selector, spaces) : index.services(selector, spaces);
    if (!selected.empty()) {
        check_target_ports(object, bundle, monitor, selected, findings);
        return check_ports(object, monitor, selected, findings);
    }
    // What it is for may be in the cluster: only where the files hold others there is reason for doubt.
    const std::vector<Labelled> others = pods ? index.pods(Value(), spaces) : index.services(Value(), spaces);
    if (others.empty()) return check_elsewhere(object, bundle, pods, findings);
    const bool all = spaces.empty();  // its namespaces are all there are
    findings.add("KM701", object.root["spec"]["selector"].key_place(),
                 std::string("the monitor selects none of the ") + (pods ? "pods" : "Services") +
                     " that the files hold" + (all ? "" : " in its namespaces"),
                 all ? "use labels that one of them has"
                     : "use labels that one of them has, and name its namespace under namespaceSelector.matchNames");
}

bool is_dcgm(Value container) {
    return container["image"].text().find("dcgm-exporter") != std::string_view::npos;
}

bool has_variable(Value container, std::string_view name) {
    return std::ranges::any_of(container["env"].items(),
                               [&](const yaml::Node& one) { return Value(one)["name"].text() == name; });
}

bool tolerates_gpu(Value spec) {
    return std::ranges::any_of(spec["tolerations"].items(), [](const yaml::Node& node) {
        const Value one(node);
        return !one["key"] || one["key"].text().find("gpu") != std::string_view::npos;
    });
}

bool adds(Value container, std::string_view capability) {
    if (container["securityContext"]["privileged"].truth()) return true;
    const Value add = container["securityContext"]["capabilities"]["add"];
    return std::ranges::any_of(add.items(), [&](const yaml::Node& one) { return Value(one).text() == capability; });
}

void check_exporter(const Object& object, const PodTemplate& pod, Value container, Findings& findings) {
    const Value spec(pod.spec);
    const Place where = locate(object, container).place();
    if (!has_variable(container, "DCGM_EXPORTER_KUBERNETES"))
        findings.add("KM702", where, "without DCGM_EXPORTER_KUBERNETES=true no metric says which pod uses the GPU",
                     "set the variable, and mount /var/lib/kubelet/pod-resources");
    if (!has_variable(container, "NODE_NAME"))
        findings.add("KM702", where,
                     "without NODE_NAME metrics carry the name of the exporter's pod as that of the node",
                     "set it from the field spec.nodeName", Severity::info);
    if (!adds(container, "SYS_ADMIN"))
        findings.add("KM702", where, "without the capability SYS_ADMIN there are no profiling metrics (DCGM_FI_PROF_*)",
                     "add it, or leave those metrics out of the list", Severity::info);
    const bool placed = spec["nodeSelector"] || spec["affinity"]["nodeAffinity"];
    if (object.kind == "DaemonSet" && !placed)
        findings.add("KM702", pod.spec["nodeSelector"].place(),
                     "the exporter runs on nodes without GPUs too, and fails there",
                     "select nodes with GPUs, such as nodeSelector: {nvidia.com/gpu.present: \"true\"}");
    if (object.kind == "DaemonSet" && !tolerates_gpu(spec))
        findings.add("KM702", pod.spec["tolerations"].place(),
                     "the exporter is kept off nodes that are tainted for GPUs",
                     "tolerate nvidia.com/gpu: {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}");
    for (const yaml::Node& node : container["ports"].items()) {
        if (Value(node)["name"]) continue;
        findings.add("KM701", locate(object, node).place(), "a monitor cannot select this port: it has no name",
                     "give it one, such as name: metrics");
        break;
    }
}

// Labels that controllers put on pods.
bool is_given(const yaml::Entry& label) {
    const std::string_view key = label.key.text;
    for (const char* domain : {"job-name", "controller-uid", "batch.kubernetes.io/", "statefulset.kubernetes.io/",
                               "apps.kubernetes.io/pod-index", "pod-template-hash", "training.kubeflow.org/",
                               "jobset.sigs.k8s.io/", "jobset.x-k8s.io/", "volcano.sh/", "leaderworkerset.sigs.k8s.io/",
                               "ray.io/", "workflows.argoproj.io/", "trainer.kubeflow.org/"}) {
        if (key.starts_with(domain)) return true;
    }
    return false;
}

}  // namespace

void check_monitors(const Object& object, const Bundle& bundle, Findings& findings) {
    if (group_of(object.api_version) == "monitoring.coreos.com") {
        for (const Monitor& monitor : monitors) {
            if (monitor.kind == object.kind) check_monitor(object, bundle, monitor, findings);
        }
    }
    for (const PodTemplate& pod : object.templates) {
        for (Value container : containers_of(pod)) {
            if (is_dcgm(container)) check_exporter(object, pod, container, findings);
        }
    }
}

void check_service_pods(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.kind != "Service" || object.api_version != "v1" || bundle.labels->hides_pods()) return;
    const Spot selector = object.root["spec"]["selector"];
    const std::span<const yaml::Entry> labels = Value(selector).members();
    const std::string_view space = space_of(object);
    if (labels.empty() || std::ranges::any_of(labels, is_given) || bundle.labels->pods_in(space) == 0) return;
    if (bundle.labels->has_pods(Value(selector), space)) return;
    findings.add("KT013", selector.key_place(),
                 "the Service selects none of the pods that the files hold in its namespace",
                 "use labels that the pods have", Severity::warning);
}

}  // namespace ktrain::lint
