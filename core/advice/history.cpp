// Reads events, and tells by names which of them are about what a workload made.
#include "core/advice/history.h"

#include <algorithm>
#include <charconv>

#include "core/base/names.h"
#include "core/kube/job.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The time of a CronJob's Job, in minutes since 1970.
bool is_minute(std::string_view text) {
    return is_number(text) && text.size() >= 8;
}

// What the server appends to a generated name.
bool is_random(std::string_view text) {
    return text.size() == 5 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

bool is_word(std::string_view text) {
    return !text.empty() && text.find('-') == std::string_view::npos;
}

// The text up to its first "-", which is taken away from it with that.
std::string_view first_part(std::string_view& text) {
    const std::string_view part = text.substr(0, text.find('-'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

bool of_job(const Json& job, std::string_view rest) {
    if (string_or(at_path(job, {"spec"}), "completionMode") != "Indexed") return is_random(rest);
    const std::string_view index = first_part(rest);
    std::int64_t value = -1;
    std::from_chars(index.data(), index.data() + index.size(), value);
    return is_number(index) && value < number_at(job, {"spec", "completions"}, 1) && is_random(rest);
}

bool of_job_set(const Json& set, bool pod, std::string_view rest) {
    return std::ranges::any_of(at_path(set, {"spec", "replicatedJobs"}), [&](const Json& one) {
        const std::string name = string_or(one, "name") + "-";
        if (!rest.starts_with(name)) return false;
        std::string_view more = rest.substr(name.size());
        return is_number(first_part(more)) && (pod || more.empty());
    });
}

// Kinds of kubeflow.org name their pods by the type of the replica.
bool of_replicas(const Json& specs, std::string_view rest) {
    const std::string type(first_part(rest));
    return std::ranges::any_of(specs.items(), [&](const auto& one) { return lower(one.key()) == type; });
}

}  // namespace

bool would_name(const Json& maker, const std::string& kind, const std::string& name) {
    const std::string prefix = kube::meta(maker, "name") + "-", own_kind = string_or(maker, "kind");
    if (!name.starts_with(prefix) || kind == own_kind) return false;
    std::string_view rest = std::string_view(name).substr(prefix.size());
    const bool pod = kind == "Pod";
    if (own_kind == "Job" && string_or(maker, "apiVersion").starts_with("batch/")) return pod && of_job(maker, rest);
    if (own_kind == "ReplicaSet" || own_kind == "ReplicationController" || own_kind == "DaemonSet")
        return pod && is_random(rest);
    if (own_kind == "StatefulSet") return pod && is_number(rest);
    if (own_kind == "Deployment") return pod || (kind == "ReplicaSet" && is_word(rest));
    if (own_kind == "CronJob") return is_minute(first_part(rest)) && (pod ? is_random(rest) : rest.empty());
    if (own_kind == "JobSet") return of_job_set(maker, pod, rest);
    if (own_kind == "TrainJob") return !is_number(first_part(rest));  // after the jobs of its runtime
    const Json& spec = at_path(maker, {"spec"});
    if (spec.is_object())
        for (const auto& [key, specs] : spec.items())
            if (key.ends_with("ReplicaSpecs") && specs.is_object()) return of_replicas(specs, rest);
    return true;
}

Event event_of(const Json& event) {
    Event out;
    const Json& object = at_path(event, {event.contains("regarding") ? "regarding" : "involvedObject"});
    out.object = {string_or(object, "kind"), string_or(object, "namespace"), string_or(object, "name")};
    out.uid = string_or(object, "uid");
    out.type = string_or(event, "type");
    out.reason = string_or(event, "reason");
    out.message = string_or(event, "message");
    out.source = string_or(at_path(event, {"source"}), "component", string_or(event, "reportingComponent"));
    if (out.source == "kubelet") out.node = string_or(at_path(event, {"source"}), "host");
    out.count = std::max(number_at(event, {"count"}, 1), number_at(event, {"series", "count"}, 1));
    out.first = time_at(event, {"firstTimestamp"});
    out.last = kube::event_time(event);
    if (!out.first) out.first = out.last;
    return out;
}

History::History(const Snapshot& snapshot) : snapshot_(snapshot) {
    for (const Json& json : snapshot.events) events_.push_back(event_of(json));
    std::ranges::stable_sort(events_, {}, &Event::last);
    for (std::size_t i = 0; i < events_.size(); ++i)
        about_[{events_[i].object.kind, events_[i].object.name}].push_back(i);
    const auto know = [&](const Json& object) {
        for (const std::string& uid : {kube::meta(object, "uid"), std::string()})
            uids_.emplace(kube::meta(object, "name"), uid);
    };
    for (const Json* object : workload_objects(snapshot)) {
        makers_[kube::meta(*object, "name")].push_back(object);
        know(*object);
    }
    for (const Json& pod : snapshot.pods) know(pod);
}

std::vector<Event> History::of(const Json& object) const {
    const std::string uid = kube::meta(object, "uid");
    std::vector<Event> out;
    const auto found = about_.find({string_or(object, "kind"), kube::meta(object, "name")});
    if (found == about_.end()) return out;
    for (const std::size_t i : found->second)
        if (uid.empty() || events_[i].uid.empty() || events_[i].uid == uid) out.push_back(events_[i]);
    return out;
}

// Names may have "-" in them: whatever lies between the workload's name and this one must be none of another workload
// of its kind, as "cnn-2" is beside "cnn".
bool History::is_own(const Event& event) const {
    if (snapshot_.strangers.contains(event.uid)) return false;
    const std::string& name = event.object.name;
    const Json* maker = nullptr;
    for (std::size_t at = name.find('-'); at != std::string::npos; at = name.find('-', at + 1)) {
        const std::string before = name.substr(0, at);
        if (maker != nullptr && about_.contains({string_or(*maker, "kind"), before}) && !makers_.contains(before))
            return false;
        const auto known = makers_.find(before);
        if (known == makers_.end()) continue;
        for (const Json* one : known->second)
            if (would_name(*one, event.object.kind, name) &&
                time_at(*one, {"metadata", "creationTimestamp"}) <= event.last)
                maker = one;
    }
    return maker != nullptr;
}

std::vector<Event> History::of_unread(bool pods) const {
    std::vector<Event> out;
    for (const Event& event : events_)
        if ((event.object.kind == "Pod") == pods && !uids_.contains({event.object.name, event.uid}) && is_own(event))
            out.push_back(event);
    return out;
}

}  // namespace ktrain::advice
