// What the pods of a workload and their events mean, in the words a person uses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/kube/workload_state.h"

namespace ktrain::kube {

// A container of a pod, of whatever sort.
struct ContainerState {
    std::string name;
    int restarts = 0;
    bool begun = false;  // there may be logs
    bool ended = false;  // it will not run again
};

struct PodState {
    std::string name, uid, node, phase;
    std::string status;     // as kubectl prints it: the waiting or ending reason, else the phase
    std::string container;  // of the training process
    std::string message;    // why it does not run or why it ended, when the pod says so
    int rank = -1;          // completion index
    int restarts = 0;
    bool running = false;                    // the container runs now
    bool begun = false;                      // the container has run: there may be logs
    bool ended = false;                      // phase Succeeded or Failed
    std::vector<ContainerState> containers;  // in kubectl's order: those that initialise, the others, debuggers
    std::optional<int> exit_code;
    std::optional<std::chrono::seconds> grace;  // it has been told to end, and is killed after that time
    std::optional<Time> created, finished;

    bool failed() const { return phase == "Failed" || (exit_code && *exit_code != 0); }
};

PodState pod_state(const Json& pod);

// The pod that failed first: the others of a job mostly follow it. nullptr when none failed.
const PodState* first_failure(const std::vector<PodState>& pods);

// "OOMKilled (137)" and the like, with what the exit code means to ktrain run.
std::string explain_exit(const PodState& pod);

struct EventLine {
    std::string object;  // "Pod/cnn-0-x7k2p"
    std::string type, reason, message;
    std::optional<Time> last;
    int count = 1;
};

// When it was last seen; a series is written anew, and lasts longer than its first event.
std::optional<Time> event_time(const Json& event);

EventLine event_line(const Json& event);

// Events of this reason do not tell why a job does not run.
bool is_routine_event(std::string_view reason);

// Events about this very workload, one of its pods, or a Job between them, oldest first, without those that only say
// that all is well.
std::vector<EventLine> telling_events(const std::vector<Json>& events, const WorkloadState& job,
                                      const std::vector<PodState>& pods);

// The field selector of the events of pods, or of objects of all kinds, without those that telling_events() leaves out.
std::string telling_event_selector(bool pods_only);

// What keeps a job from running: `text` is one line, and `cause` stays the same while only details of it change.
// Both are empty when nothing does.
struct Obstacle {
    std::string cause, text;
};

// Pods that wait first, then pods that are refused.
Obstacle obstacle(const WorkloadState& job, const std::vector<PodState>& pods, const std::vector<EventLine>& events);

}  // namespace ktrain::kube
