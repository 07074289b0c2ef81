// Which kubeconfig files count, how they merge, and the checked connection of one context.
#include "core/kube/kubeconfig.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/kube/kubeconfig_file.h"
#include "core/kube/proxy.h"
#include "core/kube/url.h"

namespace ktrain::kube {
namespace {

constexpr const char* account_folder = "/var/run/secrets/kubernetes.io/serviceaccount/";

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : slash == 0 ? "/" : path.substr(0, slash);
}

// The files that KUBECONFIG names, in order, each once.
std::vector<std::string> listed_files(const Env& env) {
    std::vector<std::string> paths;
    const std::string list = env.get("KUBECONFIG").value_or("");
    for (const std::string& path : split(list, ':'))
        if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    return paths;
}

template <class Entry>
void merge(std::vector<Entry>& into, std::vector<Entry> from) {
    for (Entry& entry : from) {
        const bool known = std::any_of(into.begin(), into.end(), [&](const Entry& e) { return e.name == entry.name; });
        if (!known) into.push_back(std::move(entry));
    }
}

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, const std::string& name) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

template <class Entry>
std::string nearest_hint(const std::vector<Entry>& entries, const std::string& name) {
    std::vector<std::string> names;
    for (const Entry& entry : entries) names.push_back(entry.name);
    const std::string near = nearest(name, names);
    if (!near.empty()) return fmt::format("did you mean \"{}\"?", near);
    return names.empty() ? "" : "it has " + join(names, ", ");
}

[[noreturn]] void refuse(const Place& where, const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorKind::input, printable(message), where, printable(hint));
}

void check_url(const std::string& url, const std::string& what, const Place& where,
               std::initializer_list<std::string_view> schemes) {
    const bool known = std::any_of(schemes.begin(), schemes.end(), [&](std::string_view s) {
        return url.starts_with(std::string(s) + "://") && url.size() > s.size() + 3;
    });
    const bool clean = std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
    if (!known || !clean || !is_url(url))
        refuse(where, fmt::format("the {} \"{}\" is no URL that can be used", what, printable(without_password(url))),
               "write it as SCHEME://HOST:PORT; in a password, '/' is %2F and '@' is %40");
}

// As kubectl: HOST:PORT is spoken to in plain text unless something of TLS is set. Source: client-go rest/url_utils.go,
// DefaultServerURL.
std::string with_scheme(const std::string& server, bool tls) {
    if (server.empty() || server.find('/') < server.size() - 1) return server;  // a URL, or nothing of a host's
    return (tls ? "https://" : "http://") + server;
}

void check_cluster(const ClusterEntry& cluster) {
    if (cluster.server.empty()) refuse(cluster.where, fmt::format("cluster \"{}\" has no server", cluster.name));
    check_url(cluster.server, "server", cluster.where, {"https", "http"});
    if (!cluster.proxy_url.empty())
        check_url(cluster.proxy_url, "proxy-url", cluster.where, {"http", "https", "socks5"});
    if (cluster.insecure_skip_tls_verify && cluster.ca.given()) {
        refuse(
            cluster.where,
            fmt::format("cluster \"{}\" has both a certificate authority and insecure-skip-tls-verify", cluster.name),
            "remove insecure-skip-tls-verify");
    }
}

void check_exec(const UserEntry& user) {
    const ExecPlugin& exec = *user.exec;
    const auto bad = [&](const std::string& what) {
        refuse(user.where, fmt::format("the exec plugin of user \"{}\" {}", user.name, what));
    };
    if (exec.command.empty()) bad("has no command");
    if (exec.api_version.empty()) bad("has no apiVersion");
    if (exec.api_version != "client.authentication.k8s.io/v1" &&
        exec.api_version != "client.authentication.k8s.io/v1beta1")
        bad(fmt::format("has apiVersion {}: only client.authentication.k8s.io/v1 and v1beta1 exist",
                        printable(exec.api_version)));
    if (exec.interactive_mode.empty() && exec.api_version.ends_with("/v1")) bad("has no interactiveMode");
    if (!exec.interactive_mode.empty() && exec.interactive_mode != "Never" && exec.interactive_mode != "IfAvailable" &&
        exec.interactive_mode != "Always")
        bad("has an interactiveMode other than Never, IfAvailable and Always");
    for (const auto& [name, value] : exec.env)
        if (name.empty()) bad("has an environment variable without a name");
}

