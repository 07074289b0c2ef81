// Asks a cluster for what a diagnosis needs: the requests, within their budget, and what they have brought.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/advice/gather.h"
#include "core/base/error.h"
#include "core/kube/workloads.h"

namespace ktrain::advice {

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
        client_.set_whole_lists(true);
    }

    Snapshot gather(const std::string& name) {
        out_.now = client_.clock().now();
        find_root(name);
        read_tree();
        if (!events_read_) read_events();
        read_queue();
        read_groups();
        read_for_pending();
        read_nodes_of_pods();
        read_logs();
        read_quotas();
        if (cut_short_) out_.unread.push_back(fmt::format("what more than {} requests would tell", max_requests));
        return std::move(out_);
    }

private:
    // Runs one request as far as the budget allows, with so many kept back; what may not be read is noted.
    bool may(const std::function<void()>& ask, int kept = 0) {
        if (client_.requests() - before_ + kept >= max_requests) {
            cut_short_ = true;
            return false;
        }
        try {
            ask();
            return true;
        } catch (const Error& error) {
            if (error.general || (error.kind != ErrorKind::denied && error.kind != ErrorKind::not_found &&
                                  error.kind != ErrorKind::input))
                throw;
            if (error.kind == ErrorKind::denied) out_.unread.push_back(error.message);
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
        std::optional<std::vector<Json>> items;
        const bool read = may([&] {
            items = client_.list(kind, kind.namespaced ? namespace_ : "", {labels, ""}).items;
        });
        if (!read) return std::nullopt;
        for (Json& item : *items) give_kind(item, kind);
        return items;
    }

    static void give_kind(Json& object, const kube::Resource& kind) {
        object["apiVersion"] = kind.api_version();
        object["kind"] = kind.kind;
    }

    static kube::Resource built_in(std::string_view kind) {
        return *kube::built_in_resource(kind == "Job" ? "batch/v1" : "v1", kind);
    }

    // The kind's place by its row, so that no discovery is needed; kinds without a row cost one.
    std::optional<kube::Resource> place_of_kind(const std::string& api_version, const std::string& kind) {
        const std::size_t slash = api_version.find('/');
        const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
        if (const kube::WorkloadKind* row = kube::workload_kind(group, kind))
            return resource_of(group, api_version.substr(slash + 1), kind, std::string(row->plural));
        std::optional<kube::Resource> out = kube::built_in_resource(api_version, kind);
        if (!out) may([&] { out = client_.resource(api_version, kind); });
        return out;
    }

    void find_root(const std::string& text);
    bool find_by_events(const std::string& name);
    bool find_by_search(const std::string& name);
    bool find_by_kinds(const std::string& name);
    Error not_found(const std::string& name) const;
    bool find_by_pods(const std::string& name);
    const std::vector<Json>* all_pods();
    const Json* find_owner(const OwnerRef& owner);
    void climb(const std::string& name);
    void read_tree();
    void read_strangers();
    void read_events();
    void read_queue();
    void read_position(const std::string& queue, const std::string& workload);
    void read_groups();
    void read_for_pending();
    void read_nodes_of_pods();
    void read_logs();
    void read_quotas();
    bool lacks_pods() const;

    kube::KubeClient& client_;
    std::string namespace_;
    Snapshot out_;
    bool events_read_ = false;
    std::optional<std::vector<Json>> all_pods_;  // of the namespace, once they were read
    bool all_pods_asked_ = false;
    std::map<std::pair<std::string, std::string>, std::vector<Json>> owners_;  // of pods, by apiVersion and kind
    int before_;                                                               // requests
    bool cut_short_ = false;
};

}  // namespace ktrain::advice
