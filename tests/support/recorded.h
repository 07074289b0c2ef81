// Puts objects of a cluster, as a recording or a test has them, where gather() would have put them.
#pragma once

#include <string>

#include "core/advice/snapshot.h"
#include "core/base/json.h"

namespace ktrain::test {

// A snapshot of a cluster of which everything may be read.
inline advice::Snapshot empty_snapshot() {
    advice::Snapshot out;
    out.nodes.emplace();
    out.quotas.emplace();
    out.claims.emplace();
    out.classes.emplace();
    out.all_nodes = true;
    return out;
}

// `root` is the workload, as Kind/name. Objects of the kinds Now and PodLog are the time and the logs.
inline void put(advice::Snapshot& out, Json object, const std::string& root) {
    const std::string kind = string_or(object, "kind");
    if (kind == "Now") {
        out.now = *kube::parse_time(string_or(object, "at"));
    } else if (kind == "PodLog") {
        out.logs.push_back({string_or(object, "pod"), string_or(object, "container"), string_or(object, "text")});
    } else if (kind == "Node") {
        out.nodes->push_back(std::move(object));
    } else if (root == kind + "/" + string_or(at_path(object, {"metadata"}), "name")) {
        if (kind == "Pod") out.pods.push_back(object);
        out.root = std::move(object);
    } else if (kind == "Event") {
        out.events.push_back(std::move(object));
    } else if (kind == "Pod") {
        out.pods.push_back(std::move(object));
    } else if (kind == "ResourceQuota" || kind == "StorageClass" || kind == "PersistentVolumeClaim") {
        auto& list = kind == "ResourceQuota" ? out.quotas : kind == "StorageClass" ? out.classes : out.claims;
        list->push_back(std::move(object));
    } else {
        out.owners.push_back(std::move(object));
    }
}

}  // namespace ktrain::test