// What has come in the place of providers that were part of kubectl; without a name: of any.
struct ProviderSuccessor {
    std::string_view provider, remedy;
};
constexpr ProviderSuccessor provider_successors[] = {
    {"azure", "install kubelogin, then run: kubelogin convert-kubeconfig"},
    {"gcp", "install gke-gcloud-auth-plugin, then run: gcloud container clusters get-credentials CLUSTER"},
    {"oidc", "install kubelogin (kubectl oidc-login), and name it as the user's exec plugin"},
    {"openstack", "install client-keystone-auth, and name it as the user's exec plugin"},
    {"", "name an exec plugin for the user, or get a new kubeconfig from who runs the cluster"},
};
// The last row is for all others.
static_assert(std::is_sorted(std::begin(provider_successors), std::end(provider_successors) - 1,
                             [](const auto& a, const auto& b) { return a.provider < b.provider; }));
static_assert(std::rbegin(provider_successors)->provider.empty());

// Errors: Error{input} where nothing else of the user can be sent.
void check_provider(const UserEntry& user) {
    const bool other = !user.token.empty() || !user.token_file.empty() || !user.username.empty() ||
                       user.certificate.given() || user.exec;
    if (user.auth_provider.empty() || other) return;
    const auto* successor = std::ranges::find_if(provider_successors, [&](const ProviderSuccessor& row) {
        return row.provider.empty() || row.provider == user.auth_provider;
    });
    refuse(user.where,
           fmt::format("user \"{}\" has the auth-provider \"{}\": exec plugins have taken the place of those",
                       user.name, user.auth_provider),
           std::string(successor->remedy));
}

void check_user(const UserEntry& user) {
    const bool token = !user.token.empty() || !user.token_file.empty();
    const bool basic = !user.username.empty() || !user.password.empty();
    if (token && basic)
        refuse(user.where, fmt::format("user \"{}\" has both a token and a password", user.name), "keep one of them");
    if (user.certificate.given() != user.key.given()) {
        refuse(user.where,
               fmt::format("user \"{}\" has a client {} without its {}", user.name,
                           user.key.given() ? "key" : "certificate", user.key.given() ? "certificate" : "key"));
    }
    if (user.exec) check_exec(user);
    check_provider(user);
    if (user.impersonate.empty() &&
        (!user.impersonate_uid.empty() || !user.impersonate_groups.empty() || !user.impersonate_extra.empty()))
        refuse(user.where, fmt::format("user \"{}\" has as-uid, as-groups or as-user-extra without as", user.name));
    // All of these become header lines.
    std::vector<std::string> texts{user.token, user.username, user.password, user.impersonate, user.impersonate_uid};
    texts.insert(texts.end(), user.impersonate_groups.begin(), user.impersonate_groups.end());
    for (const auto& [key, value] : user.impersonate_extra) texts.insert(texts.end(), {key, value});
    for (const std::string& text : texts)
        if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }))
            refuse(user.where, fmt::format("a credential of user \"{}\" contains control characters", user.name));
}

// The service account of the pod this process runs in; nullopt outside of pods.
std::optional<Connection> in_cluster(const Env& env, const Files& files) {
    std::string host = env.get("KUBERNETES_SERVICE_HOST").value_or("");
    const std::string port = env.get("KUBERNETES_SERVICE_PORT").value_or("");
    if (host.empty() || port.empty()) return std::nullopt;
    const std::string folder = account_folder;
    if (!files.exists(folder + "token")) return std::nullopt;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    Connection out;
    out.cluster.name = "in-cluster";
    out.cluster.server = fmt::format("https://{}:{}", host, port);
    out.cluster.ca.file = folder + "ca.crt";
    out.user.name = "service account";
    out.user.token_file = folder + "token";
    if (env.get("POD_NAMESPACE").value_or("") != "")
        out.namespace_ = *env.get("POD_NAMESPACE");
    else if (files.exists(folder + "namespace"))
        out.namespace_ = trim(files.read(folder + "namespace", 4096));
    return out;
}

Error no_cluster(const Kubeconfig& config) {
    std::string message = "there is no kubeconfig: neither KUBECONFIG nor HOME is set";
    if (!config.files.empty()) {
        message = config.missing.empty()
                      ? fmt::format("there is no cluster in the kubeconfig ({})", join(config.files, ", "))
                      : fmt::format("there is no kubeconfig: {} does not exist", join(config.missing, ", "));
    }
    return {ErrorKind::not_found,
            message + ", and this is no pod of a cluster",
            {},
            "name one with --kubeconfig FILE or the KUBECONFIG variable"};
}

void check_namespace(const std::string& name) {
    const bool valid = !name.empty() && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
    if (!valid)
        throw Error(ErrorKind::input,
                    fmt::format("\"{}\" is no namespace: lower-case letters, digits and '-' only", printable(name)));
}

}  // namespace

