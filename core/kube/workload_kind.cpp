// The kinds of workload that train: where the API has them, how they are suspended, and how their pods are found.
#include "core/kube/workload_kind.h"

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/kube/fields.h"

namespace ktrain::kube {
namespace {

using Path = std::array<std::string_view, 3>;
using Versions = std::array<std::string_view, 2>;
using Children = std::array<ChildKind, 2>;

constexpr Path spec_suspend{"spec", "suspend"};
constexpr Path run_policy_suspend{"spec", "runPolicy", "suspend"};
constexpr Path cannot{};
constexpr std::string_view job_index = "batch.kubernetes.io/job-completion-index";
constexpr std::string_view kubeflow_name = "training.kubeflow.org/job-name";
constexpr std::string_view kubeflow_index = "training.kubeflow.org/replica-index";
constexpr std::string_view jobset_name = "jobset.sigs.k8s.io/jobset-name";
constexpr ChildKind jobs_of_set{"batch/v1", "Job", jobset_name};

constexpr WorkloadKind kubeflow(std::string_view kind, std::string_view plural, Versions versions = {"v1"},
                                Children children = {}) {
    return {"kubeflow.org",     kind,          plural,         versions, StatusShape::replicas,
            run_policy_suspend, kubeflow_name, kubeflow_index, children};
}

constexpr std::array table{
    kubeflow("JAXJob", "jaxjobs"),
    WorkloadKind{
        "batch", "Job", "jobs", {"v1"}, StatusShape::job, spec_suspend, "batch.kubernetes.io/job-name", job_index, {}},
    WorkloadKind{"batch.volcano.sh",
                 "Job",
                 "jobs",
                 {"v1alpha1"},
                 StatusShape::volcano,
                 cannot,
                 "volcano.sh/job-name",
                 "volcano.sh/task-index",
                 {}},
    WorkloadKind{"jobset.x-k8s.io",
                 "JobSet",
                 "jobsets",
                 {"v1alpha2"},
                 StatusShape::job_set,
                 spec_suspend,
                 jobset_name,
                 job_index,
                 {jobs_of_set}},
    kubeflow("MPIJob", "mpijobs", {"v2beta1", "v1"}, {ChildKind{"batch/v1", "Job", kubeflow_name}}),
    kubeflow("PaddleJob", "paddlejobs"),
    kubeflow("PyTorchJob", "pytorchjobs"),
    WorkloadKind{"ray.io",
                 "RayJob",
                 "rayjobs",
                 {"v1"},
                 StatusShape::ray,
                 spec_suspend,
                 "ray.io/cluster",
                 "",
                 {ChildKind{"ray.io/v1", "RayCluster", "ray.io/originated-from-cr-name"}}},
    kubeflow("TFJob", "tfjobs"),
    WorkloadKind{"trainer.kubeflow.org",
                 "TrainJob",
                 "trainjobs",
                 {"v1alpha1"},
                 StatusShape::train_job,
                 spec_suspend,
                 jobset_name,
                 job_index,
                 {ChildKind{"jobset.x-k8s.io/v1alpha2", "JobSet", ""}, jobs_of_set}},
    WorkloadKind{"argoproj.io",
                 "Workflow",
                 "workflows",
                 {"v1alpha1"},
                 StatusShape::workflow,
                 spec_suspend,
                 "workflows.argoproj.io/workflow",
                 "",
                 {ChildKind{"batch/v1", "Job", "workflows.argoproj.io/workflow"}}},
    kubeflow("XGBoostJob", "xgboostjobs"),
};
static_assert(std::is_sorted(table.begin(), table.end(), [](const WorkloadKind& a, const WorkloadKind& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.group < b.group;
}));

// Short names of the CRDs.
struct ShortName {
    std::string_view word, kind, group;
};
constexpr std::array short_names{ShortName{"vcjob", "Job", "batch.volcano.sh"},
                                 ShortName{"vj", "Job", "batch.volcano.sh"},
                                 ShortName{"wf", "Workflow", "argoproj.io"}};
static_assert(std::ranges::is_sorted(short_names, {}, &ShortName::word));

int number(const std::string& text) {
    int out = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return problem == std::errc{} && end == text.data() + text.size() && out >= 0 ? out : -1;
}

std::string label_or_annotation(const Json& pod, std::string_view key) {
    std::string value = label_value(pod, key);
    return value.empty() ? annotation(pod, key) : value;
}

// Pods of one job of a JobSet.
int pods_of(const Json& replicated_job) {
    const Json& spec = at_path(replicated_job, {"template", "spec"});
    return std::clamp(int_at(spec, {"completions"}, int_at(spec, {"parallelism"}, 1)), 0, 1'000'000);
}

// The pods of all jobs before the pod's own one, in the order of the spec.
int pods_before(const Json& job_set, const Json& pod) {
    const std::string group = label_value(pod, "jobset.sigs.k8s.io/replicatedjob-name");
    int before = 0;
    for (const Json& one : at_path(job_set, {"spec", "replicatedJobs"})) {
        if (string_or(one, "name") == group)
            return before + std::max(0, number(label_value(pod, "jobset.sigs.k8s.io/job-index"))) * pods_of(one);
        before += std::clamp(int_at(one, {"replicas"}, 1), 0, 1'000'000) * pods_of(one);
    }
    return 0;
}

bool has_master(const Json& workload) {
    for (const auto& [part, specs] : at_path(workload, {"spec"}).items())
        if (part.ends_with("ReplicaSpecs") && specs.is_object()) return specs.contains("Master");
    return false;
}

}  // namespace

std::span<const WorkloadKind> workload_kinds() {
    return table;
}

const WorkloadKind* workload_kind(std::string_view group, std::string_view kind) {
    const auto row = std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.is(group, kind); });
    return row == table.end() ? nullptr : &*row;
}

