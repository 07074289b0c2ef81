// How workloads, pods and events are shown: as rows of tables and as JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/term/output.h"
#include "core/base/world.h"
#include "core/kube/job.h"

namespace ktrain {

// "2h05m" from one time to another, by default to now; empty without a start.
std::string age(std::optional<kube::Time> from, std::optional<kube::Time> to, const Clock& clock);

Json time_json(const std::optional<kube::Time>& time);
Json summary(const kube::WorkloadState& state);
Json summary(const kube::PodState& pod);
Json summary(const kube::EventLine& event);

// "42%", "10m00s", "1.93": each empty when it was not reported.
struct ProgressText {
    std::string percent, left, loss;
};
ProgressText progress_text(const kube::Progress& progress);

struct WorkloadTable {
    bool namespaces = false, wide = false;
    std::map<std::string, int> positions;  // in the queue, by uid
};
// A row for each. Columns of queues and of progress, each, are there only when some workload has that, or when `wide`.
term::Table workload_table(const std::vector<kube::WorkloadState>& states, const WorkloadTable& options,
                           const Clock& clock);

term::Table event_table(const std::vector<kube::EventLine>& events, const Clock& clock);

// "job", "pytorchjob": what a sentence calls it.
std::string noun(const kube::WorkloadKind* kind);

}  // namespace ktrain
