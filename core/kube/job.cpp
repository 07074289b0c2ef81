// What the pods of a workload and their events mean, in the words a person uses.
#include "core/kube/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/resource.h"

namespace ktrain::kube {
namespace {

// The status of the container that trains: the annotated default, the one named "trainer", else the first.
const Json& trainer_status(const Json& pod, std::string& name) {
    static const Json none;
    name = annotation(pod, "kubectl.kubernetes.io/default-container");
    const Json& containers = at_path(pod, {"spec", "containers"});
    if (name.empty()) {
        for (const Json& container : containers)
            if (string_or(container, "name") == "trainer") name = "trainer";
    }
    if (name.empty() && containers.is_array() && !containers.empty()) name = string_or(containers[0], "name");
    for (const Json& status : at_path(pod, {"status", "containerStatuses"}))
        if (string_or(status, "name") == name) return status;
    return none;
}

// An init container that waits or failed: it is what the pod hangs on.
std::string init_status(const Json& pod) {
    for (const Json& status : at_path(pod, {"status", "initContainerStatuses"})) {
        const std::string waiting = string_or(at_path(status, {"state", "waiting"}), "reason");
        if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
        const int code = int_at(status, {"state", "terminated", "exitCode"});
        if (code != 0) return "Init:" + string_or(at_path(status, {"state", "terminated"}), "reason", "Error");
    }
    return {};
}

bool has_begun(const Json& status) {
    const Json& state = at_path(status, {"state"});
    return state.contains("running") || at_path(state, {"terminated"}).is_object() ||
           at_path(status, {"lastState", "terminated"}).is_object();
}

// An init container that the kubelet starts again whatever its end: a sidecar.
bool is_sidecar(const Json& pod, const std::string& name) {
    for (const Json& container : at_path(pod, {"spec", "initContainers"}))
        if (string_or(container, "name") == name) return string_or(container, "restartPolicy") == "Always";
    return false;
}

std::vector<ContainerState> containers_of(const Json& pod, bool ended) {
    std::vector<ContainerState> out;
    for (const char* list : {"initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"}) {
        const bool once = list != std::string_view("containerStatuses");
        for (const Json& status : at_path(pod, {"status", list})) {
            const std::string name = string_or(status, "name");
            const Json& end = at_path(status, {"state", "terminated"});
            const bool done = once && end.is_object() && int_at(end, {"exitCode"}) == 0 && !is_sidecar(pod, name);
            out.push_back({name, int_at(status, {"restartCount"}), has_begun(status), ended || done});
        }
    }
    return out;
}

void read_container(const Json& status, PodState& out) {
    out.restarts = int_at(status, {"restartCount"});
    const Json& state = at_path(status, {"state"});
    out.running = state.contains("running");
    const Json& waiting = at_path(state, {"waiting"});
    const Json& ended = at_path(state, {"terminated"});
    out.begun = has_begun(status);
    if (waiting.is_object()) {
        out.status = string_or(waiting, "reason", out.status);
        out.message = message_of(waiting, out.message);
    } else if (ended.is_object()) {
        out.status = string_or(ended, "reason", out.status);
        out.message = message_of(ended, out.message);
        out.exit_code = int_at(ended, {"exitCode"});
        out.finished = time_at(ended, {"finishedAt"});
    }
}

// Reasons of events that tell nothing about a job that does not run; the kubelet warns of name servers in many healthy
// clusters.
constexpr std::array<std::string_view, 12> routine{"Completed",         "Created", "DNSConfigForming", "JobResumed",
                                                   "MissingClusterDNS", "Pulled",  "Pulling",          "Resumed",
                                                   "Scheduled",         "Started", "SuccessfulCreate", "Suspended"};
static_assert(std::is_sorted(routine.begin(), routine.end()));

bool is_job(std::string_view kind, std::string_view name, std::string_view uid, const WorkloadState& job) {
    const std::string_view own_kind = job.kind == nullptr ? "Job" : job.kind->kind;
    return kind == own_kind && name == job.name && (job.uid.empty() || uid == job.uid);
}

// A Job of a JobSet, the JobSet of a TrainJob: they are named after it, as "train" and "train-node-0"; not "train-2".
bool is_own_child(std::string_view kind, std::string_view name, const WorkloadState& job) {
    if (job.kind == nullptr || (name != job.name && !name.starts_with(job.name + "-"))) return false;
    if (kind == "Job" && std::ranges::count(name.substr(std::min(name.size(), job.name.size() + 1)), '-') == 0)
        return false;
    const auto& children = job.kind->children;
    return std::any_of(children.begin(), children.end(), [&](const ChildKind& c) { return c.kind == kind; });
}

// What a pending pod waits for: its status says so, or its newest event (a volume, a sandbox).
Obstacle obstacle_of(const PodState& pod, const std::vector<EventLine>& events) {
    std::string reason = pod.status, message = pod.message;
    const auto own = [&](const EventLine& event) { return event.object == "Pod/" + pod.name; };
    if (const auto event = std::find_if(events.rbegin(), events.rend(), own);
        message.empty() && event != events.rend()) {
        reason = event->reason;
        message = event->message;
    }
    if (message.empty() && (reason == "Pending" || reason == "ContainerCreating")) return {};
    // The kubelet changes between the two while it tries.
    const bool image = reason == "ErrImagePull" || reason == "ImagePullBackOff";
    return {fmt::format("{} {}", pod.name, image ? "image" : reason),
            fmt::format("pod {} waits: {}{}{}", pod.name, printable(reason), message.empty() ? "" : ": ",
                        printable(message))};
}

}  // namespace

PodState pod_state(const Json& pod) {
    PodState out;
    out.name = meta(pod, "name");
    out.uid = meta(pod, "uid");
    out.node = string_or(at_path(pod, {"spec"}), "nodeName");
    out.phase = string_or(at_path(pod, {"status"}), "phase", "Pending");
    out.status = string_or(at_path(pod, {"status"}), "reason", out.phase);
    out.message = message_of(at_path(pod, {"status"}));
    out.created = time_at(pod, {"metadata", "creationTimestamp"});
    out.ended = out.phase == "Succeeded" || out.phase == "Failed";
    const std::string index = annotation(pod, "batch.kubernetes.io/job-completion-index");
    std::from_chars(index.data(), index.data() + index.size(), out.rank);
    read_container(trainer_status(pod, out.container), out);
    out.containers = containers_of(pod, out.ended);
    if (const std::string init = init_status(pod); !init.empty()) out.status = init;
    for (const Json& one : at_path(pod, {"status", "conditions"})) {
        if (out.phase != "Pending" || string_or(one, "type") != "PodScheduled" || string_or(one, "status") != "False")
            continue;
        out.status = string_or(one, "reason", out.status);
        out.message = message_of(one);
    }
    if (!meta(pod, "deletionTimestamp").empty() && !out.ended) {
        out.status = "Terminating";
        out.grace = std::chrono::seconds(int_at(pod, {"metadata", "deletionGracePeriodSeconds"}));
    }
    return out;
}

const PodState* first_failure(const std::vector<PodState>& pods) {
    const PodState* first = nullptr;
    for (const PodState& pod : pods) {
        if (!pod.failed()) continue;
        // Peers of a failed process end by SIGABRT or SIGKILL in the same second: a pod with another end is the cause.
        const auto key = [](const PodState& p) {
            const int code = p.exit_code.value_or(0);
            return std::make_pair(p.finished.value_or(Time::max()), code == 134 || code == 137 || code == 143);
        };
        if (first == nullptr || key(pod) < key(*first)) first = &pod;
    }
    return first;
}

std::string explain_exit(const PodState& pod) {
    if (!pod.exit_code) return printable(pod.status);
    std::string meaning;
    for (const ExitCodeRow& row : exit_codes)
        if (row.code == *pod.exit_code && row.code != 0) meaning = row.name;
    if (pod.status == "OOMKilled") meaning = "out of memory";
    std::string out = fmt::format("exit code {}", *pod.exit_code);
    if (!meaning.empty()) out += fmt::format(" ({})", meaning);
    if (!pod.status.empty() && pod.status != "Error" && pod.status != "Completed") out += ", " + printable(pod.status);
    return out;
}

bool is_routine_event(std::string_view reason) {
    return std::binary_search(routine.begin(), routine.end(), reason);
}

std::string telling_event_selector(bool pods_only) {
    std::string out = pods_only ? "involvedObject.kind=Pod" : "";
    for (const std::string_view reason : routine) out += fmt::format("{}reason!={}", out.empty() ? "" : ",", reason);
    return out;
}

std::optional<Time> event_time(const Json& event) {
    for (const auto& time : {time_at(event, {"series", "lastObservedTime"}), time_at(event, {"lastTimestamp"}),
                             time_at(event, {"eventTime"}), time_at(event, {"metadata", "creationTimestamp"})})
        if (time) return time;
    return std::nullopt;
}

EventLine event_line(const Json& event) {
    EventLine line;
    const Json& about = at_path(event, {"involvedObject"});
    line.object = string_or(about, "kind") + "/" + string_or(about, "name");
    line.type = string_or(event, "type");
    line.reason = string_or(event, "reason");
    line.message = printable(message_of(event));
    line.count = std::max(1, int_at(event, {"count"}, int_at(event, {"series", "count"}, 1)));
    line.last = event_time(event);
    return line;
}

std::vector<EventLine> telling_events(const std::vector<Json>& events, const WorkloadState& job,
                                      const std::vector<PodState>& pods) {
    std::set<std::string_view> own_pods;
    for (const PodState& pod : pods) own_pods.insert(pod.name);
    std::vector<EventLine> out;
    for (const Json& event : events) {
        const std::string kind = string_or(at_path(event, {"involvedObject"}), "kind");
        const std::string name = string_or(at_path(event, {"involvedObject"}), "name");
        const std::string uid = string_or(at_path(event, {"involvedObject"}), "uid", job.uid);
        const bool of_pod = kind == "Pod" && own_pods.contains(name);
        if (!of_pod && !is_own_child(kind, name, job) && !is_job(kind, name, uid, job)) continue;
        EventLine line = event_line(event);
        if (is_routine_event(line.reason)) continue;
        out.push_back(std::move(line));
    }
    std::stable_sort(out.begin(), out.end(), [](const EventLine& a, const EventLine& b) { return a.last < b.last; });
    return out;
}

Obstacle obstacle(const WorkloadState& job, const std::vector<PodState>& pods, const std::vector<EventLine>& events) {
    if (job.ended() || job.phase == Phase::suspended || job.phase == Phase::queued) return {};
    for (const PodState& pod : pods) {
        if (pod.phase != "Pending" || pod.running) continue;
        if (Obstacle found = obstacle_of(pod, events); !found.text.empty()) return found;
    }
    if (static_cast<int>(pods.size()) >= job.wanted) return {};
    for (auto event = events.rbegin(); event != events.rend(); ++event)
        if (event->reason == "FailedCreate") return {event->reason, "the pods are refused: " + event->message};
    return {};
}

}  // namespace ktrain::kube
