// Why pods could not be made: quotas, limit ranges, admission, accounts.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/advice/explain.h"
#include "core/base/text.h"
#include "core/kube/quota.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

// Warnings of owners that are not about making pods: how pods or jobs ended is told by those.
bool tells_of_an_end(const std::string& reason) {
    static constexpr std::array<std::string_view, 6> reasons{"BackoffLimitExceeded", "DeadlineExceeded",   "FailedJobs",
                                                             "PodFailurePolicy",     "ReachedMaxRestarts", "JobFailed"};
    return std::ranges::find(reasons, reason) != reasons.end();
}

// Of a Job, what has succeeded is not wanted any more; others count their pods as long as these have not failed.
std::int64_t living_pods(const Snapshot& snapshot, const Json& owner) {
    const bool job = string_or(owner, "kind") == "Job";
    return std::ranges::count_if(snapshot.pods, [&](const Json& pod) {
        const std::string phase = phase_of(pod);
        return controller_of(pod).uid == kube::meta(owner, "uid") && phase != "Failed" &&
               !(job && phase == "Succeeded") && kube::meta(pod, "deletionTimestamp").empty();
    });
}

// What the owner has made: how many objects, and when the last one.
struct Made {
    std::int64_t count = 0;
    std::optional<kube::Time> newest;
};

Made made_by(const Snapshot& snapshot, const Json& owner) {
    Made out;
    const std::string uid = kube::meta(owner, "uid");
    for (const std::vector<Json>* list : {&snapshot.owners, &snapshot.pods}) {
        for (const Json& one : *list) {
            if (controller_of(one).uid != uid) continue;
            ++out.count;
            out.newest = std::max(out.newest, time_at(one, {"metadata", "creationTimestamp"}));
        }
    }
    return out;
}

// The Jobs of a JobSet, which stay when they have ended.
std::optional<std::int64_t> wanted_jobs(const Json& owner) {
    if (string_or(owner, "kind") != "JobSet") return std::nullopt;
    std::int64_t sum = 0;
    for (const Json& one : at_path(owner, {"spec", "replicatedJobs"})) sum += number_at(one, {"replicas"}, 1);
    return sum;
}

// Whether the owner still lacks what this event says was refused.
bool still_lacks(const Snapshot& snapshot, const Json& owner, const Event& event) {
    if (failed(owner) || succeeded(owner)) return false;
    if (const auto wanted = wanted_pods(owner)) return living_pods(snapshot, owner) < *wanted;
    const Made made = made_by(snapshot, owner);
    if (!made.newest || !event.last) return !made.newest;
    // Of Jobs that are made together some come before the refusal and some within its second.
    if (const auto jobs = wanted_jobs(owner)) return made.count < *jobs && *event.last >= *made.newest;
    return *event.last > *made.newest;
}

// "used 8 of 8 requests.nvidia.com/gpu", for a refusal by this quota.
void add_quota(const Snapshot& snapshot, const std::string& message, Finding& out) {
    if (!snapshot.quotas) return;
    for (const Json& quota : *snapshot.quotas) {
        const std::string name = kube::meta(quota, "name");
        if (name.empty() || message.find("quota: " + name) == std::string::npos) continue;
        const Json& hard = at_path(quota, {"status", "hard"});
        if (!hard.is_object()) continue;
        for (const auto& [key, limit] : hard.items()) {
            if (message.find(key) == std::string::npos) continue;
            const std::string used = string_or(at_path(quota, {"status", "used"}), key, "0");
            out.evidence.push_back(fmt::format("quota {}: {} of {} {} in use", name, used,
                                               limit.is_string() ? limit.get<std::string>() : limit.dump(), key));
        }
    }
}

Finding refusal(const Case& c, const Json& owner, const Event& event) {
    Finding out;
    if (const auto found = c.symptoms.find(Source::refused, event.reason, event.message)) {
        out = finding_of(found, words_of(c, owner), weight::refused);
    } else {
        out.cause = "pods-refused";
        out.summary = fmt::format("the pods of {} could not be made", ref_of(owner).text());
        out.remedy = "correct what the message names, in the pod template or in the policy of the namespace";
        out.command = fill("kubectl describe {object} -n {namespace}", words_of(c, owner));
        out.weight = weight::refused;
    }
    out.object = event.object;
    out.evidence.push_back(fmt::format("{} {}: {}", event.object.text(), event.reason, printable(event.message)));
    add_quota(c.snapshot, event.message, out);
    out.since = event.first;
    return out;
}

// What its pods would need that the owner still lacks; nothing for owners that make no pods of their own.
std::optional<kube::PodCount> lacking_pods(const Snapshot& snapshot, const Json& owner) {
    const Json& spec = at_path(owner, {"spec", "template", "spec"});
    const auto wanted = wanted_pods(owner);
    if (!wanted || !spec.is_object() || failed(owner) || at_path(owner, {"spec", "suspend"}) == true)
        return std::nullopt;
    const std::int64_t count = *wanted - living_pods(snapshot, owner);
    if (count <= 0 || age(snapshot, time_at(owner, {"metadata", "creationTimestamp"})) < grace) return std::nullopt;
    return kube::PodCount{spec, count};
}

// The events of a refusal live an hour; the arithmetic of the quotas stays.
void by_arithmetic(const Case& c, std::vector<Finding>& out) {
    if (!c.snapshot.quotas || failed(c.snapshot.root)) return;
    for (const Json* owner : workload_objects(c.snapshot)) {
        const auto lacking = lacking_pods(c.snapshot, *owner);
        if (!lacking) continue;
        for (const kube::QuotaFinding& quota : kube::check_quotas({*lacking}, "", *c.snapshot.quotas)) {
            Finding one;
            one.cause = "quota-exceeded";
            one.summary = quota.message;
            one.object = ref_of(*owner);
            one.evidence.push_back(fmt::format("{} lacks {} pods, and no event tells why: they live for an hour",
                                               ref_of(*owner).text(), lacking->count));
            one.remedy =
                quota.never ? "ask for less, or have the quota raised" : "wait for others to end, or stop them";
            one.command = "kubectl describe quota -n " + kube::meta(*owner, "namespace");
            one.weight = weight::refused;
            out.push_back(std::move(one));
        }
    }
}

}  // namespace

void explain_refusals(const Case& c, std::vector<Finding>& out) {
    const std::size_t before = out.size();
    for (const Json* owner : workload_objects(c.snapshot)) {
        if (string_or(*owner, "kind") == "Pod") continue;
        std::optional<Event> last;
        for (Event& event : c.history.of(*owner))
            if (event.type == "Warning" && !tells_of_an_end(event.reason)) last = std::move(event);
        if (!last || !still_lacks(c.snapshot, *owner, *last)) continue;
        // A warning that nobody knows and that names no failure is none.
        const bool known = static_cast<bool>(c.symptoms.find(Source::refused, last->reason, last->message));
        if (known || last->reason.find("Fail") != std::string::npos || last->reason.find("Error") != std::string::npos)
            out.push_back(refusal(c, *owner, *last));
    }
    if (out.size() == before && c.snapshot.pods.empty()) {
        std::map<std::string, Event> refused;  // by the owner between, which could not be read
        for (Event& event : c.history.of_gone_owners())
            if (event.type == "Warning" && event.reason.find("FailedCreate") != std::string::npos)
                refused[event.object.text()] = std::move(event);
        if (!failed(c.snapshot.root))
            for (const auto& [name, event] : refused) out.push_back(refusal(c, c.snapshot.root, event));
    }
    if (out.size() == before) by_arithmetic(c, out);
}

}  // namespace ktrain::advice
