// What has happened: the events of a namespace, each read once, found by what they are about.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/advice/snapshot.h"

namespace ktrain::advice {

struct Event {
    ObjectRef object;
    std::string uid, type, reason, message, source;
    std::string node;  // of the kubelet that tells it
    std::optional<kube::Time> first, last;
    std::int64_t count = 1;
};

Event event_of(const Json& event);

// The node that the scheduler says it has bound the pod to; empty for other events.
std::string assigned_node(const Event& event);

// What somebody says of an object, over several lines perhaps, in one: "exit status 32 Output: no such device".
std::string one_line(std::string_view message);

class History {
public:
    explicit History(const Snapshot& snapshot);

    // Events about this object (by uid where both have one), oldest first.
    std::vector<Event> of(const Json& object) const;
    // All of them, oldest first.
    const std::vector<Event>& all() const { return events_; }
    // Those about pods that the workload made and that are gone, oldest first.
    std::vector<Event> of_gone_pods() const { return of_unread(true); }
    // Those about other objects that the workload made and that are gone or could not be read, oldest first.
    std::vector<Event> of_gone_owners() const { return of_unread(false); }

private:
    std::vector<Event> of_unread(bool pods) const;
    bool is_own(const Event& event) const;

    const Snapshot& snapshot_;
    std::vector<Event> events_;
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> about_;  // by kind and name
    std::map<std::string, std::vector<const Json*>> makers_;  // by name: the workload and the objects between
    std::set<std::pair<std::string, std::string>> uids_;      // of all that was read: name and uid
};

}  // namespace ktrain::advice
