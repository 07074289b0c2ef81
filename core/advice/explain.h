// The explanations of a trouble: each looks at one side of a snapshot and adds what it finds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/advice/finding.h"
#include "core/advice/history.h"
#include "core/advice/snapshot.h"
#include "core/advice/symptoms.h"

namespace ktrain::advice {

struct Case {
    const Snapshot& snapshot;
    const Symptoms& symptoms;
    const History& history;
};

// How long a trouble that may pass by itself is none: pods wait for a moment for their node, volumes and network.
// Troubles that cannot pass (an image name that is none, a node that is too small) have no such time.
inline constexpr std::chrono::seconds grace{10};
// How long a deletion, a sidecar or a silent controller may take before it is a trouble.
inline constexpr std::chrono::seconds patience{60};

// What the placeholders of the table stand for; `container` may be null.
Words words_of(const Case& c, const Json& object, const Container* container = nullptr);

// A pod that has no node: from what the scheduler says, compared with the nodes.
std::optional<Finding> explain_scheduling(const Case& c, const Json& pod);
// No node can ever take it; nothing when one could, or the nodes are not known.
std::optional<Finding> explain_placement(const Case& c, const Json& pod);
// A pod with a node whose containers do not start: images, configuration, volumes, network.
std::optional<Finding> explain_waiting(const Case& c, const Json& pod);
// A pod that ended badly, or of which a container did: eviction, memory, exit codes, logs.
std::optional<Finding> explain_end(const Case& c, const Json& pod);
// A pod that runs, but not well: probes, restarts, a sidecar that goes on, a lost node.
std::optional<Finding> explain_running(const Case& c, const Json& pod);
// A container that is or was killed because its probe failed: by events, which are Normal ones.
std::optional<Finding> explain_probe(const Case& c, const Json& pod);
// Whether the last end of a container came from the kubelet, which kills what fails a probe.
bool ended_by_probe(const Case& c, const Json& pod);
// Where the volumes of a pod can be reached from, as evidence.
void add_volume_places(const Case& c, const Json& pod, Finding& out);
// A claim that a pod waits for; nothing when it is bound or not known.
std::optional<Finding> explain_claims(const Case& c, const Json& pod);

// Of what was found of pods: that they wait for each other, where no free node could take all of them.
void explain_gang(const Case& c, std::vector<Finding>& findings);
// Of a name that could not be resolved, or did not answer, where it is that of a pod with a trouble of its own: that is
// the cause, and the others follow.
void explain_awaited_pod(const Case& c, std::vector<Finding>& findings);
// Of ranks whose collective timed out: the only one that does not say so, for which all others waited.
void explain_silent_rank(const Case& c, std::vector<Finding>& findings);
// Pods that could not be made: quotas, limits, admission. Of the root and all owners.
void explain_refusals(const Case& c, std::vector<Finding>& out);
// Conditions of the root and the owners, suspension, controllers that do nothing.
void explain_owners(const Case& c, std::vector<Finding>& out);
// Who suspended the workload after it was made, and when ("kubectl-patch at 2026-11-30T10:00:00Z"), as far as the
// server keeps it (managedFields): that was meant, and is no trouble. Empty where nobody did.
std::string suspended_by(const Json& workload);
// Queues and gangs: Kueue's Workload, PodGroups.
void explain_queue(const Case& c, std::vector<Finding>& out);
// A Service that leads to no pod.
void explain_service(const Case& c, std::vector<Finding>& out);
// Objects that were deleted and do not go.
void explain_deletion(const Case& c, std::vector<Finding>& out);
// Events of schedulers and autoscalers, in which pools and taints have names of their own ("spot-7").
bool tells_of_placing(std::string_view reason);
// What events say of pods that are gone: preempted or evicted, and when `all`, also that they never had a node or never
// started.
void explain_gone(const Case& c, bool all, std::vector<Finding>& out);

// All of them, ranked. Empty for a workload that is well: it runs, ended well, or has only just begun.
std::vector<Finding> diagnose(const Snapshot& snapshot, const Symptoms& symptoms);

// Containers whose logs tell why the pods failed, the first failure first: some, and all that ended with the first one.
struct LogWish {
    std::string pod, container;
    bool previous = false;  // of the instance before the one that runs
};
std::vector<LogWish> wanted_logs(const Snapshot& snapshot);

}  // namespace ktrain::advice
