// Why a pod that runs is not well: probes, restarts, a sidecar that goes on, a node that is lost or under pressure.
#include <fmt/format.h>

#include <algorithm>

#include "core/advice/explain.h"
#include "core/advice/failure.h"
#include "core/base/text.h"
#include "core/kube/job.h"
#include "core/kube/node_gpus.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

using std::chrono::minutes;

Finding about(const Json& pod, std::string cause, std::string summary) {
    Finding out;
    out.cause = std::move(cause);
    out.summary = std::move(summary);
    out.object = ref_of(pod);
    out.weight = weight::container;
    return out;
}

std::string describe(const Json& pod) {
    return fmt::format("kubectl describe pod {} -n {}", kube::meta(pod, "name"), kube::meta(pod, "namespace"));
}

bool has_accelerator(const Container& container) {
    for (const auto& [name, amount] : at_path(*container.spec, {"resources", "limits"}).items())
        if (kube::is_accelerator(name)) return true;
    return false;
}

// The container that trains ended while another one that is no sidecar goes on: the pod, and so the job, never ends.
std::optional<Finding> endless(const Case& c, const Json& pod) {
    const std::string trainer = kube::pod_state(pod).container;
    std::optional<kube::Time> ended;
    bool done = false, helps = false;  // the one that ended; beside one that has the GPUs
    std::vector<std::string> running;
    for (const Container& container : containers_of(pod)) {
        if (container.init || container.status == nullptr) continue;
        const Json& state = at_path(*container.status, {"state"});
        if (state.contains("running")) {
            running.push_back(container.name);
            helps = helps || has_accelerator(container);
        }
        if (container.name != trainer || !state.contains("terminated")) continue;
        done = number_at(state, {"terminated", "exitCode"}) == 0;
        ended = time_at(state, {"terminated", "finishedAt"});
    }
    if (!done || helps || running.empty() || age(c.snapshot, ended) < grace) return std::nullopt;
    Finding out = about(pod, "sidecar-keeps-running",
                        fmt::format("the container {} has ended, but {} goes on, so that the pod never ends", trainer,
                                    join(running, ", ")));
    out.evidence.push_back(fmt::format("{}: terminated with 0; {}: running", trainer, join(running, ", ")));
    out.remedy = "make it a sidecar (an init container with restartPolicy: Always), or end it when the training ends";
    out.command = describe(pod);
    out.since = ended;
    return out;
}

// Of a pod that runs, as far as the server knows, which knows no better until the pod is collected.
std::optional<Finding> on_lost_node(const Case& c, const Json& pod) {
    const std::string name = string_or(at_path(pod, {"spec"}), "nodeName");
    if (!at_path(pod, {"status", "startTime"}).is_string() || !lacks_node(c.snapshot, name)) return std::nullopt;
    Finding out = about(pod, "node-missing", fmt::format("the node {} of the pod does not exist any more", name));
    out.evidence.push_back(fmt::format("phase {}, and there is no node {}", phase_of(pod), name));
    out.remedy = "the pod is collected within minutes and made anew; delete it by force if it stays";
    out.command =
        fmt::format("kubectl delete pod {} -n {} --force", kube::meta(pod, "name"), kube::meta(pod, "namespace"));
    out.weight = weight::ending;
    return out;
}

std::optional<Finding> on_sick_node(const Case& c, const Json& pod) {
    const Json* node = find_node(c.snapshot, string_or(at_path(pod, {"spec"}), "nodeName"));
    if (node == nullptr) return std::nullopt;
    std::optional<Finding> out;
    for (const Json& condition : at_path(*node, {"status", "conditions"})) {
        if (age(c.snapshot, time_at(condition, {"lastTransitionTime"})) < grace / 2) continue;
        const std::string text =
            fmt::format("{}={} {}: {}", string_or(condition, "type"), string_or(condition, "status"),
                        string_or(condition, "reason"), printable(string_or(condition, "message")));
        const auto match = c.symptoms.find(Source::node, string_or(condition, "type"), text);
        if (!match || (out && out->severity == Severity::error)) continue;
        const bool warns = match.row->severity == Severity::warning;
        if (out && warns) continue;
        out = finding_of(match, words_of(c, pod), warns ? weight::owner : weight::ending);
        out->object = {"Node", "", kube::meta(*node, "name")};
        out->evidence = {text, fmt::format("pod {} is on it", kube::meta(pod, "name"))};
        out->since = time_at(condition, {"lastTransitionTime"});
    }
    return out;
}

constexpr std::chrono::hours long_init{1};

std::string running_init(const Json& pod) {
    for (const Container& container : containers_of(pod))
        if (container.init && container.status != nullptr && string_or(*container.spec, "restartPolicy") != "Always" &&
            at_path(*container.status, {"state"}).contains("running"))
            return container.name;
    return {};
}

