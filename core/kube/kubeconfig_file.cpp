// One kubeconfig file: from YAML to entries, every problem with its line.
#include "core/kube/kubeconfig_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain::kube {
namespace {

// Reads typed members of the file's nodes; unknown members are left alone, as kubectl leaves them.
class Reader {
public:
    Reader(const std::string& file, const std::string& folder) : file_(file), folder_(folder) {}

    Place place(const yaml::Node& node, const std::string& path) const { return {file_, node.line, node.column, path}; }

    [[noreturn]] void refuse(const yaml::Node& node, const std::string& path, const std::string& wanted) const {
        throw Error(ErrorKind::input,
                    fmt::format("{} in the kubeconfig must be {}, not a {}", path, wanted, name_of(node.kind)),
                    place(node, path));
    }

    // The member, or nullptr when it is absent or null.
    static const yaml::Node* member(const yaml::Node& node, std::string_view key) {
        const yaml::Node* value = node.find(key);
        return value != nullptr && value->kind != yaml::Kind::null ? value : nullptr;
    }

    const yaml::Node& map(const yaml::Node& node, const std::string& path) const {
        if (node.kind != yaml::Kind::mapping) refuse(node, path, "a map");
        return node;
    }

    std::string text(const yaml::Node& node, const std::string& path, std::string_view key) const {
        const yaml::Node* value = member(node, key);
        if (value == nullptr) return {};
        if (value->kind != yaml::Kind::string) refuse(*value, join_path(path, std::string(key)), "a string");
        return value->text;
    }

    bool flag(const yaml::Node& node, const std::string& path, std::string_view key) const {
        const yaml::Node* value = member(node, key);
        if (value == nullptr) return false;
        if (value->kind != yaml::Kind::boolean) refuse(*value, join_path(path, std::string(key)), "true or false");
        return yaml::to_json(*value).get<bool>();
    }

    std::vector<std::string> texts(const yaml::Node& node, const std::string& path) const {
        if (node.kind != yaml::Kind::sequence) refuse(node, path, "a list of strings");
        std::vector<std::string> out;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            if (node.items[i].kind != yaml::Kind::string) refuse(node.items[i], join_path(path, i), "a string");
            out.push_back(node.items[i].text);
        }
        return out;
    }

    std::string file_path(const yaml::Node& node, const std::string& path, std::string_view key) const {
        std::string value = text(node, path, key);
        if (value.empty() || value.starts_with('/') || folder_.empty()) return value;
        return folder_ + "/" + value;
    }

    Material material(const yaml::Node& node, const std::string& path, const std::string& key) const {
        Material out;
        out.file = file_path(node, path, key);
        const std::string encoded = text(node, path, key + "-data");
        if (encoded.empty()) return out;
        auto data = base64_decode(encoded);
        if (!data) {
            throw Error(ErrorKind::input,
                        fmt::format("{}-data in the kubeconfig is no valid base64", join_path(path, key)),
                        place(*node.find(key + "-data"), path));
        }
        out.data = std::move(*data);
        return out;
    }

    // Calls each(name, body, path) for the items of a list of {name, KIND: {...}}.
    void entries(const yaml::Node& root, const std::string& list, const std::string& kind, auto&& each) const {
        const yaml::Node* items = member(root, list);
        if (items == nullptr) return;
        if (items->kind != yaml::Kind::sequence) refuse(*items, list, "a list");
        std::vector<std::string> seen;
        yaml::Node nothing;
        nothing.kind = yaml::Kind::mapping;
        for (std::size_t i = 0; i < items->items.size(); ++i) {
            const yaml::Node& item = map(items->items[i], join_path(list, i));
            const std::string path = join_path(list, i);
            const std::string name = text(item, path, "name");
            if (std::find(seen.begin(), seen.end(), name) != seen.end())
                throw Error(ErrorKind::input, fmt::format("{} \"{}\" is in the kubeconfig twice", kind, name),
                            place(item, path));
            seen.push_back(name);
            const yaml::Node* body = member(item, kind);
            each(name, body == nullptr ? nothing : map(*body, join_path(path, kind)), join_path(path, kind),
                 place(item, path));
        }
    }

    ClusterEntry cluster(const std::string& name, const yaml::Node& body, const std::string& path,
                         const Place& where) const;
    UserEntry user(const std::string& name, const yaml::Node& body, const std::string& path, const Place& where) const;
    ExecPlugin exec(const yaml::Node& body, const std::string& path) const;

private:
    const std::string& file_;
    const std::string& folder_;
};