Kubeconfig load_kubeconfig(const std::string& flag, const Env& env, const Files& files) {
    Kubeconfig merged;
    merged.files = flag.empty() ? listed_files(env) : std::vector<std::string>{flag};
    const bool asked_for = !merged.files.empty();
    if (!asked_for && env.get("HOME")) merged.files.push_back(*env.get("HOME") + "/.kube/config");
    for (const std::string& path : merged.files) {
        if (flag.empty() && !files.exists(path)) {
            merged.missing.push_back(path);
            continue;
        }
        Kubeconfig one = parse_kubeconfig(files.read(path, limits::kubeconfig), path, folder_of(path));
        merge(merged.clusters, std::move(one.clusters));
        merge(merged.users, std::move(one.users));
        merge(merged.contexts, std::move(one.contexts));
        if (merged.current_context.empty()) merged.current_context = one.current_context;
    }
    if (asked_for && merged.missing.size() == merged.files.size()) {
        throw Error(ErrorKind::input,
                    fmt::format("KUBECONFIG names no file that exists: {}", printable(join(merged.missing, ", "))), {},
                    "correct the variable, or unset it to use ~/.kube/config");
    }
    return merged;
}

const ContextEntry& find_context(const Kubeconfig& config, const std::string& name) {
    const ContextEntry* context = find(config.contexts, name);
    if (context == nullptr) {
        throw Error(ErrorKind::input, fmt::format("the kubeconfig has no context \"{}\"", printable(name)),
                    {config.files.empty() ? "" : config.files.front(), 0, 0, ""}, nearest_hint(config.contexts, name));
    }
    return *context;
}

// A password may hold a '/' or '@' that should have been escaped: everything up to the last '@' goes.
std::string without_password(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t at = url.rfind('@');
    return at == std::string::npos || at < host ? url : url.substr(0, host) + url.substr(at + 1);
}

Connection connect_as(const ConnectionFlags& flags, const Env& env, const Files& files) {
    const Kubeconfig config = load_kubeconfig(flags.kubeconfig, env, files);
    const std::string name = flags.context.empty() ? config.current_context : flags.context;
    Connection out;
    const bool nowhere = config.files.size() == config.missing.size();
    if (nowhere || (config.empty() && name.empty())) {
        auto pod = flags.kubeconfig.empty() && name.empty() ? in_cluster(env, files) : std::nullopt;
        if (!pod) throw no_cluster(config);
        out = std::move(*pod);
    } else {
        if (name.empty()) {
            refuse({config.files.front(), 0, 0, ""}, "the kubeconfig has no current-context",
                   config.contexts.empty() ? "" : "choose one with --context: " + nearest_hint(config.contexts, ""));
        }
        const ContextEntry& context = find_context(config, name);
        const ClusterEntry* cluster = find(config.clusters, context.cluster);
        if (cluster == nullptr)
            refuse(context.where,
                   fmt::format("context \"{}\" names cluster \"{}\", which is not in the kubeconfig", name,
                               context.cluster),
                   nearest_hint(config.clusters, context.cluster));
        const UserEntry* user = find(config.users, context.user);
        if (user == nullptr && !context.user.empty())
            refuse(context.where,
                   fmt::format("context \"{}\" names user \"{}\", which is not in the kubeconfig", name, context.user),
                   nearest_hint(config.users, context.user));
        out.context = name;
        out.cluster = *cluster;
        if (user != nullptr) out.user = *user;
        if (!context.namespace_.empty()) out.namespace_ = context.namespace_;
    }
    if (!flags.namespace_.empty()) out.namespace_ = flags.namespace_;
    check_namespace(out.namespace_);
    const bool tls = out.cluster.ca.given() || out.cluster.insecure_skip_tls_verify || out.user.certificate.given();
    out.cluster.server = with_scheme(out.cluster.server, tls);
    check_cluster(out.cluster);
    check_user(out.user);
    out.proxy = out.cluster.proxy_url;
    if (out.proxy.empty()) out.proxy = proxy_of(out.cluster.server, env);
    if (!out.proxy.empty() && out.cluster.proxy_url.empty())
        check_url(out.proxy, "proxy of the environment,", {}, {"http", "https", "socks5", "socks5h"});
    return out;
}

std::string read_material(const Material& material, const std::string& what, const Place& where, const Files& files) {
    if (!material.data.empty() || material.file.empty()) return material.data;
    try {
        return files.read(material.file, limits::kubeconfig);
    } catch (const Error& error) {
        throw Error(error.kind == ErrorKind::denied ? ErrorKind::denied : ErrorKind::input,
                    fmt::format("the {} of the kubeconfig cannot be read: {}", what, error.message), where,
                    "correct the path in the kubeconfig");
    }
}

}  // namespace ktrain::kube
