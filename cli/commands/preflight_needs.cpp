// The objects that a bundle names and does not bring.
#include "cli/commands/preflight_needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lint/references.h"

namespace ktrain {
namespace {

constexpr std::string_view never_start = "the pods never start";
constexpr std::string_view never_made = "the server refuses the pods";

constexpr std::string_view pull_secret =
    "create it: kubectl create secret docker-registry {name} {in} --docker-server=HOST --docker-username=USER "
    "--docker-password=PASSWORD";

constexpr std::array table{
    // Without it a node takes the driver to have none of the volumes that come and go with a pod. Source: Kubernetes
    // 1.36, pkg/volume/csi/csi_plugin.go.
    NeededKind{"CSIDriver", "storage.k8s.io/v1", never_start,
               "install it, or use one that is there: kubectl get csidrivers"},
    NeededKind{"ClusterTrainingRuntime", "trainer.kubeflow.org/v1alpha1", "the TrainJob is refused",
               "see those that are there: kubectl get clustertrainingruntimes"},
    NeededKind{"ConfigMap", "v1", never_start, "create it: kubectl create configmap {name} {in} --from-file=FILE"},
    NeededKind{"LocalQueue", "kueue.x-k8s.io/v1beta2", "the job waits for ever",
               "see those that are there: kubectl get localqueues {in}", "kueue.x-k8s.io/v1beta1"},
    NeededKind{"PersistentVolumeClaim", "v1", never_start,
               "create it, or use one that is there: kubectl get persistentvolumeclaims {in}"},
    NeededKind{"PriorityClass", "scheduling.k8s.io/v1", never_made,
               "see those that are there: kubectl get priorityclasses"},
    NeededKind{"RuntimeClass", "node.k8s.io/v1", never_made, "see those that are there: kubectl get runtimeclasses"},
    NeededKind{"Secret", "v1", never_start, "create it: kubectl create secret generic {name} {in} --from-file=FILE"},
    NeededKind{"ServiceAccount", "v1", never_made, "create it: kubectl create serviceaccount {name} {in}"},
    NeededKind{"StorageClass", "storage.k8s.io/v1", "the claim is never bound",
               "see those that are there: kubectl get storageclasses"},
    NeededKind{"TrainingRuntime", "trainer.kubeflow.org/v1alpha1", "the TrainJob is refused",
               "see those that are there: kubectl get trainingruntimes {in}"},
    NeededKind{"WorkloadPriorityClass", "kueue.x-k8s.io/v1beta2", "Kueue does not take the job",
               "see those that are there: kubectl get workloadpriorityclasses", "kueue.x-k8s.io/v1beta1"},
};
static_assert(std::ranges::is_sorted(table, {}, &NeededKind::kind));

// Made by every server itself.
bool is_always_there(std::string_view kind, std::string_view name) {
    return (kind == "ServiceAccount" && name == "default") || (kind == "ConfigMap" && name == "kube-root-ca.crt") ||
           (kind == "PriorityClass" && name.starts_with("system-"));
}

std::string filled(std::string_view text, const Need& need) {
    std::string out(text);
    for (const auto& [mark, value] : {std::pair<std::string_view, std::string>{"{name}", printable(need.name)},
                                      {"{in}", need.namespace_.empty() ? "" : "-n " + printable(need.namespace_)}})
        if (const std::size_t at = out.find(mark); at != std::string::npos) out.replace(at, mark.size(), value);
    return out;
}

Diagnostic finding(const Need& need, const std::string& what, std::string fix) {
    Diagnostic out;
    out.severity = need.mild ? Severity::warning : Severity::error;
    out.where = need.where;
    out.message = need.mild ? what : fmt::format("{}: {}", what, need.kind->consequence);
    out.fix = std::move(fix);
    return out;
}

std::string called(const Need& need) {
    const std::string in = need.namespace_.empty() ? "" : fmt::format(" in namespace \"{}\"", need.namespace_);
    return printable(fmt::format("{} \"{}\"{}", need.kind->kind, need.name, in));
}

}  // namespace

std::span<const NeededKind> needed_kinds() {
    return table;
}

std::vector<Need> needs_of(const lint::Object& object) {
    std::vector<Need> out;
    std::vector<lint::Reference> references = lint::references_of(object);
    for (const lint::PodTemplate& pod : object.templates)
        for (const yaml::Node& volume : lint::Value(pod.spec)["volumes"].items())
            if (const lint::Value driver = lint::Value(volume)["csi"]["driver"]; !driver.text().empty())
                references.push_back({"CSIDriver", driver, {}, false});
    for (const lint::Reference& reference : references) {
        const auto row = std::ranges::find(table, reference.kind, &NeededKind::kind);
        const std::string_view name = reference.name.text();
        if (row == table.end() || reference.optional || is_always_there(reference.kind, name)) continue;
        Need need{row, std::string(name), {}, std::string(reference.key.text()), {}, false};
        const auto kind = kube::built_in_resource(row->api_version, row->kind);
        const bool namespaced = kind ? kind->namespaced : row->kind == "LocalQueue" || row->kind == "TrainingRuntime";
        if (namespaced) need.namespace_ = object.root["metadata"]["namespace"].text();
        const lint::Spot spot = lint::locate(object, reference.name);
        need.where = {object.file, 0, 0, spot.path};
        need.mild = spot.path.find("imagePullSecrets") != std::string::npos;
        out.push_back(std::move(need));
    }
    return out;
}

std::optional<kube::Resource> resource_of(kube::KubeClient& client, const NeededKind& kind) {
    for (const std::string_view version : {kind.api_version, kind.older}) {
        if (version.empty()) break;
        try {
            return client.resource(std::string(version), std::string(kind.kind));
        } catch (const Error& error) {
            if (error.kind != ErrorKind::input) throw;
        }
    }
    return std::nullopt;
}

std::optional<Diagnostic> judge(const Need& need, const Json& there) {
    if (there.is_null())
        return finding(need, "there is no " + called(need), filled(need.mild ? pull_secret : need.kind->remedy, need));
    if (need.key.empty()) return std::nullopt;
    std::vector<std::string> keys;
    for (const char* part : {"data", "binaryData", "stringData"}) {
        const Json& data = at_path(there, {part});
        if (!data.is_object()) continue;
        if (data.contains(need.key)) return std::nullopt;
        for (const auto& [key, value] : data.items()) keys.push_back(key);
    }
    const std::string has = keys.empty() ? "it is empty" : "it has " + printable(join(keys, ", "));
    return finding(need, fmt::format("{} has no key \"{}\"", called(need), printable(need.key)),
                   fmt::format("add the key, or use one that is there ({})", has));
}

Diagnostic unserved(const Need& need) {
    return finding(need, fmt::format("{}: the cluster has no kind {}", called(need), need.kind->kind),
                   fmt::format("install what brings it ({})", need.kind->api_version));
}

}  // namespace ktrain