ClusterEntry Reader::cluster(const std::string& name, const yaml::Node& body, const std::string& path,
                             const Place& where) const {
    ClusterEntry out;
    out.name = name;
    out.where = where;
    out.server = text(body, path, "server");
    out.tls_server_name = text(body, path, "tls-server-name");
    out.proxy_url = text(body, path, "proxy-url");
    out.ca = material(body, path, "certificate-authority");
    out.insecure_skip_tls_verify = flag(body, path, "insecure-skip-tls-verify");
    out.disable_compression = flag(body, path, "disable-compression");
    const yaml::Node* extensions = member(body, "extensions");
    if (extensions == nullptr || extensions->kind != yaml::Kind::sequence) return out;
    for (const yaml::Node& item : extensions->items) {
        const yaml::Node* key = item.find("name");
        const yaml::Node* value = item.find("extension");
        if (key != nullptr && value != nullptr && key->text == "client.authentication.k8s.io/exec")
            out.exec_config = yaml::to_json(*value);
    }
    return out;
}

ExecPlugin Reader::exec(const yaml::Node& body, const std::string& path) const {
    map(body, path);
    ExecPlugin out;
    out.api_version = text(body, path, "apiVersion");
    out.command = text(body, path, "command");
    if (out.command.find('/') != std::string::npos) out.command = file_path(body, path, "command");
    if (const yaml::Node* args = member(body, "args")) out.args = texts(*args, join_path(path, "args"));
    if (const yaml::Node* env = member(body, "env")) {
        const std::string env_path = join_path(path, "env");
        if (env->kind != yaml::Kind::sequence) refuse(*env, env_path, "a list of name and value");
        for (std::size_t i = 0; i < env->items.size(); ++i) {
            const yaml::Node& item = map(env->items[i], join_path(env_path, i));
            out.env.emplace_back(text(item, join_path(env_path, i), "name"),
                                 text(item, join_path(env_path, i), "value"));
        }
    }
    out.install_hint = text(body, path, "installHint");
    out.interactive_mode = text(body, path, "interactiveMode");
    out.provide_cluster_info = flag(body, path, "provideClusterInfo");
    return out;
}

UserEntry Reader::user(const std::string& name, const yaml::Node& body, const std::string& path,
                       const Place& where) const {
    UserEntry out;
    out.name = name;
    out.where = where;
    out.token = text(body, path, "token");
    out.token_file = file_path(body, path, "tokenFile");
    out.certificate = material(body, path, "client-certificate");
    out.key = material(body, path, "client-key");
    out.username = text(body, path, "username");
    out.password = text(body, path, "password");
    if (const yaml::Node* plugin = member(body, "exec")) out.exec = exec(*plugin, join_path(path, "exec"));
    if (const yaml::Node* provider = member(body, "auth-provider")) {
        const std::string provider_path = join_path(path, "auth-provider");
        out.auth_provider = text(map(*provider, provider_path), provider_path, "name");
        if (out.auth_provider.empty()) out.auth_provider = "unnamed";
    }
    out.impersonate = text(body, path, "as");
    out.impersonate_uid = text(body, path, "as-uid");
    if (const yaml::Node* groups = member(body, "as-groups"))
        out.impersonate_groups = texts(*groups, join_path(path, "as-groups"));
    if (const yaml::Node* extra = member(body, "as-user-extra")) {
        const std::string extra_path = join_path(path, "as-user-extra");
        for (const yaml::Entry& entry : map(*extra, extra_path).entries)
            for (const std::string& value : texts(entry.value, join_path(extra_path, entry.key.text)))
                out.impersonate_extra.emplace_back(entry.key.text, value);
    }
    return out;
}

}  // namespace

Kubeconfig parse_kubeconfig(std::string_view text, const std::string& file, const std::string& folder) {
    Kubeconfig out;
    const auto says_nothing = [](std::string_view line) { return trim(line).empty() || trim(line).starts_with('#'); };
    if (std::ranges::all_of(split(text, '\n'), says_nothing)) return out;
    const Reader reader(file, folder);
    const yaml::Node root = yaml::parse_one(text, file);
    if (root.kind == yaml::Kind::null) return out;
    reader.map(root, "the document");
    out.current_context = reader.text(root, "", "current-context");
    reader.entries(root, "clusters", "cluster",
                   [&](const auto& name, const auto& body, const auto& path, const Place& where) {
                       out.clusters.push_back(reader.cluster(name, body, path, where));
                   });
    reader.entries(root, "users", "user",
                   [&](const auto& name, const auto& body, const auto& path, const Place& where) {
                       out.users.push_back(reader.user(name, body, path, where));
                   });
    reader.entries(
        root, "contexts", "context", [&](const auto& name, const auto& body, const auto& path, const Place& where) {
            out.contexts.push_back({name, reader.text(body, path, "cluster"), reader.text(body, path, "user"),
                                    reader.text(body, path, "namespace"), where});
        });
    return out;
}

}  // namespace ktrain::kube
