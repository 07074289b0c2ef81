// The pods of a TrainJob, which has no template of its own: those of its runtime, with what it says instead.
#pragma once

#include <string>
#include <vector>

#include "core/kube/quota.h"

namespace ktrain::kube {

// What a TrainJob names as its runtime.
struct RuntimeRef {
    std::string kind, name;
};
RuntimeRef runtime_of(const Json& train_job);

// By job of the runtime, as many as run at a time; what fetches data and model comes before and is left out. Without
// the runtime (null) what the TrainJob says itself: nothing, when that is nothing.
// Source: Trainer 2.3, pkg/runtime/framework/plugins/jobset/builder.go.
std::vector<PodCount> pods_of_train_job(const Json& train_job, const Json& runtime);

}  // namespace ktrain::kube
