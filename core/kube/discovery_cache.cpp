// What a server's discovery said, kept on the disk between calls.
#include "core/kube/discovery_cache.h"

#include "core/base/digest.h"
#include "core/base/error.h"

namespace ktrain::kube {
namespace {

std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// An aggregated answer without what nobody asks for: verbs, short names and subresources are most of it.
Json essence(const Json& answer) {
    if (string_or(answer, "kind") != "APIGroupDiscoveryList") return answer;
    Json items = Json::array();
    for (const Json& group : at_path(answer, {"items"})) {
        Json versions = Json::array();
        for (const Json& version : at_path(group, {"versions"})) {
            Json resources = Json::array();
            for (const Json& one : at_path(version, {"resources"}))
                resources.push_back({{"resource", at_path(one, {"resource"})},
                                     {"responseKind", {{"kind", at_path(one, {"responseKind", "kind"})}}},
                                     {"scope", at_path(one, {"scope"})}});
            versions.push_back({{"version", at_path(version, {"version"})}, {"resources", std::move(resources)}});
        }
        items.push_back(
            {{"metadata", {{"name", at_path(group, {"metadata", "name"})}}}, {"versions", std::move(versions)}});
    }
    return {{"kind", "APIGroupDiscoveryList"}, {"items", std::move(items)}};
}

}  // namespace

DiscoveryCache::DiscoveryCache(Files& files, Clock& clock, const std::string& folder, const std::string& server)
    : files_(files), clock_(clock) {
    if (!folder.empty()) folder_ = folder + "/" + sha256(server).substr(0, 16);
}

std::string DiscoveryCache::file_of(const std::string& path) const {
    std::string name = path.substr(path.find_first_not_of('/'));
    for (char& c : name)
        if (c == '/') c = '_';
    return folder_ + "/" + name + ".json";
}

std::optional<Json> DiscoveryCache::find(const std::string& path) const {
    if (folder_.empty() || !files_.is_file(file_of(path))) return std::nullopt;
    try {
        Json kept = Json::parse(files_.read(file_of(path)), nullptr, false);
        const Json& at = at_path(kept, {"time"});
        if (!at.is_number_integer() || !at_path(kept, {"answer"}).is_object()) return std::nullopt;
        const std::int64_t passed = seconds_of(clock_.now()) - at.get<std::int64_t>();
        if (passed < 0 || passed >= std::chrono::seconds(age).count()) return std::nullopt;
        return std::move(kept["answer"]);
    } catch (const Error&) {
        return std::nullopt;
    }
}

void DiscoveryCache::keep(const std::string& path, const Json& answer) {
    current_.insert(path);
    if (folder_.empty()) return;
    try {
        files_.make_folders(folder_);
        const Json kept{{"time", seconds_of(clock_.now())}, {"answer", essence(answer)}};
        files_.write(file_of(path), kept.dump(-1, ' ', false, Json::error_handler_t::replace), 0600);
    } catch (const Error&) {  // no room or no right: it is asked for anew next time
    }
}

std::string discovery_folder(const Env& env) {
    if (const auto cache = env.get("XDG_CACHE_HOME"); cache && cache->starts_with('/'))
        return *cache + "/ktrain/discovery";
    const auto home = env.get("HOME");
    return home && home->starts_with('/') ? *home + "/.cache/ktrain/discovery" : "";
}

}  // namespace ktrain::kube
