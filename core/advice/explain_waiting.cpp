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

// The newest event of each reason, what the kubelet says beside the status; newest last.
std::vector<Event> newest_events(const Case& c, const Json& pod) {
    std::vector<Event> out;
    for (const Event& event : c.history.of(pod)) {
        std::erase_if(out, [&](const Event& one) { return one.reason == event.reason && one.reason != "Failed"; });
        out.push_back(event);
    }
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

// A pod that only says ContainerCreating: its events tell of volumes, sandboxes and networks.
std::optional<Finding> creating(const Case& c, const Json& pod) {
    const auto started = time_at(pod, {"status", "startTime"});
    std::optional<Finding> out;
    for (const Event& event : newest_events(c, pod)) {
        // The volumes are there before the image is pulled.
        if (event.reason == "Pulling" || event.reason == "Pulled" || event.reason == "Started") out.reset();
        const auto found = c.symptoms.find(Source::event, event.reason, event.message);
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

std::string claim_name(const Json& pod, const Json& volume) {
    if (volume.contains("ephemeral")) return kube::meta(pod, "name") + "-" + string_or(volume, "name");
    return string_or(at_path(volume, {"persistentVolumeClaim"}), "claimName");
}

// What the events of a claim say; a claim without a telling event waits for a provisioner that does not act.
Finding pending_claim(const Case& c, const Json& claim) {
    const std::string name = kube::meta(claim, "name"), where = kube::meta(claim, "namespace");
    const std::string storage_class = string_or(at_path(claim, {"spec"}), "storageClassName");
    Words words{{"claim", name}, {"namespace", where}, {"class", storage_class}};
    std::vector<std::string> evidence{fmt::format("PersistentVolumeClaim {} is {}", name, phase_of(claim))};
    std::optional<Finding> out;
    for (const Event& event : c.history.of(claim)) {
        const auto found = c.symptoms.find(Source::event, event.reason, event.message);
        if (!found || (out && event.type == "Normal")) continue;  // a warning tells more
        out = finding_of(found, words, weight::volume);
        evidence.push_back(event.reason + ": " + printable(event.message));
    }
    if (!out) {
        out.emplace();
        out->cause = "volume-not-bound";
        out->summary = fmt::format("the claim {} is not bound: nothing provides a volume{}", name,
                                   storage_class.empty() ? "" : " of class " + storage_class);
        out->remedy = "see that the storage class exists and that its provisioner runs";
        out->command = fmt::format("kubectl describe pvc {} -n {}", name, where);
        out->weight = weight::volume;
    }
    const bool known = c.snapshot.classes && !storage_class.empty();
    if (known && std::ranges::none_of(*c.snapshot.classes,
                                      [&](const Json& one) { return kube::meta(one, "name") == storage_class; })) {
        out->cause = "storage-class-missing";
        out->summary =
            fmt::format("the claim {} names the storage class {}, which does not exist", name, storage_class);
        out->remedy = "name a class that exists, or create it";
        out->command = "kubectl get storageclasses";
    }
    out->evidence = std::move(evidence);
    out->object = ref_of(claim);
    if (out->object.kind.empty()) out->object.kind = "PersistentVolumeClaim";
    out->since = time_at(claim, {"metadata", "creationTimestamp"});
    return *out;
}

Finding missing_claim(const Json& pod, const std::string& name) {
    Finding out;
    out.cause = "claim-missing";
    out.summary = fmt::format("the PersistentVolumeClaim {}, which the pod mounts, does not exist", name);
    out.object = {"PersistentVolumeClaim", kube::meta(pod, "namespace"), name};
    out.remedy = "create the claim, or correct claimName in the pod template";
    out.command = fmt::format("kubectl get pvc -n {}", kube::meta(pod, "namespace"));
    out.weight = weight::volume;
    return out;
}

// A claim that an ephemeral volume needs and that was not made: the pod's events tell why.
std::optional<Finding> refused_claim(const Case& c, const Json& pod, const std::string& name) {
    std::optional<Finding> out;
    for (const Event& event : c.history.of(pod)) {
        if (event.reason != "FailedBinding" || event.message.find(name) == std::string::npos) continue;
        Words words = words_of(c, pod);
        if (const auto found = c.symptoms.find(Source::refused, event.reason, event.message)) {
            out = finding_of(found, words, weight::volume);
        } else {
            out.emplace();
            out->cause = "claim-refused";
            out->summary = fmt::format("the claim {} of an ephemeral volume could not be made", name);
            out->remedy = "correct what the message names, in the volume's template or in the policy of the namespace";
            out->command = fill("kubectl describe pod {pod} -n {namespace}", words);
            out->weight = weight::volume;
        }
        out->evidence = {event.reason + ": " + printable(event.message)};
        out->object = ref_of(pod);
        out->since = event.first;
    }
    return out;
}

// A claim that has the name of an ephemeral volume's, and that was not made for it.
Finding foreign_claim(const Json& pod, const std::string& name) {
    Finding out;
    out.cause = "claim-foreign";
    out.summary = fmt::format("the claim {} is another's: it was not made for the pod's ephemeral volume", name);
    out.object = {"PersistentVolumeClaim", kube::meta(pod, "namespace"), name};
    out.evidence.push_back(fmt::format("no owner of the claim is the pod {}", kube::meta(pod, "name")));
    out.remedy = "delete or rename that claim, or give the volume or the pod another name";
    out.command = fmt::format("kubectl get pvc {} -n {} -o yaml", name, kube::meta(pod, "namespace"));
    out.weight = weight::volume;
    return out;
}

}  // namespace

std::optional<Finding> explain_claims(const Case& c, const Json& pod) {
    if (!c.snapshot.claims) return std::nullopt;
    for (const Json& volume : at_path(pod, {"spec", "volumes"})) {
        const std::string name = claim_name(pod, volume);
        if (name.empty()) continue;
        const auto claim =
            std::ranges::find_if(*c.snapshot.claims, [&](const Json& one) { return kube::meta(one, "name") == name; });
        if (claim == c.snapshot.claims->end()) {
            if (!volume.contains("ephemeral")) return missing_claim(pod, name);
            if (auto out = refused_claim(c, pod, name)) return out;
            continue;
        }
        if (volume.contains("ephemeral") && controller_of(*claim).uid != kube::meta(pod, "uid"))
            return foreign_claim(pod, name);
        if (!kube::meta(*claim, "deletionTimestamp").empty()) {
            Finding out;
            out.cause = "claim-terminating";
            out.summary = fmt::format("the claim {} is being deleted, so no new pod may mount it", name);
            out.object = {"PersistentVolumeClaim", kube::meta(pod, "namespace"), name};
            out.evidence.push_back("deletionTimestamp " + kube::meta(*claim, "deletionTimestamp"));
            out.remedy = "end the pods that still use it, then create the claim anew";
            out.command = fmt::format("kubectl describe pvc {} -n {}", name, kube::meta(pod, "namespace"));
            out.weight = weight::volume;
            return out;
        }
        if (phase_of(*claim) == "Lost") {
            Finding out = pending_claim(c, *claim);
            out.cause = "volume-lost";
            out.summary = fmt::format("the volume of the claim {} is gone", name);
            out.remedy = "restore the PersistentVolume, or delete the claim and make a new one";
            return out;
        }
        if (phase_of(*claim) != "Bound") return pending_claim(c, *claim);
    }
    return std::nullopt;
}

std::optional<Finding> explain_waiting(const Case& c, const Json& pod) {
    for (const Container& container : containers_of(pod))
        if (auto out = waiting_container(c, pod, container)) return out;
    return creating(c, pod);
}

}  // namespace ktrain::advice
