// The tables of operators that make pods, and of the parts that they make other things of.
#include "core/lint/makers.h"

#include <algorithm>
#include <array>

#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

struct Maker {
    std::string_view group;
    std::string_view kinds;        // separated by blanks; empty: all of the group
    bool checks = false;           // its webhook refuses the pods that the API server would
    std::string_view writes = "";  // names of fields, separated by blanks
};

// Of operators that are not here, nobody knows what they write.
constexpr std::array makers{
    Maker{"batch.volcano.sh", "Job", true},             // pkg/webhooks/admission/jobs, validateTaskTemplate
    Maker{"kubeflow.org", "", false, "restartPolicy"},  // that of the replicas counts
    Maker{"trainer.kubeflow.org", "", false, "completions image parallelism"},  // of the TrainJob
};

constexpr std::array parts{
    Part{"argoproj.io", "ClusterWorkflowTemplate Workflow WorkflowTemplate", "spec.volumeClaimTemplates[].spec", "v1",
         "PersistentVolumeClaim", "spec", "claims"},
    Part{"argoproj.io", "CronWorkflow", "spec.workflowSpec.volumeClaimTemplates[].spec", "v1", "PersistentVolumeClaim",
         "spec", "claims"},
    Part{"batch.volcano.sh", "Job", "spec.volumes[].volumeClaim", "v1", "PersistentVolumeClaim", "spec", "claims"},
    Part{"jobset.x-k8s.io", "JobSet", "spec.volumeClaimPolicies[].templates[].spec", "v1", "PersistentVolumeClaim",
         "spec", "claims"},
    Part{"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[].template.spec", "batch/v1", "Job", "spec", "Jobs"},
    Part{"ray.io", "RayJob", "spec.submitterPodTemplate.spec", "v1", "PodTemplate", "template.spec", "Jobs"},
    Part{"ray.io", "RayCronJob", "spec.jobTemplate.submitterPodTemplate.spec", "v1", "PodTemplate", "template.spec",
         "Jobs"},
    Part{"trainer.kubeflow.org", "ClusterTrainingRuntime TrainingRuntime",
         "spec.template.spec.replicatedJobs[].template.spec", "batch/v1", "Job", "spec", "Jobs"},
    Part{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate.volumeClaimTemplates[].spec", "v1",
         "PersistentVolumeClaim", "spec", "claims"},
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

}  // namespace

bool leaves_pods(const Object& object) {
    const Maker* maker = maker_of(object);
    return makes_pods_later(object) && (maker == nullptr || !maker->checks);
}

bool writes_over(const Object& object, std::string_view path) {
    const Maker* maker = maker_of(object);
    return maker != nullptr && has_word(maker->writes, path.substr(path.rfind('.') + 1));
}

void each_part(const Object& object, const std::function<void(const Part&, const Spot&)>& use) {
    for (const Part& part : parts) {
        if (part.group != group_of(object.api_version) || !has_word(part.kinds, object.kind)) continue;
        each_at(object.root, part.path, [&](const Spot& spot) { use(part, spot); });
    }
}

bool is_job(const Part& part) {
    return part.kind == "Job";
}

std::string refused_later(const Object& object, std::string_view made) {
    return ": " + with_article(object.kind) + " is made with it, and its " + std::string(made) + " are refused";
}

}  // namespace ktrain::lint
