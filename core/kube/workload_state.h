// How a workload of any kind stands, in the words a person uses.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/timestamp.h"
#include "core/kube/workload_kind.h"

namespace ktrain::kube {

// queued: a queue (Kueue) holds it back; pending: it may run, and no pod is on a node yet; starting: pods are on nodes
// (images, volumes, init containers), and none is ready. Without its pods, a workload whose status does not tell
// counts as pending.
enum class Phase { queued, suspended, pending, starting, running, complete, failed };

std::string_view name_of(Phase phase);  // "Queued", "Suspended", "Pending", "Starting", "Running", "Complete", "Failed"

// What the training process reports, as the annotation ktrain.dev/progress of the workload or of its pods, or in a
// TrainJob's status.trainerStatus; both have the form of the latter:
// {"progressPercentage": 42, "estimatedRemainingSeconds": 600, "metrics": [{"name": "loss", "value": "1.93"}],
//  "lastUpdatedTime": "2026-11-22T03:04:05Z"}.
struct Progress {
    std::optional<double> percent;
    std::optional<std::chrono::seconds> left;
    std::optional<double> loss;
    std::optional<Time> at;

    bool told() const { return percent || left || loss; }
};

inline constexpr std::string_view annotation_progress = "ktrain.dev/progress";

struct WorkloadState {
    const WorkloadKind* kind = nullptr;  // nullptr: of a kind that is not in the table
    std::string name, namespace_, uid, digest;
    Phase phase = Phase::pending;
    bool deleting = false;
    std::string reason, message;  // why it failed
    int wanted = 1;               // pods that train
    int active = 0, ready = 0, succeeded = 0, failed = 0;
    int restarts = 0;   // of the whole, as its controller counts them
    std::string queue;  // of Kueue or Volcano
    Progress progress;
    std::optional<Time> created, started, finished;

    bool ended() const { return phase == Phase::complete || phase == Phase::failed; }
    // "Deleting" while it is being deleted, else the phase.
    std::string_view status() const { return deleting ? "Deleting" : name_of(phase); }
};

// Only a terminal condition or phase ends a workload: a Job's FailureTarget and SuccessCriteriaMet come while pods
// still run. An object without kind counts as a batch/v1 Job. Never throws: what makes no sense counts as absent.
WorkloadState workload_state(const Json& workload);

// What a word of a condition or a phase means in all kinds ("Failed", "STOPPED"); nothing where it does not decide.
std::optional<Phase> meaning(std::string_view word);
// The word in which a workload says its phase, where its kind has one beside the conditions; empty without.
std::string phase_word(const Json& workload);

// What an object (a workload, or a pod of it) has of it. Later figures of the annotation win over the status.
Progress progress_of(const Json& object);

// Whether Kueue decides when it runs.
bool in_kueue(const Json& workload);

}  // namespace ktrain::kube
