// Reads kubeconfig files as kubectl does: which files, how they merge, and what one context of them says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/place.h"
#include "core/base/world.h"

namespace ktrain::kube {

// Bytes given inline (base64, "...-data") or as a file; inline wins.
struct Material {
    std::string data;  // decoded
    std::string file;  // absolute, or relative to the working directory
    bool given() const { return !data.empty() || !file.empty(); }
};

struct ClusterEntry {
    std::string name;
    std::string server;
    std::string tls_server_name;
    std::string proxy_url;
    Material ca;
    bool insecure_skip_tls_verify = false;
    bool disable_compression = false;
    Json exec_config;  // extension client.authentication.k8s.io/exec, or null
    Place where;
};

struct ExecPlugin {
    std::string api_version;
    std::string command;
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> env;
    std::string install_hint;
    std::string interactive_mode;  // Never, IfAvailable, Always
    bool provide_cluster_info = false;
};

struct UserEntry {
    std::string name;
    std::string token;
    std::string token_file;  // wins over token
    Material certificate;
    Material key;
    std::string username;
    std::string password;
    std::optional<ExecPlugin> exec;
    std::string auth_provider;  // the name of one that was part of kubectl
    std::string impersonate;
    std::string impersonate_uid;
    std::vector<std::string> impersonate_groups;
    std::vector<std::pair<std::string, std::string>> impersonate_extra;
    Place where;
};

struct ContextEntry {
    std::string name;
    std::string cluster;
    std::string user;
    std::string namespace_;
    Place where;
};

// All files merged: of entries with the same name the first file's wins whole; so does the first current-context.
struct Kubeconfig {
    std::vector<ClusterEntry> clusters;
    std::vector<UserEntry> users;
    std::vector<ContextEntry> contexts;
    std::string current_context;
    std::vector<std::string> files;    // that were looked for
    std::vector<std::string> missing;  // of those, the ones that do not exist
    bool empty() const { return clusters.empty() && users.empty() && contexts.empty(); }
};

// --kubeconfig (the only file, must exist), else KUBECONFIG (list; missing files are skipped unless all are), else
// ~/.kube/config. Errors: Error{input, not_found, denied} with file and line. No secret is ever part of a message.
Kubeconfig load_kubeconfig(const std::string& flag, const Env& env, const Files& files);

// One context with its cluster and user, checked.
struct Connection {
    std::string context;  // empty inside a cluster
    std::string namespace_ = "default";
    std::string proxy;  // of the cluster, else of the environment; empty: none
    ClusterEntry cluster;
    UserEntry user;
};

// The flags that choose a connection; empty means not given.
struct ConnectionFlags {
    std::string kubeconfig;
    std::string context;
    std::string namespace_;
};

// The context asked for or the current one; inside a pod without any kubeconfig, the pod's service account.
// Errors: Error{input} for an unknown context (with the nearest one), a missing cluster, user or CA file, a server
// that is no http(s) URL, or credentials that contradict each other; Error{not_found} when there is no configuration.
Connection connect_as(const ConnectionFlags& flags, const Env& env, const Files& files);

// The context's entry. Errors: Error{input} naming the nearest one.
const ContextEntry& find_context(const Kubeconfig& config, const std::string& name);

// The URL without the user and password that may stand before its host: no message may show them.
std::string without_password(const std::string& url);

// The inline bytes or the file's. `what` names it in errors: "certificate authority".
std::string read_material(const Material& material, const std::string& what, const Place& where, const Files& files);

}  // namespace ktrain::kube
