// Finds the workload that a name means, by what happened to it, with as few requests as possible.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/advice/gatherer.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/kube/workload_kind.h"

namespace ktrain::advice {
namespace {

// Kinds of Kubernetes itself that make pods or Jobs, which may be no training but can be asked about.
struct Maker {
    std::string_view group, version, kind, plural, short_name;

    kube::Resource resource() const {
        return resource_of(std::string(group), std::string(version), std::string(kind), std::string(plural));
    }
    // "cronjob", "cronjobs", "cj", each also with ".batch" behind it.
    bool is_named(const std::string& word) const {
        for (const std::string& name : {lower(kind), std::string(plural), std::string(short_name)})
            if (word == name || (!group.empty() && word == name + "." + std::string(group))) return true;
        return false;
    }
};
constexpr Maker service{"", "v1", "Service", "services", "svc"};
constexpr std::array makers{Maker{"batch", "v1", "CronJob", "cronjobs", "cj"},
                            Maker{"apps", "v1", "Deployment", "deployments", "deploy"},
                            Maker{"apps", "v1", "StatefulSet", "statefulsets", "sts"},
                            Maker{"apps", "v1", "DaemonSet", "daemonsets", "ds"},
                            Maker{"apps", "v1", "ReplicaSet", "replicasets", "rs"},
                            Maker{"", "v1", "ReplicationController", "replicationcontrollers", "rc"}};

}  // namespace

// The kind's place by its row, so that no discovery is needed; kinds without a row cost one.
std::optional<kube::Resource> Gatherer::place_of_kind(const std::string& api_version, const std::string& kind) {
    const std::size_t slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    if (const kube::WorkloadKind* row = kube::workload_kind(group, kind))
        return resource_of(group, api_version.substr(slash + 1), kind, std::string(row->plural));
    for (const Maker& maker : makers)
        if (maker.kind == kind && maker.resource().api_version() == api_version) return maker.resource();
    std::optional<kube::Resource> out = kube::built_in_resource(api_version, kind);
    // A server before 1.27 is asked for its groups and for the kinds of one.
    if (!out) may([&] { out = client_.resource(api_version, kind); }, kept_ + 1);
    return out;
}

void Gatherer::find_root(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string word = slash == std::string::npos ? "" : lower(text.substr(0, slash));
    if (word == "pod" || word == "pods" || word == "po") {
        const std::string name = text.substr(slash + 1);
        out_.root = client_.get(built_in("Pod"), namespace_, name);
        return give_kind(out_.root, built_in("Pod"));
    }
    const auto* maker = std::ranges::find_if(makers, [&](const Maker& one) { return one.is_named(word); });
    if (service.is_named(word)) maker = &service;
    if (maker != makers.end()) {
        out_.root = client_.get(maker->resource(), namespace_, text.substr(slash + 1));
        return give_kind(out_.root, maker->resource());
    }
    const bool known = slash == std::string::npos || !kube::workload_kinds_named(word).empty();
    if (!known && find_by_pods(text.substr(slash + 1))) return;
    const kube::WorkloadName wanted = kube::parse_workload_name(text);
    if (wanted.kinds.empty()) {
        if (!find_by_search(wanted.name) && !find_by_kinds(wanted.name)) throw not_found(wanted.name);
        return climb(wanted.name);
    }
    kube::Workload found = kube::find_workload(client_, namespace_, wanted);
    out_.root = std::move(found.object);
    out_.unread.insert(out_.unread.end(), found.unread.begin(), found.unread.end());
}

// Each kind that the server has is asked for the name, as long as what the workload has made can be read then.
bool Gatherer::find_by_kinds(const std::string& name) {
    const auto is_at = [&](const kube::Resource& place, int kept) {
        std::optional<Json> found;
        may([&] { found = client_.find(place, namespace_, name); }, kept);
        if (!found) return false;
        give_kind(*found, place);
        out_.root = std::move(*found);
        return true;
    };
    bool discovered = false;
    for (const kube::WorkloadKind& kind : kube::workload_kinds()) {
        if (kind.is("batch", "Job")) continue;  // it was asked first
        const auto children = std::ranges::count_if(kind.children, [](const auto& one) { return !one.kind.empty(); });
        const int kept = static_cast<int>(children) + (has_all_pods() ? 0 : 1);
        std::optional<kube::Resource> place;
        // What the server has is asked once.
        may([&] { place = kube::served(client_, kind), discovered = true; }, discovered ? -max_requests : kept);
        if (place && !allowed(kept)) unasked_.push_back(lower(place->kind) + "." + place->group);
        if (place && is_at(*place, kept)) return true;
    }
    for (const Maker& maker : makers)
        if (allowed(2) && is_at(maker.resource(), 2)) return true;
    return false;
}

Error Gatherer::not_found(const std::string& name) const {
    if (no_answer_) return *no_answer_;
    const std::string flags = client_.server().flags;
    std::string message =
        fmt::format("there is no job \"{}\" in namespace \"{}\"", printable(name), printable(namespace_));
    if (!unasked_.empty())
        message += fmt::format(", unless it is one of these, for which {} requests were too few: {}", max_requests,
                               join(unasked_, ", "));
    else if (cut_short_)
        message += fmt::format(", as far as {} requests tell", max_requests);
    if (!out_.unread.empty()) message += "; " + join(out_.unread, "; ");
    return {ErrorKind::not_found,
            message,
            {},
            cut_short_ ? "if it is there, name its kind: KIND/NAME" : "see all: ktrain list -A" + flags};
}

// What costs a request each, before each kind of workload is asked for the name.
bool Gatherer::find_by_search(const std::string& name) {
    if (auto job = find(built_in("Job"), name)) {
        out_.root = std::move(*job);
        return true;
    }
    read_events();
    if (find_by_events(name)) return true;
    std::optional<Json> pod;
    if (const auto* pods = all_pods()) {
        const auto named = std::ranges::find(*pods, name, [](const Json& one) { return kube::meta(one, "name"); });
        if (named != pods->end()) pod = *named;
    } else {
        pod = find(built_in("Pod"), name);
    }
    if (!pod) return find_by_pods(name);
    out_.root = std::move(*pod);
    return true;
}

// Events name what they are about, with its kind: a workload that anything has happened to is found at once.
bool Gatherer::find_by_events(const std::string& name) {
    std::set<std::pair<std::string, std::string>> asked;
    for (const Json& event : out_.events) {
        const Json& about = at_path(event, {"involvedObject"});
        const std::string kind = string_or(about, "kind"), api_version = string_or(about, "apiVersion");
        if (string_or(about, "name") != name || kind == "Pod" || kind == "PodGroup" || kind == "Workload") continue;
        if (kind == "Job" && api_version.starts_with("batch/")) continue;  // it was asked first
        if (kind == "PersistentVolumeClaim" || kind == "Service" || kind == "ConfigMap") continue;
        if (!asked.emplace(api_version, kind).second) continue;
        const auto place = place_of_kind(api_version, kind);
        if (!place) continue;
        if (auto found = find(*place, name)) {
            out_.root = std::move(*found);
            return true;
        }
    }
    return false;
}

// Many pods may have owners of one kind: it is listed once.
const Json* Gatherer::find_owner(const OwnerRef& owner) {
    const auto [known, is_new] = owners_.try_emplace({owner.api_version, owner.kind});
    if (is_new)
        if (const auto place = place_of_kind(owner.api_version, owner.kind))
            if (auto all = list(*place)) known->second = std::move(*all);
    const auto found =
        std::ranges::find(known->second, owner.uid, [](const Json& one) { return kube::meta(one, "uid"); });
    return found == known->second.end() ? nullptr : &*found;
}

// The owner of a pod, or of a pod's owner, has this name: a workload of a kind that nobody knows.
bool Gatherer::find_by_pods(const std::string& name) {
    const auto* pods = all_pods();
    if (pods == nullptr) return false;
    std::set<std::string> asked;  // uids of owners
    for (const Json& pod : *pods) {
        OwnerRef owner = controller_of(pod);
        if (owner.uid.empty() || !asked.insert(owner.uid).second) continue;
        if (owner.name != name && owner.name.starts_with(name + "-"))
            if (const Json* between = find_owner(owner)) owner = controller_of(*between);
        if (owner.name != name) continue;
        const auto place = place_of_kind(owner.api_version, owner.kind);
        if (auto found = place ? find(*place, name) : std::nullopt) {
            out_.root = std::move(*found);
            return true;
        }
    }
    return false;
}

// To the workload of the same name that made this one: a TrainJob its JobSet. A Job of a CronJob is meant itself.
void Gatherer::climb(const std::string& name) {
    for (int floors = 0; floors < 3; ++floors) {
        const OwnerRef owner = controller_of(out_.root);
        if (owner.name != name || owner.kind == "CronJob") return;
        const auto place = place_of_kind(owner.api_version, owner.kind);
        if (!place) return;
        auto found = find(*place, owner.name);
        if (!found) return;
        out_.root = std::move(*found);
    }
}

}  // namespace ktrain::advice