const WorkloadKind* workload_kind(const Json& object) {
    const std::string api_version = string_or(object, "apiVersion");
    const std::size_t slash = api_version.find('/');
    if (slash == std::string::npos) return nullptr;
    return workload_kind(std::string_view(api_version).substr(0, slash), string_or(object, "kind"));
}

std::vector<const WorkloadKind*> workload_kinds_named(std::string_view word) {
    const std::string wanted = lower(word);
    std::vector<const WorkloadKind*> out;
    for (const ShortName& one : short_names)
        if (wanted == one.word) return {workload_kind(one.group, one.kind)};
    for (const WorkloadKind& one : table) {
        const std::string kind = lower(one.kind), group = "." + std::string(one.group);
        for (const std::string& name : {kind, std::string(one.plural)}) {
            if (wanted != name && wanted != name + group) continue;
            out.push_back(&one);
            break;
        }
    }
    return out;
}

std::optional<Resource> served(KubeClient& client, const WorkloadKind& kind) {
    for (const std::string_view version : kind.versions) {
        if (version.empty()) break;
        try {
            return client.resource(std::string(kind.group) + "/" + std::string(version), std::string(kind.kind));
        } catch (const Error& error) {
            if (error.kind != ErrorKind::input) throw;  // input: the server has no such kind
        }
    }
    return std::nullopt;
}

std::string pod_selector(const WorkloadKind& kind, const Json& workload) {
    std::string value = meta(workload, "name");
    if (kind.shape == StatusShape::ray) value = string_or(at_path(workload, {"status"}), "rayClusterName");
    return value.empty() ? "" : std::string(kind.pod_label) + "=" + value;
}

bool is_suspended(const WorkloadKind& kind, const Json& workload) {
    const Json* at = &workload;
    for (const std::string_view key : kind.suspend)
        if (!key.empty()) at = &at_path(*at, {key});
    return kind.can_suspend() && *at == true;
}

Json suspend_patch(const WorkloadKind& kind, bool suspend) {
    Json out = suspend;
    for (auto key = kind.suspend.rbegin(); key != kind.suspend.rend(); ++key)
        if (!key->empty()) out = Json{{std::string(*key), std::move(out)}};
    return out;
}

int rank_of(const WorkloadKind& kind, const Json& workload, const Json& pod) {
    if (kind.rank_key.empty()) return -1;
    const int index = number(label_or_annotation(pod, kind.rank_key));
    if (index < 0) return -1;
    if (kind.shape == StatusShape::job_set) return pods_before(workload, pod) + index;
    // The pods that fetch data and model before the training are of no rank.
    if (kind.shape == StatusShape::train_job)
        return label_value(pod, "jobset.sigs.k8s.io/replicatedjob-name").ends_with("-initializer") ? -1 : index;
    if (kind.shape != StatusShape::replicas) return index;
    const std::string role = label_value(pod, "training.kubeflow.org/replica-type");
    return role == "worker" && has_master(workload) ? index + 1 : index;
}

}  // namespace ktrain::kube
