// The pods that an object makes, of whatever kind it is.
#include "cli/commands/pod_counts.h"

#include <algorithm>

#include "core/kube/resource.h"
#include "core/kube/train_job.h"
#include "core/kube/workload_kind.h"
#include "core/lint/workload.h"

namespace ktrain {

std::vector<kube::PodCount> pods_of(const lint::Object& object, const Json& runtime) {
    if (object.kind == "TrainJob") {
        const Json job = yaml::to_json(*object.root.node);
        const kube::WorkloadKind* kind = kube::workload_kind(job);
        return kind != nullptr ? kube::pods_of_train_job(job, runtime) : std::vector<kube::PodCount>();
    }
    std::vector<kube::PodCount> out;
    for (const lint::PodGroup& group : lint::read_workload(object).groups)
        if (group.spec.node != nullptr && !group.argo)
            out.push_back({yaml::to_json(*group.spec.node), std::max<std::int64_t>(group.replicas, 0)});
    // What is left to do may be less than what may run at a time.
    if (object.kind == "Job" && object.api_version == "batch/v1" && out.size() == 1)
        out.front().count = kube::pods_of(yaml::to_json(*object.root.node));
    return out;
}

std::vector<kube::PodCount> pods_of(const Json& object) {
    const std::vector<lint::Source> sources{{kube::label_of(object), yaml::emit(object)}};
    const lint::Bundle bundle = lint::read_bundle(sources);
    return bundle.objects.empty() ? std::vector<kube::PodCount>() : pods_of(bundle.objects.front());
}

}  // namespace ktrain
