// Reads events, and tells by names which of them are about what a workload made.
#include "core/advice/history.h"

#include <algorithm>

#include "core/kube/job.h"
#include "core/kube/made_names.h"
#include "core/kube/resource.h"

namespace ktrain::advice {

std::string one_line(std::string_view message) {
    std::string out;
    for (const char c : message) {
        const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

Event event_of(const Json& event) {
    Event out;
    const Json& object = at_path(event, {event.contains("regarding") ? "regarding" : "involvedObject"});
    out.object = {string_or(object, "kind"), string_or(object, "namespace"), string_or(object, "name")};
    out.uid = string_or(object, "uid");
    out.type = string_or(event, "type");
    out.reason = string_or(event, "reason");
    out.message = one_line(string_or(event, "message"));
    out.source = string_or(at_path(event, {"source"}), "component", string_or(event, "reportingComponent"));
    if (out.source == "kubelet") out.node = string_or(at_path(event, {"source"}), "host");
    out.count = std::max(number_at(event, {"count"}, 1), number_at(event, {"series", "count"}, 1));
    out.first = time_at(event, {"firstTimestamp"});
    out.last = kube::event_time(event);
    if (!out.first) out.first = out.last;
    return out;
}

// Source: pkg/scheduler/schedule_one.go: "Successfully assigned %v/%v to %v".
std::string assigned_node(const Event& event) {
    const std::size_t at = event.message.rfind(" to ");
    if (event.reason != "Scheduled" || at == std::string::npos) return {};
    return event.message.substr(at + 4);
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
            if (kube::would_name(*one, event.object.kind, name) &&
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
