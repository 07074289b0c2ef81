// KX603 to KX608: what pods may do to their node, and what namespaces say of it.
#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// Beyond these the baseline of pod security refuses a pod.
constexpr std::array<std::string_view, 13> baseline_capabilities{
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};
static_assert(std::is_sorted(baseline_capabilities.begin(), baseline_capabilities.end()));

// With one of these a container is as good as root on its node.
constexpr std::array<std::string_view, 8> mighty_capabilities{
    "ALL", "BPF", "DAC_READ_SEARCH", "NET_ADMIN", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"};
static_assert(std::is_sorted(mighty_capabilities.begin(), mighty_capabilities.end()));

enum class Level { none, baseline, restricted };

// What the namespace of the object enforces, as far as the bundle tells.
Level enforced(const Object& object, const Bundle& bundle) {
    const std::string_view space = space_of(object);
    const Match match = space.empty() ? Match{} : bundle.index.find("Namespace", "", space);
    if (match.object == nullptr) return Level::none;
    const Value labels = Value(match.object->root)["metadata"]["labels"];
    const std::string_view word = labels["pod-security.kubernetes.io/enforce"].text();
    return word == "restricted" ? Level::restricted : word == "baseline" ? Level::baseline : Level::none;
}

// What was said of one pod template of an object is not said of the others: one change of mind mends them all.
struct Said {
    bool root_user = false;
    bool privilege = false;
    bool token = false;
    bool confinement = false;
};

struct Template {
    const Object& object;
    const PodTemplate& model;
    Level level;
    Findings& findings;
    Said& said;

    Value spec() const { return Value(model.spec); }
    // Templates of a Workflow without one have that of the Workflow.
    Value security() const {
        const Value own = spec()["securityContext"];
        return own || !model.argo ? own : Value(object.root)["spec"]["securityContext"];
    }
    // The container's own setting, or the pod's.
    Value setting(Value container, std::string_view name) const {
        const Value own = container["securityContext"][name];
        return own ? own : security()[name];
    }
    // Where a pod's setting would be written.
    Place at_security() const { return model.spec["securityContext"].key_place(); }
    Severity when(Level refused_by) const { return level >= refused_by ? Severity::error : Severity::warning; }
    std::string refused(Level by) const {
        if (level < by) return "";
        return std::string(", which the namespace refuses: it enforces ") +
               (level == Level::restricted ? "restricted" : "baseline");
    }
};

std::string named(const std::vector<std::string>& containers) {
    return (containers.size() == 1 ? "container " : "containers ") + join(containers, ", ");
}

// That of a Workflow has the name of its template.
std::string name_of_container(const Template& pod, Value container) {
    const Value name = container["name"];
    return shown((name ? name : pod.spec()["name"]).text());
}

void check_root_user(const Template& pod) {
    std::vector<std::string> open;
    for (Value container : containers_of(pod.model)) {
        const Value user = pod.setting(container, "runAsUser");
        const bool promised = pod.setting(container, "runAsNonRoot").truth();
        if (user.number() == 0) {
            pod.findings.add(
                "KX603", locate(pod.object, user).place(),
                "container " + name_of_container(pod, container) + " runs as root" +
                    (promised ? ", which runAsNonRoot forbids: it never starts" : pod.refused(Level::restricted)),
                "write the number of another user", promised ? Severity::error : pod.when(Level::restricted));
            return;
        }
        const bool other_user = user.number().value_or(0) > 0 && pod.level != Level::restricted;
        if (!promised && !other_user) open.push_back(name_of_container(pod, container));
    }
    if (open.empty() || std::exchange(pod.said.root_user, true)) return;
    pod.findings.add(
        "KX603", pod.at_security(),
        named(open) + " may run as root: neither runAsNonRoot nor runAsUser is set" + pod.refused(Level::restricted),
        "set runAsNonRoot: true and runAsUser under the pod's securityContext", pod.when(Level::restricted));
}

// SYS_ADMIN is how dcgm-exporter gets at the profiling counters.
bool is_allowed(Value container, std::string_view capability) {
    return capability == "SYS_ADMIN" && container["image"].text().find("dcgm") != std::string_view::npos;
}

void check_capabilities(const Template& pod, Value container) {
    for (const yaml::Node& node : container["securityContext"]["capabilities"]["add"].items()) {
        std::string_view name = Value(node).text();
        if (name.starts_with("CAP_")) name.remove_prefix(4);
        const bool mighty = std::binary_search(mighty_capabilities.begin(), mighty_capabilities.end(), name);
        const bool refused = pod.level != Level::none &&
                             !std::binary_search(baseline_capabilities.begin(), baseline_capabilities.end(), name);
        if (!refused && (!mighty || is_allowed(container, name))) continue;
        pod.findings.add(
            "KX604", locate(pod.object, Value(node)).place(),
            "container " + name_of_container(pod, container) + " adds the capability " + shown(name) +
                (refused ? pod.refused(Level::baseline) : ": as good as root on the node"),
            refused ? "remove it, or use a namespace that enforces less" : "remove it, or add what it is for",
            refused ? Severity::error : Severity::warning);
    }
}

bool drops_all(Value container) {
    const Value drop = container["securityContext"]["capabilities"]["drop"];
    return std::ranges::any_of(drop.items(), [](const yaml::Node& node) { return Value(node).text() == "ALL"; });
}

void report_open(const Template& pod, Value container) {
    const Value context = container["securityContext"];
    pod.findings.add(
        "KX604", context ? locate(pod.object, context).key_place() : locate(pod.object, container).place(),
        "container " + name_of_container(pod, container) + " may gain privileges" + pod.refused(Level::restricted),
        "set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
        pod.when(Level::restricted));
}

void check_privilege(const Template& pod) {
    std::vector<Value> open;
    for (Value container : containers_of(pod.model)) {
        const Value context = container["securityContext"];
        if (context["privileged"].truth()) {
            pod.findings.add("KX604", locate(pod.object, context["privileged"]).place(),
                             "container " + name_of_container(pod, container) + " is privileged" +
                                 (pod.level == Level::none ? ": it is root on the node" : pod.refused(Level::baseline)),
                             "remove it: GPUs need no privileges; ask for the device or capability that is needed",
                             pod.when(Level::baseline));
            continue;
        }
        check_capabilities(pod, container);
        const bool stays =
            context["allowPrivilegeEscalation"].is(Kind::boolean) && !context["allowPrivilegeEscalation"].truth();
        if (!stays || !drops_all(container)) open.push_back(container);
    }
    if (open.empty() || std::exchange(pod.said.privilege, true)) return;
    for (const Value& container : open) report_open(pod, container);  // each is suppressed by itself
}

bool is_rdma_resource(std::string_view name) {
    return name.starts_with("rdma/") || name.ends_with("/efa") || name.find("hca") != std::string_view::npos;
}

bool has_rdma(const PodTemplate& pod) {
    for (Value container : containers_of(pod)) {
        for (const yaml::Entry& limit : container["resources"]["limits"].members()) {
            if (is_rdma_resource(limit.key.text)) return true;
        }
    }
    return false;
}

struct HostNamespace {
    const char* field;
    const char* sees;
    const char* fix;
};

constexpr std::array host_namespaces{
    HostNamespace{"hostIPC", "the memory that others share on its node",
                  "remove it: NCCL and data loaders share memory through an emptyDir of medium Memory on /dev/shm"},
    HostNamespace{"hostNetwork", "all traffic of its node",
                  "remove it: pods reach each other through their own network"},
    HostNamespace{"hostPID", "all processes of its node", "remove it"},
};

void check_host_namespaces(const Template& pod) {
    for (const HostNamespace& space : host_namespaces) {
        const Value value = pod.spec()[space.field];
        if (!value.truth()) continue;
        const bool rdma = std::string_view(space.field) == "hostNetwork" && has_rdma(pod.model);
        const Severity severity = pod.when(Level::baseline);
        const bool known_use = rdma || pod.object.kind == "DaemonSet";  // agents watch their node
        pod.findings.add("KX605", locate(pod.object, value).key_place(),
                         std::string(space.field) + " lets the pod see " + space.sees +
                             (rdma ? ", as RDMA without a network of its own needs" : "") +
                             pod.refused(Level::baseline),
                         rdma ? "give the pods a second network (Multus, SR-IOV) where the cluster has one" : space.fix,
                         severity == Severity::warning && known_use ? Severity::info : severity);
    }
}

bool says_no(Value value) {
    return value.is(Kind::boolean) && !value.truth();
}

// Training code has no use for the API of the cluster; a named account that is not in the bundle may have one.
void check_token(const Template& pod, const Bundle& bundle) {
    const bool trains = has_gpu(pod.model) && (pod.object.kind == "Job" || makes_pods_later(pod.object));
    if (!trains || pod.spec()["automountServiceAccountToken"]) return;
    const std::string_view account = pod.spec()["serviceAccountName"].text();
    const Match match =
        bundle.index.find("ServiceAccount", space_of(pod.object), account.empty() ? "default" : account);
    const bool named_elsewhere = !account.empty() && account != "default" && match.object == nullptr;
    if (named_elsewhere || pod.model.argo) return;
    if (match.object != nullptr && says_no(Value(match.object->root)["automountServiceAccountToken"])) return;
    if (std::exchange(pod.said.token, true)) return;
    pod.findings.add("KX606", pod.model.spec.key_place(),
                     "the pods get a token for the API server, which training does not need",
                     "set automountServiceAccountToken: false in the pod's spec");
}

void check_confinement(const Template& pod) {
    std::vector<std::string> absent;
    const auto containers = containers_of(pod.model);
    const bool unconfined = std::ranges::any_of(
        containers, [&](Value container) { return !pod.setting(container, "seccompProfile")["type"]; });
    const bool writable = std::ranges::any_of(
        containers, [](Value container) { return !container["securityContext"]["readOnlyRootFilesystem"].truth(); });
    if (unconfined) absent.emplace_back("seccompProfile: {type: RuntimeDefault}");
    if (writable) absent.emplace_back("readOnlyRootFilesystem: true");
    if (absent.empty() || std::exchange(pod.said.confinement, true)) return;
    const bool refused = unconfined && pod.level == Level::restricted;
    pod.findings.add("KX607", pod.at_security(),
                     "the pod does not set " + join(absent, " and ") + (refused ? pod.refused(Level::restricted) : ""),
                     "set " + join(absent, " and ") + (writable ? ", with volumes for caches and /tmp" : ""),
                     refused ? Severity::error : Severity::info);
}

}  // namespace

