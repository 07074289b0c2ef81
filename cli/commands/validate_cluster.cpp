// What `ktrain validate --cluster` learns from a cluster.
#include "cli/commands/validate_cluster.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

std::string read(kube::KubeClient& client, const std::string& path) {
    if (std::optional<std::string> text = client.read(path)) return *std::move(text);
    throw Error(ErrorKind::failed, "the server has nothing at " + path, {},
                "its version must be 1.25 or newer; check the address in the kubeconfig");
}

// The member of an answer, or null.
Json member(const Json& json, const std::string& name) {
    return json.is_object() && json.contains(name) ? json[name] : Json();
}

std::string text(const Json& json) {
    return json.is_string() ? json.get<std::string>() : "";
}

// "1.31" of the server, or the nearest version that is known here.
std::string version_of(term::Session& session, kube::KubeClient& client) {
    const Json about = parse_json(read(client, "/version"), "/version");
    std::string minor = text(member(about, "minor"));
    minor = minor.substr(0, minor.find_first_not_of("0123456789"));  // "29+"
    if (text(member(about, "major")) != "1" || minor.empty() || minor.size() > 3)
        throw Error(ErrorKind::failed, "the server does not say which version of Kubernetes it is", {},
                    "give the version yourself: --kubernetes-version");
    const int known = std::clamp(std::stoi(minor), lint::first_minor, lint::last_minor);
    if (std::to_string(known) != minor)
        session.note("Kubernetes 1." + minor + " is not known here: checked as 1." + std::to_string(known));
    return "1." + std::to_string(known);
}

}  // namespace

void ask_cluster(term::Session& session, kube::KubeClient& client, const std::vector<lint::Source>& sources,
                 lint::Target& target) {
    const std::string version = version_of(session, client);
    const Json paths = member(parse_json(read(client, "/openapi/v3"), "/openapi/v3"), "paths");
    std::vector<lint::ServedVersion> served;
    for (const std::string& api_version : lint::api_versions(sources)) {
        const bool core = api_version.find('/') == std::string::npos;
        std::string place = text(member(member(paths, (core ? "api/" : "apis/") + api_version), "serverRelativeURL"));
        // With a hash that has become old meanwhile the server sends us on to another place.
        place = place.substr(0, place.find('?'));
        served.push_back({api_version, place.empty() ? std::nullopt : client.read(place)});
    }
    lint::add_cluster(target, version, served);
}

}  // namespace ktrain
