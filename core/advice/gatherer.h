// Asks a cluster for what a diagnosis needs: the requests, within their budget, and what they have brought.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/advice/gather.h"
#include "core/base/error.h"
#include "core/kube/workloads.h"

namespace ktrain::advice {

struct LogWish;  // explain.h

// Of a list: what one request asks for, and what is read before the next page is asked for.
constexpr int list_page = 5000;
constexpr std::size_t max_items = 15'000;
// For what the workload has made once it is found: a TrainJob has a JobSet, Jobs and pods; the cluster of a RayJob is
// of a kind that old servers are asked for twice.
constexpr int tree_requests = 4;

inline kube::Resource resource_of(std::string group, std::string version, std::string kind, std::string plural,
                                  bool namespaced = true) {
    return {std::move(group), std::move(version), std::move(kind), std::move(plural), namespaced};
}

inline bool owned_by(const Json& object, const std::string& uid) {
    for (const Json& owner : at_path(object, {"metadata", "ownerReferences"}))
        if (!uid.empty() && string_or(owner, "uid") == uid) return true;
    return false;
}

class Gatherer {
public:
    Gatherer(kube::KubeClient& client, std::string in_namespace)
        : client_(client), namespace_(std::move(in_namespace)), before_(client.requests()) {
        client_.set_paging(
            {.size = list_page, .goes_on = [this](std::size_t items) { return items < max_items && allowed(kept_); }});
    }
    ~Gatherer() { client_.set_paging({}); }
    Gatherer(const Gatherer&) = delete;
    Gatherer& operator=(const Gatherer&) = delete;

    Snapshot gather(const std::string& name) {
        out_.now = client_.clock().now();
        kept_ = tree_requests;
        find_root(name);
        kept_ = 0;
        read_tree();
        if (!events_read_) read_events();
        read_refused_owners();
        read_queue();
        read_groups();
        read_for_pending();
        read_device_claims();
        read_nodes_of_pods();
        read_node_events();
        read_logs();
        read_quotas();
        read_neighbours();
        if (cut_short_) out_.unread.push_back(fmt::format("what more than {} requests would tell", max_requests));
        return std::move(out_);
    }

private:
    // Whether there may be one more request and then so many others.
    bool allowed(int kept) const { return client_.requests() - before_ + kept < max_requests; }

    bool may(const std::function<void()>& ask) { return may(ask, kept_); }

    // Runs one request as far as the budget allows, with so many kept back; what may not be read is noted.
    bool may(const std::function<void()>& ask, int kept) {
        if (!allowed(kept)) {
            cut_short_ = true;
            return false;
        }
        try {
            ask();
            return true;
        } catch (const Error& error) {
            // A server that fails in one thing may tell the others.
            if (error.general || !(error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found ||
                                   error.kind == ErrorKind::input || kube::no_answer(error)))
                throw;
            if (error.kind == ErrorKind::denied || kube::no_answer(error)) out_.unread.push_back(error.message);
            if (kube::no_answer(error) && !no_answer_) no_answer_ = error;
            return false;
        }
    }

    std::optional<Json> find(const kube::Resource& kind, const std::string& name) {
        std::optional<Json> found;
        may([&] { found = client_.find(kind, kind.namespaced ? namespace_ : "", name); });
        if (found) give_kind(*found, kind);
        return found;
    }

    std::optional<std::vector<Json>> list(const kube::Resource& kind, const std::string& labels = "") {
        kube::Listing found;
        if (!may([&] { found = client_.list(kind, kind.namespaced ? namespace_ : "", {labels, ""}); }))
            return std::nullopt;
        if (!found.rest.empty()) {
            out_.unread.push_back(found.rest);
            cut_.insert(kind.kind);
        }
        for (Json& item : found.items) give_kind(item, kind);
        return std::move(found.items);
    }

    static void give_kind(Json& object, const kube::Resource& kind) {
        object["apiVersion"] = kind.api_version();
        object["kind"] = kind.kind;
    }

    static kube::Resource built_in(std::string_view kind) {
        return *kube::built_in_resource(kind == "Job" ? "batch/v1" : "v1", kind);
    }

    std::optional<kube::Resource> place_of_kind(const std::string& api_version, const std::string& kind);
    void find_root(const std::string& text);
    bool find_by_events(const std::string& name);
    bool find_by_search(const std::string& name);
    bool find_by_kinds(const std::string& name);
    Error not_found(const std::string& name) const;
    bool find_by_pods(const std::string& name);
    const std::vector<Json>* all_pods();
    bool has_all_pods() const { return all_pods_ && !cut_.contains("Pod"); }
    const Json* find_owner(const OwnerRef& owner);
    void climb(const std::string& name);
    void read_tree();
    void read_pods_of_service();
    void read_strangers();
    void keep_last_run();
    void read_refused_owners();
    void read_events();
    void read_queue();
    void read_inactive_queue(const std::string& message, const std::string& version);
    void read_position(const std::string& queue, const std::string& workload);
    void read_groups();
    void read_for_pending();
    void read_storage();
    void read_device_claims();
    void read_nodes_of_pods();
    void read_node_events();
    void read_neighbours();
    void read_logs();
    std::optional<std::string> read_log(const LogWish& wish, int lines);
    void read_quotas();
    bool lacks_pods() const;

    kube::KubeClient& client_;
    std::string namespace_;
    Snapshot out_;
    bool events_read_ = false;
    std::optional<std::vector<Json>> all_pods_;  // of the namespace, once they were read
    bool all_pods_asked_ = false, all_pods_refused_ = false;
    std::map<std::pair<std::string, std::string>, std::vector<Json>> owners_;  // of pods, by apiVersion and kind
    int before_;                                                               // requests
    int kept_ = 0;               // of those that are left, for what comes later
    std::set<std::string> cut_;  // kinds whose lists were too long to be read to the end
    bool cut_short_ = false;
    std::vector<std::string> unasked_;  // kinds that the budget was too small to ask for the name
    std::optional<Error> no_answer_;    // the first one
};

}  // namespace ktrain::advice