// A pod that has a node for long, and nothing happens to it there.
std::optional<Finding> untouched(const Case& c, const Json& pod) {
    const Json& scheduled = condition_of(pod, "PodScheduled");
    auto since = time_at(scheduled, {"lastTransitionTime"});
    if (!since) since = time_at(pod, {"metadata", "creationTimestamp"});
    if (phase_of(pod) != "Pending" || age(c.snapshot, since) < grace) return std::nullopt;
    const std::string name = string_or(at_path(pod, {"spec"}), "nodeName");
    const bool taken = at_path(pod, {"status", "startTime"}).is_string();
    Finding out;
    if (!taken && lacks_node(c.snapshot, name)) {
        out = about(pod, "node-missing", fmt::format("the pod is bound to the node {}, which does not exist", name));
        out.remedy = "leave spec.nodeName out, so that the scheduler chooses a node";
        out.command = "kubectl get nodes";
    } else if (!taken && age(c.snapshot, since) > 3 * grace) {
        out = about(pod, "kubelet-silent", fmt::format("the kubelet of the node {} has not taken the pod", name));
        out.remedy = "see whether the node is alive and its kubelet runs";
        out.command = "kubectl describe node " + name;
    } else if (taken && age(c.snapshot, since) > minutes(5)) {
        out = about(pod, "slow-start", "the containers have not started for more than five minutes");
        out.severity = Severity::warning;
        // One that runs is at work, as downloads of data are; it may wait for what does not come.
        if (const std::string init = running_init(pod); !init.empty()) {
            if (age(c.snapshot, since) < long_init) return std::nullopt;
            out.summary = fmt::format("the init container {} still runs after more than an hour", init);
        }
        for (const Event& event : c.history.of(pod))
            if (event.reason == "Pulling") out.evidence = {"Pulling: " + printable(event.message)};
        out.remedy = "see what it waits for: a large image, a slow volume, an init container that waits for others";
        out.command = describe(pod);
    } else {
        return std::nullopt;
    }
    out.evidence.push_back("Pending on node " + name + " since " + kube::format_time(*since));
    out.since = since;
    return out;
}

}  // namespace

bool ended_by_probe(const Case& c, const Json& pod) {
    const auto failure = failure_of(c.snapshot, pod);
    if (!failure || !failure->at || failure->reason() == "OOMKilled") return false;
    const std::chrono::seconds time_to_end{number_at(pod, {"spec", "terminationGracePeriodSeconds"}, 30)};
    for (const Event& event : c.history.of(pod))
        if (event.reason == "Killing" && event.message.find("probe") != std::string::npos && event.last &&
            event.message.find("ontainer " + failure->container.name + " failed") != std::string::npos &&
            *failure->at + grace >= *event.last && *failure->at - *event.last <= time_to_end + grace &&
            time_at(*failure->ended, {"startedAt"}).value_or(*event.last) <= *event.last)
            return true;
    return false;
}

// Kills by a probe are Normal events, and the container that was killed runs again.
std::optional<Finding> explain_probe(const Case& c, const Json& pod) {
    std::int64_t restarts = 0;
    bool unready = false, unstarted = false;
    for (const Container& container : containers_of(pod)) {
        if (container.status == nullptr || container.init) continue;
        restarts = std::max(restarts, number_at(*container.status, {"restartCount"}));
        unready = unready || at_path(*container.status, {"ready"}) == false;
        unstarted = unstarted || at_path(*container.status, {"started"}) == false;
    }
    std::optional<Event> kill, probe;
    for (const Event& event : c.history.of(pod)) {
        if (event.reason == "Killing" && event.message.find("probe") != std::string::npos) kill = event;
        if (event.reason == "Unhealthy") probe = event;
    }
    const std::optional<Event>& told = kill ? kill : probe;
    const bool ended = phase_of(pod) == "Failed" || (kill && ended_by_probe(c, pod));
    if (!told || (!ended && age(c.snapshot, told->last) > minutes(10)) || (ended && !kill)) return std::nullopt;
    if (!kill && (!(unready || unstarted) || age(c.snapshot, probe->first) < grace)) return std::nullopt;
    const std::string& text = probe ? probe->message : kill->message;
    const char* which = text.find("tartup") != std::string::npos    ? "startup"
                        : text.find("iveness") != std::string::npos ? "liveness"
                                                                    : "readiness";
    Finding out = about(pod, std::string(which) + "-probe",
                        kill ? fmt::format("the {} probe fails, and the container is killed for it", which)
                             : fmt::format("the {} probe fails", which));
    out.severity = kill ? Severity::error : Severity::warning;
    if (probe) out.evidence.push_back("Unhealthy: " + printable(probe->message));
    if (kill) out.evidence.push_back(fmt::format("Killing: {} ({} restarts)", printable(kill->message), restarts));
    const bool trains = kube::workload_kind(c.snapshot.root) != nullptr || string_or(c.snapshot.root, "kind") == "Pod";
    out.remedy = trains ? "training needs no such probe; remove it, or give it a longer initialDelaySeconds and timeout"
                        : "see why the program does not answer there, or give the probe more time and a right path";
    out.command = describe(pod);
    out.since = told->first;
    return out;
}

std::optional<Finding> explain_running(const Case& c, const Json& pod) {
    if (auto out = on_lost_node(c, pod)) return out;
    if (auto out = on_sick_node(c, pod)) return out;
    if (auto out = untouched(c, pod)) return out;
    if (auto out = explain_probe(c, pod)) return out;
    return endless(c, pod);
}

}  // namespace ktrain::advice
