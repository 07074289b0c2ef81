// Why a submission is refused before anything is stored.
#include "core/kube/submission_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

constexpr std::size_t shown_differences = 10;

// What nobody may change in an object that is there, and all below it.
struct Fixed {
    std::string_view group, kind, path;
    std::string_view when = {};  // only in objects where this field is true

    constexpr auto operator<=>(const Fixed&) const = default;
};
// Sources: the updates in pkg/apis/{batch,core,rbac}/validation of Kubernetes 1.36; of JobSet 0.12,
// training-operator 1.9 and Trainer 2.3 their webhooks and the rules "self == oldSelf" of their types. Pod templates of
// what is suspended are excepted in part.
constexpr std::array fixed{Fixed{"", "ConfigMap", "binaryData", "immutable"},
                           Fixed{"", "ConfigMap", "data", "immutable"},
                           Fixed{"", "ConfigMap", "immutable", "immutable"},
                           Fixed{"", "PersistentVolumeClaim", "spec.accessModes"},
                           Fixed{"", "PersistentVolumeClaim", "spec.dataSource"},
                           Fixed{"", "PersistentVolumeClaim", "spec.dataSourceRef"},
                           Fixed{"", "PersistentVolumeClaim", "spec.resources.limits"},
                           Fixed{"", "PersistentVolumeClaim", "spec.selector"},
                           Fixed{"", "PersistentVolumeClaim", "spec.storageClassName"},
                           Fixed{"", "PersistentVolumeClaim", "spec.volumeMode"},
                           Fixed{"", "PersistentVolumeClaim", "spec.volumeName"},
                           Fixed{"", "Secret", "data", "immutable"},
                           Fixed{"", "Secret", "immutable", "immutable"},
                           Fixed{"", "Secret", "type"},
                           Fixed{"", "Service", "spec.clusterIP"},
                           Fixed{"", "Service", "spec.clusterIPs"},
                           Fixed{"batch", "Job", "spec.backoffLimitPerIndex"},
                           Fixed{"batch", "Job", "spec.completionMode"},
                           Fixed{"batch", "Job", "spec.managedBy"},
                           Fixed{"batch", "Job", "spec.podFailurePolicy"},
                           Fixed{"batch", "Job", "spec.selector"},
                           Fixed{"batch", "Job", "spec.successPolicy"},
                           Fixed{"batch", "Job", "spec.template"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.failurePolicy"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.managedBy"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.network"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.startupPolicy"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.successPolicy"},
                           Fixed{"jobset.x-k8s.io", "JobSet", "spec.volumeClaimPolicies"},
                           Fixed{"kubeflow.org", "PyTorchJob", "spec.runPolicy.managedBy"},
                           Fixed{"kubeflow.org", "PyTorchJob", "spec.runPolicy.schedulingPolicy.queue"},
                           Fixed{"rbac.authorization.k8s.io", "RoleBinding", "roleRef"},
                           Fixed{"trainer.kubeflow.org", "TrainJob", "spec.managedBy"},
                           Fixed{"trainer.kubeflow.org", "TrainJob", "spec.runtimeRef"}};
static_assert(std::ranges::is_sorted(fixed));

// `change` begins with the path of what differs.
bool is_immutable(const BundleObject& object, const Json& there, std::string_view change) {
    return std::ranges::any_of(fixed, [&](const Fixed& one) {
        if (one.group != object.resource.group || one.kind != object.resource.kind || !change.starts_with(one.path))
            return false;
        if (!one.when.empty() && at_path(there, {one.when}) != true) return false;
        const std::string_view rest = change.substr(one.path.size());
        return rest.empty() || rest[0] == '.' || rest[0] == '[' || rest[0] == ':';
    });
}

// Whether a cause of a refusal is that something differs which is fixed, as Kubernetes words it.
bool says_fixed(const std::string& cause) {
    constexpr std::array<std::string_view, 3> words{"immutable", "may not change once set", "cannot change"};
    return std::ranges::any_of(words, [&](std::string_view one) { return cause.find(one) != std::string::npos; });
}

}  // namespace

Error combined(const std::vector<Error>& errors, std::size_t of) {
    if (errors.size() == 1) return errors.front();
    std::string message = fmt::format("the server refuses {} of {} objects:", errors.size(), of);
    for (const Error& error : errors) message += "\n  - " + error.message;
    return {errors.front().kind, message, {}, errors.front().hint};
}

Error other_job(const BundleObject& job, const std::vector<std::string>& differences, const ServerName& server) {
    const std::string kind = lower(job.resource.kind);
    std::string what;
    for (std::size_t i = 0; i < differences.size() && i < shown_differences; ++i)
        what +=
            fmt::format("\n  - {}{}", differences[i], is_immutable(job, Json(), differences[i]) ? " (immutable)" : "");
    if (differences.size() > shown_differences)
        what += fmt::format("\n  - and {} more", differences.size() - shown_differences);
    if (!what.empty()) what = fmt::format("; what a {} runs cannot be changed once it is there:{}", kind, what);
    return {
        ErrorKind::conflict,
        fmt::format("there is another {} \"{}\" in namespace \"{}\", made from another spec{}", kind, job.name,
                    job.namespace_, what),
        {},
        fmt::format("put this one in its place: ktrain submit --replace; or remove it: ktrain cancel {0} -n {1}{2}; "
                    "or give this one another metadata.name; or see what it "
                    "does: ktrain status {0} -n {1}{2}",
                    job.name, job.namespace_, server.flags)};
}

Error not_ours(const BundleObject& object, const ServerName& server) {
    return {ErrorKind::conflict,
            fmt::format("{} exists in namespace \"{}\" and belongs to something else than job \"{}\"", object.label,
                        object.namespace_, object.owner),
            {},
            fmt::format("give the job another metadata.name; or, when nobody needs it: kubectl delete {} -n {}{}",
                        object.label, object.namespace_, server.flags)};
}

Error not_made(const BundleObject& object, const std::vector<std::string>& differences) {
    return {ErrorKind::conflict,
            fmt::format("{} is there, and was not made by ktrain; it would change: {}", object.label,
                        join(differences, ", ")),
            {},
            "say --yes to change it, or give this one another metadata.name"};
}

std::optional<Error> cannot_change(const BundleObject& object, const Json& there,
                                   const std::vector<std::string>& differences, const Error& refusal) {
    std::string what;
    for (const std::string& one : differences)
        if (is_immutable(object, there, one)) what += "\n  - " + one + " (immutable)";
    if (what.empty()) return std::nullopt;
    for (const std::string& cause : split(refusal.message, '\n'))
        if (cause.starts_with("  - ") && !says_fixed(cause)) what += "\n" + cause;
    return Error(ErrorKind::conflict,
                 fmt::format("{} in namespace \"{}\" is there, and what nobody may change of it differs:{}",
                             object.label, object.namespace_, what),
                 {}, "say what is there already, or give this one another metadata.name");
}

Error going(const BundleObject& object) {
    return {ErrorKind::conflict,
            fmt::format("{} in namespace \"{}\" is still being deleted", object.label, object.namespace_),
            {},
            "try again in a moment"};
}

}  // namespace ktrain::kube
