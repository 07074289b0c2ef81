// Why the containers of a pod that has a node do not start: images, configuration, volumes, network.
#include <fmt/format.h>

#include <algorithm>

#include "core/advice/explain.h"
#include "core/base/text.h"
#include "core/kube/job.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

// Reasons that say nothing but that the kubelet is at work, or that the container failed before.
bool is_routine(const std::string& reason) {
    return reason == "ContainerCreating" || reason == "PodInitializing" || reason.empty();
}

// The newest event of each reason, what the kubelet says beside the status; newest last. That it has waited for volumes
// in vain tells less than why one of them was not mounted.
std::vector<Event> newest_events(const Case& c, const Json& pod) {
    const auto waits = [](const Event& event) {
        return event.message.starts_with("Unable to attach or mount volumes");
    };
    std::vector<Event> out;
    for (const Event& event : c.history.of(pod)) {
        std::erase_if(out, [&](const Event& one) {
            return one.reason == event.reason && one.reason != "Failed" && waits(one) == waits(event);
        });
        out.push_back(event);
    }
    if (std::ranges::any_of(out, [&](const Event& one) { return one.reason == "FailedMount" && !waits(one); }))
        std::erase_if(out, waits);
    return out;
}

Finding& place(Finding& out, const Json& pod, const std::optional<kube::Time>& since) {
    if (out.object.name.empty()) out.object = ref_of(pod);
    if (!out.since) out.since = since;
    return out;
}

// The status of a waiting container, with what the kubelet's events say of the same trouble.
std::optional<Finding> waiting_container(const Case& c, const Json& pod, const Container& container) {
    if (container.status == nullptr) return std::nullopt;
    const Json& waiting = at_path(*container.status, {"state", "waiting"});
    const std::string reason = string_or(waiting, "reason");
    if (is_routine(reason) || reason == "CrashLoopBackOff") return std::nullopt;
    std::string text = one_line(string_or(waiting, "message"));
    std::vector<std::string> evidence{
        fmt::format("container {}: {}{}{}", container.name, reason, text.empty() ? "" : ": ", printable(text))};
    for (const Event& event : newest_events(c, pod)) {
        if (event.type != "Warning" || event.reason == "FailedScheduling" || kube::is_routine_event(event.reason))
            continue;
        if (text.find(event.message) != std::string::npos) continue;
        text += "\n" + event.message;
        evidence.push_back(event.reason + ": " + printable(event.message));
    }
    const auto found = c.symptoms.find(Source::waiting, reason, text);
    if (!found) {
        Finding out;
        out.cause = "container-waiting";
        out.summary = fmt::format("the container {} does not start: {}", container.name, printable(reason));
        out.remedy = "see the events of the pod";
        out.command =
            fmt::format("kubectl describe pod {} -n {}", kube::meta(pod, "name"), kube::meta(pod, "namespace"));
        out.weight = weight::container;
        out.evidence = std::move(evidence);
        return place(out, pod, time_at(pod, {"status", "startTime"}));
    }
    if (!found.row->soon && age(c.snapshot, time_at(pod, {"status", "startTime"})) < grace) return std::nullopt;
    Finding out = finding_of(found, words_of(c, pod, &container), weight::container);
    out.evidence = std::move(evidence);
    return place(out, pod, time_at(pod, {"status", "startTime"}));
}

// Of an image the events say what a status would.
Symptoms::Match symptom_of(const Case& c, const Event& event) {
    if (event.reason == "Failed" && event.message.starts_with("Failed to pull image"))
        return c.symptoms.find(Source::waiting, "ErrImagePull", event.message);
    return c.symptoms.find(Source::event, event.reason, event.message);
}

// A pod that only says ContainerCreating: its events tell of volumes, sandboxes and networks.
std::optional<Finding> creating(const Case& c, const Json& pod) {
    const auto started = time_at(pod, {"status", "startTime"});
    std::optional<Finding> out;
    for (const Event& event : newest_events(c, pod)) {
        // The volumes are there before the image is pulled.
        if (event.reason == "Pulling" || event.reason == "Pulled" || event.reason == "Started") out.reset();
        const auto found = symptom_of(c, event);
        if (!found || (!found.row->soon && age(c.snapshot, event.first) < grace && age(c.snapshot, started) < grace))
            continue;
        Finding next = finding_of(found, words_of(c, pod), weight::volume);
        if (out && next.weight <= out->weight && next.cause.ends_with("mount-failed")) continue;
        next.evidence = {event.reason + ": " + printable(event.message)};
        next.since = event.first;
        out = std::move(next);
    }
    if (out) return place(*out, pod, started);
    return std::nullopt;
}

}  // namespace

std::optional<Finding> explain_waiting(const Case& c, const Json& pod) {
    for (const Container& container : containers_of(pod))
        if (auto out = waiting_container(c, pod, container)) return out;
    return creating(c, pod);
}

}  // namespace ktrain::advice
