// What the workload itself says: conditions, suspension, controllers that do nothing, deletions that do not end.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/advice/explain.h"
#include "core/advice/log_cause.h"
#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/resource.h"
#include "core/kube/workload_state.h"

namespace ktrain::advice {
namespace {

bool is_suspended(const Json& root) {
    return at_path(root, {"spec", "suspend"}) == true || at_path(root, {"spec", "runPolicy", "suspend"}) == true;
}

bool is_queued(const Case& c) {
    if (!kube::label_value(c.snapshot.root, "kueue.x-k8s.io/queue-name").empty()) return true;
    return std::ranges::any_of(c.snapshot.owners,
                               [](const Json& one) { return string_or(one, "apiVersion").starts_with("kueue."); });
}

Finding about(const Case& c, const Json& object, std::string cause, std::string summary, std::string remedy) {
    Finding out;
    out.cause = std::move(cause);
    out.summary = std::move(summary);
    out.object = ref_of(object);
    out.remedy = std::move(remedy);
    out.command = fill("kubectl describe {object} -n {namespace}", words_of(c, object));
    out.weight = weight::owner;
    return out;
}

void suspended(const Case& c, std::vector<Finding>& out) {
    if (!is_suspended(c.snapshot.root) || is_queued(c) || failed(c.snapshot.root) ||
        !suspended_by(c.snapshot.root).empty())
        return;
    Finding one = about(c, c.snapshot.root, "suspended", "the job is suspended: its pods are made when it is resumed",
                        "resume it");
    one.severity = Severity::warning;
    const bool cron = string_or(c.snapshot.root, "kind") == "CronJob";
    if (cron) one.summary = "the CronJob is suspended: it starts no Jobs until it is resumed";
    one.command = fill(cron ? "kubectl edit cronjob {name} -n {namespace}" : "ktrain resume {name} -n {namespace}",
                       words_of(c, c.snapshot.root));
    one.evidence.push_back(at_path(c.snapshot.root, {"spec", "suspend"}) == true ? "spec.suspend is true"
                                                                                 : "spec.runPolicy.suspend is true");
    one.weight = weight::queue;
    out.push_back(std::move(one));
}

// A condition, or the phase of kinds that have only that.
void condition(const Case& c, const Json& object, const Json& one, std::vector<Finding>& out) {
    if (kube::is_stale(one, object)) return;
    const std::string type = string_or(one, "type"), status = string_or(one, "status");
    const std::string reason = string_or(one, "reason"), message = string_or(one, "message");
    const std::string line =
        fmt::format("{} {}={} {}: {}", ref_of(object).text(), type, status, printable(reason), one_line(message));
    const std::string& why = !message.empty() ? message : !reason.empty() ? reason : status;
    // The end of a log in it, as RayJobs have one, tells more than that they failed.
    const bool lost = kube::meaning(type == "Phase" ? status : status == "True" ? type : "") == kube::Phase::failed;
    const auto logged =
        lost && why.find('\n') != std::string::npos ? cause_in_log(c.symptoms, why, true) : Symptoms::Match{};
    if (logged) {
        Finding next = finding_of(logged, words_of(c, object), weight::ending);
        quote(logged, logged.line, next);
        next.object = ref_of(object);
        next.evidence.push_back(line);
        next.since = time_at(one, {"lastTransitionTime"});
        return out.push_back(std::move(next));
    }
    const auto found = c.symptoms.find(Source::condition, reason, fmt::format("{}={}: {}", type, status, why));
    if (found) {
        if (!found.row->soon && age(c.snapshot, time_at(one, {"lastTransitionTime"})) < grace) return;
        Finding next = finding_of(found, words_of(c, object), weight::owner);
        next.object = ref_of(object);
        next.evidence.push_back(line);
        next.since = time_at(one, {"lastTransitionTime"});
        out.push_back(std::move(next));
    } else if (lost) {
        Finding next =
            about(c, object, "job-failed", fmt::format("{} failed: {}", ref_of(object).text(), printable(why)),
                  "see what its pods and events say");
        next.evidence.push_back(line);
        next.weight = weight::consequence;
        out.push_back(std::move(next));
    }
}

Json phase_as_condition(const Json& object) {
    const Json& status = at_path(object, {"status"});
    const Json& state = at_path(status, {"state"});
    const Json& how = state.is_object() ? state : status;  // Volcano's
    return {{"type", "Phase"},
            {"status", kube::phase_word(object)},
            {"reason", string_or(how, "reason")},
            {"message", string_or(how, "message")}};
}

// A workload that nobody has looked at: its controller does not run, or it is another one's.
void idle(const Case& c, std::vector<Finding>& out) {
    const Json& root = c.snapshot.root;
    const std::string kind = string_or(root, "kind");
    // A CronJob has no status before its first Job.
    if (kind == "Pod" || kind == "CronJob" || kind == "Service" || !c.snapshot.pods.empty() || is_suspended(root) ||
        is_queued(c))
        return;
    const Json& status = at_path(root, {"status"});
    const bool untouched =
        !status.is_object() || (status.find("startTime") == status.end() && at_path(status, {"conditions"}).empty() &&
                                !status.contains("observedGeneration") && kube::phase_word(root).empty());
    if (!untouched || !c.snapshot.owners.empty() || !c.history.of(root).empty()) return;
    if (age(c.snapshot, time_at(root, {"metadata", "creationTimestamp"})) < grace) return;
    const std::string manager = string_or(at_path(root, {"spec"}), "managedBy");
    Finding one =
        about(c, root, "controller-idle",
              fmt::format("no controller has acted on {}: it has no status, events or pods", ref_of(root).text()),
              fmt::format("see that the controller of {} runs, and that its webhook answers", kind));
    if (!manager.empty()) {
        one.summary += fmt::format(" (managedBy: {})", printable(manager));
        one.remedy = fmt::format("start the controller {}, or leave spec.managedBy out", printable(manager));
        one.evidence.push_back("spec.managedBy is " + printable(manager));
    }
    one.evidence.push_back("created " + kube::meta(root, "creationTimestamp"));
    one.command = "kubectl get pods -A | grep -i -e operator -e controller";
    out.push_back(std::move(one));
}

// A Job that is to make no pods.
void no_parallelism(const Case& c, std::vector<Finding>& out) {
    const Json& root = c.snapshot.root;
    if (string_or(root, "kind") != "Job" || at_path(root, {"spec", "parallelism"}) != 0 || is_suspended(root)) return;
    Finding one = about(c, root, "parallelism-zero", "spec.parallelism is 0, so that the job makes no pods",
                        "set parallelism to the number of pods that are to run at a time");
    one.evidence.push_back("spec.parallelism is 0");
    one.command = fill("kubectl edit {object} -n {namespace}", words_of(c, root));
    out.push_back(std::move(one));
}

// A Deployment or the like that makes no pods, or whose pods nobody makes.
void no_replicas(const Case& c, std::vector<Finding>& out) {
    const Json& root = c.snapshot.root;
    const std::string kind = string_or(root, "kind");
    if ((kind != "Deployment" && kind != "ReplicaSet" && kind != "StatefulSet") || !c.snapshot.pods.empty()) return;
    const std::int64_t wanted = number_at(root, {"spec", "replicas"}, 1);
    if (wanted == 0) {
        Finding one = about(c, root, "replicas-zero", "nothing runs: spec.replicas is 0",
                            "set replicas to the number of pods that are to run");
        one.evidence.push_back("spec.replicas is 0");
        one.command = fill("kubectl edit {object} -n {namespace}", words_of(c, root));
        return out.push_back(std::move(one));
    }
    if (!out.empty() || age(c.snapshot, time_at(root, {"metadata", "creationTimestamp"})) < grace) return;
    Finding one =
        about(c, root, "no-pods",
              fmt::format("nothing runs: there is none of the {} pods that {} is to have", wanted, ref_of(root).text()),
              "see its events; when there are none, its controller (kube-controller-manager) does not act");
    one.evidence.push_back(fmt::format("spec.replicas is {}, and no pod is there", wanted));
    one.weight = weight::consequence;
    out.push_back(std::move(one));
}

// A JobSet that begins anew each time that a Job of it fails: what failed is gone each time.
void restarting(const Case& c, std::vector<Finding>& out) {
    constexpr std::int64_t many = 3;
    const Json& root = c.snapshot.root;
    const std::int64_t restarts = number_at(root, {"status", "restarts"});
    if (string_or(root, "kind") != "JobSet" || restarts < many || failed(root)) return;
    const auto events = c.history.of(root);
    const auto last = std::find_if(events.rbegin(), events.rend(), [](const Event& event) {
        return event.reason.find("Restart") != std::string::npos || event.reason.find("Fail") != std::string::npos;
    });
    if (last == events.rend() || age(c.snapshot, last->last) > std::chrono::minutes(10)) return;
    Finding one = about(c, root, "restarts",
                        fmt::format("the JobSet fails and begins anew again and again: {} restarts", restarts),
                        "see the log of a pod while it runs, or right after its end: the pods of a try go with it");
    if (const Json& most = at_path(root, {"spec", "failurePolicy", "maxRestarts"}); most.is_number_integer())
        one.summary += fmt::format(" of at most {}", most.get<std::int64_t>());
    one.evidence.push_back(fmt::format("{}: {}", last->reason, printable(last->message)));
    std::string of_job;  // the last one
    for (const Event& event : c.history.of_gone_owners())
        if (event.type == "Warning" && event.object.kind == "Job")
            of_job = fmt::format("{} (gone) {}: {}", event.object.text(), event.reason, printable(event.message));
    if (!of_job.empty()) one.evidence.push_back(of_job);
    one.command = fill("ktrain logs {name} -f -n {namespace}", words_of(c, root));
    one.weight = weight::consequence;
    one.since = last->first;
    out.push_back(std::move(one));
}

// Finalizers that the control plane itself takes away.
bool of_the_system(const std::string& finalizer) {
    static constexpr std::array<std::string_view, 4> own{"batch.kubernetes.io/job-tracking", "foregroundDeletion",
                                                         "kubernetes", "orphan"};
    return std::ranges::find(own, finalizer) != own.end();
}

// When the last pod that is being deleted should be gone: its time to end is in that, an hour or more perhaps.
std::optional<kube::Time> pods_end(const Snapshot& snapshot) {
    std::optional<kube::Time> out;
    for (const Json& pod : snapshot.pods) out = std::max(out, time_at(pod, {"metadata", "deletionTimestamp"}));
    return out;
}

std::optional<Finding> stuck(const Case& c, const Json& object) {
    const auto deleted = time_at(object, {"metadata", "deletionTimestamp"});
    if (!deleted) return std::nullopt;
    const bool pod = string_or(object, "kind") == "Pod";
    const auto due = pod ? deleted : std::max(deleted, pods_end(c.snapshot));
    std::vector<std::string> foreign;
    for (const Json& finalizer : at_path(object, {"metadata", "finalizers"}))
        if (finalizer.is_string() && !of_the_system(finalizer.get<std::string>())) foreign.push_back(finalizer);
    const auto events = c.history.of(object);
    const std::chrono::seconds time_to_end{number_at(object, {"metadata", "deletionGracePeriodSeconds"}, 30)};
    const auto unkilled = std::find_if(events.rbegin(), events.rend(), [&](const Event& event) {
        return event.reason == "FailedKillPod" && event.last && *event.last >= *deleted - time_to_end;
    });
    const auto limit = !foreign.empty() ? grace / 2 : unkilled != events.rend() ? grace : patience;
    if (age(c.snapshot, unkilled != events.rend() ? deleted : due) < limit) return std::nullopt;
    const std::string age_text = human_duration(age(c.snapshot, deleted));
    Finding out = about(c, object, "stuck-terminating", "", "");
    out.weight = weight::deletion;
    out.since = deleted;
    out.evidence.push_back(
        fmt::format("deletionTimestamp {}, {} ago", kube::meta(object, "deletionTimestamp"), age_text));
    if (!foreign.empty()) {
        out.summary = fmt::format("{} is deleted but stays: the finalizer {} is not taken away", out.object.text(),
                                  join(foreign, ", "));
        out.evidence.push_back("metadata.finalizers: " + join(foreign, ", "));
        out.remedy = "start the controller that owns the finalizer; remove it by hand only when that is gone for good";
        out.command = fill("kubectl get {object} -n {namespace} -o yaml", words_of(c, object));
    } else if (pod) {
        const std::string node = string_or(at_path(object, {"spec"}), "nodeName");
        out.summary = fmt::format("{} is deleted but stays: the kubelet of node {} does not confirm its end",
                                  out.object.text(), node.empty() ? "(none)" : node);
        if (unkilled != events.rend()) {
            out.summary = fmt::format("{} is deleted but stays: the node {} cannot stop it: {}", out.object.text(),
                                      node, brief(unkilled->message, 200));
            out.evidence.push_back("FailedKillPod: " + printable(unkilled->message));
        }
        out.remedy = "see whether the node is alive; delete the pod by force when it is gone";
        out.command = "kubectl describe node " + node;
    } else {
        out.summary = fmt::format("{} is deleted but stays: what it owns is not gone yet", out.object.text());
        out.remedy = "see which of its pods do not end";
    }
    return out;
}

}  // namespace

std::string suspended_by(const Json& workload) {
    const std::string created = kube::meta(workload, "creationTimestamp");
    if (!is_suspended(workload)) return {};
    // Whoever applies it anew with another change gets a new time, too.
    const auto since = time_at(condition_of(workload, "Suspended"), {"lastTransitionTime"});
    const auto made = time_at(workload, {"metadata", "creationTimestamp"});
    if (since && made && *since - *made < grace / 5) return {};
    for (const Json& entry : at_path(workload, {"metadata", "managedFields"})) {
        const Json& spec = at_path(entry, {"fieldsV1", "f:spec"});
        const std::string at = string_or(entry, "time");
        if ((spec.contains("f:suspend") || at_path(spec, {"f:runPolicy"}).contains("f:suspend")) && at > created)
            return fmt::format("{} at {}", printable(string_or(entry, "manager")), printable(at));
    }
    return {};
}

void explain_owners(const Case& c, std::vector<Finding>& out) {
    suspended(c, out);
    for (const Json* object : workload_objects(c.snapshot)) {
        const std::string kind = string_or(*object, "kind");
        if (kind == "Pod" || kind == "Workload" || kind == "PodGroup" || succeeded(*object)) continue;
        for (const Json& one : at_path(*object, {"status", "conditions"})) condition(c, *object, one, out);
        condition(c, *object, phase_as_condition(*object), out);
    }
    no_parallelism(c, out);
    restarting(c, out);
    idle(c, out);
    no_replicas(c, out);
}

void explain_deletion(const Case& c, std::vector<Finding>& out) {
    for (const Json& pod : c.snapshot.pods)
        if (auto one = stuck(c, pod)) out.push_back(std::move(*one));
    const bool pod_stuck = !out.empty();
    for (const Json* object : workload_objects(c.snapshot)) {
        if (string_or(*object, "kind") == "Pod") continue;
        auto one = stuck(c, *object);
        if (one && !(pod_stuck && at_path(*object, {"metadata", "finalizers"}).size() <= 1))
            out.push_back(std::move(*one));
    }
}

}  // namespace ktrain::advice
