// The tables of operators that make pods, and of the parts that they make other things of.
#include "core/lint/makers.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view argo_mark = "argo:";

struct Maker {
    std::string_view group;
    std::string_view kinds;        // separated by blanks; empty: all of the group
    bool checks = false;           // its webhook refuses the pods that the API server would
    std::string_view writes = "";  // paths, separated by blanks; "*" is any member, "[]" any item
};

// Of operators that are not here, nobody knows what they write.
constexpr std::array makers{
    Maker{"batch.volcano.sh", "Job", true},  // pkg/webhooks/admission/jobs, validateTaskTemplate
    Maker{"kubeflow.org", "", false, "spec.*.*.template.spec.restartPolicy"},  // that of the replicas counts
    Maker{"trainer.kubeflow.org", "", false,                                   // those of the TrainJob count
          "spec.template.spec.replicatedJobs[].template.spec.completions "
          "spec.template.spec.replicatedJobs[].template.spec.parallelism "
          "spec.template.spec.replicatedJobs[].template.spec.template.spec.containers[].image"},
};

constexpr std::array parts{
    Part{"argoproj.io", "ClusterWorkflowTemplate Workflow WorkflowTemplate", "spec.volumeClaimTemplates[].spec", "v1",
         "PersistentVolumeClaim", "spec", Made::claims},
    Part{"argoproj.io", "CronWorkflow", "spec.workflowSpec.volumeClaimTemplates[].spec", "v1", "PersistentVolumeClaim",
         "spec", Made::claims},
    Part{"batch.volcano.sh", "Job", "spec.volumes[].volumeClaim", "v1", "PersistentVolumeClaim", "spec", Made::claims},
    Part{"jobset.x-k8s.io", "JobSet", "spec.volumeClaimPolicies[].templates[].spec", "v1", "PersistentVolumeClaim",
         "spec", Made::claims},
    Part{"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[].template.spec", "batch/v1", "Job", "spec", Made::jobs},
    Part{"ray.io", "RayJob", "spec.submitterPodTemplate.spec", "v1", "PodTemplate", "template.spec",
         Made::jobs_of_pods},
    Part{"ray.io", "RayCronJob", "spec.jobTemplate.submitterPodTemplate.spec", "v1", "PodTemplate", "template.spec",
         Made::jobs_of_pods},
    Part{"trainer.kubeflow.org", "ClusterTrainingRuntime TrainingRuntime",
         "spec.template.spec.replicatedJobs[].template.spec", "batch/v1", "Job", "spec", Made::jobs},
    Part{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate.volumeClaimTemplates[].spec", "v1",
         "PersistentVolumeClaim", "spec", Made::claims},
};

// A part that nothing is made of, or only where a field has the value, or none.
struct Unused {
    std::string_view group;
    std::string_view kind;
    std::string_view path;  // as those of Maker
    std::string_view field = "";
    std::string_view value = "";
};

constexpr std::array unused{
    Unused{"kueue.x-k8s.io", "Workload", "spec.podSets[].template"},  // a copy, to count what the pods ask for
    Unused{"ray.io", "RayJob", "spec.submitterPodTemplate", "spec.submissionMode", "K8sJobMode"},
    Unused{"ray.io", "RayCronJob", "spec.jobTemplate.submitterPodTemplate", "spec.jobTemplate.submissionMode",
           "K8sJobMode"},
};

bool has_word(std::string_view words, std::string_view word) {
    const std::vector<std::string> all = split(words, ' ');
    return std::ranges::find(all, word) != all.end();
}

const Maker* maker_of(const Object& object) {
    const auto found = std::ranges::find_if(makers, [&](const Maker& maker) {
        return maker.group == group_of(object.api_version) &&
               (maker.kinds.empty() || has_word(maker.kinds, object.kind));
    });
    return found == makers.end() ? nullptr : &*found;
}

// What follows the pattern in the path; nothing where it does not begin so.
std::optional<std::string_view> behind(std::string_view path, std::string_view pattern) {
    while (!pattern.empty()) {
        if (pattern.starts_with('*')) {
            path.remove_prefix(std::min(path.size(), path.find_first_of(".[")));
            pattern.remove_prefix(1);
        } else if (pattern.starts_with("[]")) {
            const std::size_t close = path.find(']');
            if (!path.starts_with('[') || close == path.npos) return std::nullopt;
            path.remove_prefix(close + 1);
            pattern.remove_prefix(2);
        } else {
            if (!path.starts_with(pattern.front())) return std::nullopt;
            path.remove_prefix(1);
            pattern.remove_prefix(1);
        }
    }
    return path;
}

// Below the object, which may stand in a List.
std::string_view path_in(const Object& object, std::string_view path) {
    if (object.root.path.empty()) return path;
    return path.substr(std::min(path.size(), object.root.path.size() + 1));
}

// Whether anything is made of what stands at the path.
bool is_made(const Object& object, std::string_view path) {
    return std::ranges::none_of(unused, [&](const Unused& row) {
        if (row.group != group_of(object.api_version) || row.kind != object.kind) return false;
        const auto rest = behind(path_in(object, path), row.path);
        if (!rest || !(rest->empty() || rest->starts_with('.'))) return false;
        if (row.field.empty()) return true;
        bool other = false;
        each_at(object.root, row.field,
                [&](const Spot& spot) { other = !spot.text().empty() && spot.text() != row.value; });
        return other;
    });
}

}  // namespace

std::vector<PodTemplate> find_templates(const Object& object) {
    std::vector<PodTemplate> found;
    if (!object.schema || object.schema->templates().empty()) return found;
    for (const std::string& written : split(object.schema->templates(), ' ')) {
        const bool argo = written.starts_with(argo_mark);
        const std::string path = argo ? written.substr(argo_mark.size()) : written;
        each_at(object.root, path == "." ? "" : path, [&](const Spot& from) {
            if (is_made(object, from.path)) found.push_back({from["metadata"], argo ? from : from["spec"], argo});
        });
    }
    return found;
}

bool leaves_pods(const Object& object) {
    const Maker* maker = maker_of(object);
    return makes_pods_later(object) && (maker == nullptr || !maker->checks);
}

bool writes_over(const Object& object, std::string_view path) {
    const Maker* maker = maker_of(object);
    if (maker == nullptr) return false;
    return std::ranges::any_of(split(maker->writes, ' '), [&](const std::string& written) {
        return !written.empty() && behind(path_in(object, path), written) == "";
    });
}

void each_part(const Object& object, const std::function<void(const Part&, const Spot&)>& use) {
    for (const Part& part : parts) {
        if (part.group != group_of(object.api_version) || !has_word(part.kinds, object.kind)) continue;
        each_at(object.root, part.path, [&](const Spot& spot) {
            if (is_made(object, spot.path)) use(part, spot);
        });
    }
}

std::string_view name_of(Made made) {
    return made == Made::claims ? "claims" : "Jobs";
}

std::string refused_later(const Object& object, std::string_view made) {
    return ": " + with_article(object.kind) + " is made with it, and its " + std::string(made) + " are refused";
}

}  // namespace ktrain::lint
