// How far training is, as its log tells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/world.h"
#include "core/kube/client.h"
#include "core/kube/job.h"
#include "core/kube/workload_state.h"

namespace ktrain::kube {

// Of the last step that `ktrain run` tells in a log, as a line ("step 30/100  loss 1.9  …  2m05s left") or as the event
// of -o json (docs/trainer.md). Nothing where there is none: the log may be anything, of any program.
Progress progress_in_log(std::string_view log);

// That of the first rank's pod, if it runs. Nothing where its log may not be read or is not there within two seconds,
// as when its node is gone: this is news that a job can be shown without.
Progress read_log_progress(KubeClient& client, Clock& clock, const std::string& in_namespace,
                           const std::vector<PodState>& pods);

}  // namespace ktrain::kube
