// Exec credential plugins (client.authentication.k8s.io/v1 and v1beta1): a program that prints a token or certificate.
#include "core/kube/exec_credential.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

// What the plugin is told about this call, in KUBERNETES_EXEC_INFO.
std::string exec_info(const ExecPlugin& plugin, const ClusterEntry& cluster, const std::string& ca, bool interactive) {
    Json spec{{"interactive", interactive}};
    if (plugin.provide_cluster_info) {
        Json about{{"server", cluster.server}};
        if (!cluster.tls_server_name.empty()) about["tls-server-name"] = cluster.tls_server_name;
        if (cluster.insecure_skip_tls_verify) about["insecure-skip-tls-verify"] = true;
        if (!ca.empty()) about["certificate-authority-data"] = base64_encode(ca);
        if (!cluster.proxy_url.empty()) about["proxy-url"] = cluster.proxy_url;
        if (cluster.disable_compression) about["disable-compression"] = true;
        if (!cluster.exec_config.is_null()) about["config"] = cluster.exec_config;
        spec["cluster"] = about;
    }
    return Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}}.dump();
}

// The plugin's output. Nothing of it is quoted in errors: it is a secret.
ExecCredential read_credential(const std::string& output, const ExecPlugin& plugin) {
    const auto refuse = [&](const std::string& what) -> void {
        throw Error(ErrorKind::denied, fmt::format("the credential plugin {} {}", plugin.command, what), {},
                    "run it by hand to see what it says");
    };
    const Json answer = Json::parse(output, nullptr, false);
    if (!answer.is_object()) refuse("printed no JSON object");
    if (string_or(answer, "kind") != "ExecCredential") refuse("printed another kind than ExecCredential");
    if (string_or(answer, "apiVersion") != plugin.api_version)
        refuse(fmt::format("answered in another apiVersion than {}", plugin.api_version));
    const Json& status = at_path(answer, {"status"});
    if (!status.is_object()) refuse("gave no status");
    ExecCredential out;
    out.token = trim(string_or(status, "token"));
    out.certificate = string_or(status, "clientCertificateData");
    out.key = string_or(status, "clientKeyData");
    if (out.certificate.empty() != out.key.empty())
        refuse("gave a certificate without a key, or a key without a certificate");
    if (out.token.empty() && out.certificate.empty()) refuse("gave neither a token nor a certificate");
    if (std::any_of(out.token.begin(), out.token.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
        refuse("gave a token that cannot stand in a header");
    const std::string expires = string_or(status, "expirationTimestamp");
    out.expires = parse_time(expires);
    if (!expires.empty() && !out.expires) refuse("gave an expirationTimestamp that is no time");
    return out;
}

}  // namespace

ExecCredential run_exec_plugin(const UserEntry& user, const ClusterEntry& cluster, const std::string& ca, bool terminal,
                               const RunProgram& run) {
    const ExecPlugin& plugin = *user.exec;
    if (plugin.interactive_mode == "Always" && !terminal) {
        throw Error(ErrorKind::input,
                    fmt::format("the credential plugin {} asks questions, and there is no terminal", plugin.command),
                    user.where, "run it from a terminal, or use a kubeconfig with a token");
    }
    const bool interactive = terminal && plugin.interactive_mode != "Never";
    ProgramCall call{.command = plugin.command, .args = plugin.args, .env = plugin.env, .give_input = interactive};
    call.env.emplace_back("KUBERNETES_EXEC_INFO", exec_info(plugin, cluster, ca, interactive));
    const ProgramResult result = run(call);
    if (result.missing) {
        throw Error(ErrorKind::not_found,
                    fmt::format("the credential plugin {} of user \"{}\" is not installed", plugin.command, user.name),
                    user.where, printable(plugin.install_hint));
    }
    if (result.late) {
        throw Error(
            ErrorKind::timed_out,
            fmt::format("the credential plugin {} of user \"{}\" did not end within {} and was stopped", plugin.command,
                        user.name, human_duration(std::chrono::duration_cast<std::chrono::seconds>(*result.late))),
            user.where, "run it by hand to see what it waits for");
    }
    if (result.exit_code != 0) {
        throw Error(ErrorKind::denied,
                    fmt::format("the credential plugin {} failed with exit code {}", plugin.command, result.exit_code),
                    user.where, printable(plugin.install_hint));
    }
    return read_credential(result.output, plugin);
}

}  // namespace ktrain::kube