void check_hardening(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.templates.empty() || space_of(object) == "kube-system") return;
    const Level level = enforced(object, bundle);
    Said said;
    for (const PodTemplate& model : object.templates) {
        if (!model.spec.is(Kind::mapping) || containers_of(model).empty()) continue;
        if (Value(model.spec)["os"]["name"].text() == "windows") continue;  // has settings of its own
        const Template pod{object, model, level, findings, said};
        check_root_user(pod);
        check_privilege(pod);
        check_host_namespaces(pod);
        check_token(pod, bundle);
        check_confinement(pod);
    }
}

void check_namespace_labels(const Object& object, const Bundle&, Findings& findings) {
    if (object.kind != "Namespace" || object.api_version != "v1" || object.name().starts_with("kube-")) return;
    const Spot metadata = object.root["metadata"];
    if (!metadata) return;  // KT008
    for (const Spot& label : metadata["labels"].members()) {
        if (yaml::key_text(*label.key).starts_with("pod-security.kubernetes.io/")) return;
    }
    Diagnostic& finding = findings.add("KX608", metadata["labels"].key_place(),
                                       "the namespace says nothing of pod security: any pod may be privileged in it");
    const Json level = "baseline";
    const std::string warn = "pod-security.kubernetes.io/warn";
    if (metadata["labels"]) {
        finding.changes = {{Change::Kind::add, metadata["labels"].path, warn, level}};
    } else {
        finding.changes = {{Change::Kind::add, metadata.path, "labels", {{warn, level}}}};
    }
}

}  // namespace ktrain::lint
