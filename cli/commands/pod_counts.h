// The pods that an object makes, of whatever kind it is.
#pragma once

#include <vector>

#include "core/kube/quota.h"
#include "core/lint/object.h"

namespace ktrain {

// By template, as many as run at a time; none of a kind whose pods do not (a Workflow). Those of a TrainJob are in its
// `runtime`, where that is known.
std::vector<kube::PodCount> pods_of(const lint::Object& object, const Json& runtime = {});
std::vector<kube::PodCount> pods_of(const Json& object);

}  // namespace ktrain
