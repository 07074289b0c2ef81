// What a server's discovery said, kept on the disk between calls: it changes only when kinds are installed.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "core/base/json.h"
#include "core/base/world.h"

namespace ktrain::kube {

// One file for each path of a server. Callers side by side do not disturb each other: files appear whole. What cannot
// be read counts as absent, what cannot be written is not kept.
class DiscoveryCache {
public:
    static constexpr std::chrono::minutes age{10};

    // `folder` is made when it is needed; empty: nothing is kept.
    DiscoveryCache(Files& files, Clock& clock, const std::string& folder, const std::string& server);

    // What keep() was given for the path within `age`.
    std::optional<Json> find(const std::string& path) const;
    void keep(const std::string& path, const Json& answer);
    // Whether this very process has asked for it: asking again would tell nothing new.
    bool is_current(const std::string& path) const { return current_.contains(path); }

private:
    std::string file_of(const std::string& path) const;

    Files& files_;
    Clock& clock_;
    std::string folder_;  // of the server; empty: none
    std::set<std::string> current_;
};

// $XDG_CACHE_HOME/ktrain/discovery, by default below ~/.cache; empty without a home.
std::string discovery_folder(const Env& env);

}  // namespace ktrain::kube
