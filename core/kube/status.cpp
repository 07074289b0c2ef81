// From a server's refusal (an HTTP status with a Status object) or a broken connection to an Error that helps.
#include "core/kube/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/masking.h"
#include "core/base/text.h"
#include "core/kube/kubeconfig.h"
#include "core/kube/retry.h"

namespace ktrain::kube {
namespace {

std::string tried(const Attempt& attempt) {
    if (attempt.namespace_.empty()) return fmt::format("{} {}", attempt.verb, attempt.target);
    return fmt::format("{} {} in namespace \"{}\"", attempt.verb, attempt.target, attempt.namespace_);
}

// The connection itself failed.
Error trouble_error(const HttpReply& reply, const Attempt& attempt, const ServerName& server) {
    const std::string where = place_of(server);
    switch (reply.trouble) {
        case Trouble::connect:
            return {ErrorKind::unreachable,
                    fmt::format("cannot reach the server {}: {}", where, reply.reason),
                    {},
                    "check that it runs and that this machine can reach it; another cluster: --context NAME"};
        case Trouble::tls:
            return {ErrorKind::denied,
                    fmt::format("no trusted connection to {}: {}", where, reply.reason),
                    {},
                    "check certificate-authority and the client certificate in the kubeconfig"};
        case Trouble::timed_out:
            return {ErrorKind::timed_out,
                    fmt::format("the server {} did not answer in time ({})", where, tried(attempt)),
                    {},
                    "try again, or allow more with --request-timeout"};
        case Trouble::garbled:
            return {ErrorKind::failed,
                    fmt::format("what answers at {} is no Kubernetes API server: {}", where, reply.reason),
                    {},
                    "check the server's address in the kubeconfig"};
        case Trouble::proxy:
            return {ErrorKind::input,
                    "the proxy that HTTPS_PROXY or HTTP_PROXY names is no URL that can be used",
                    {},
                    "write it as http://HOST:PORT; in a password, '/' is %2F and '@' is %40"};
        case Trouble::stopped:
            return {ErrorKind::unreachable, fmt::format("interrupted: {}", tried(attempt))};
        default:
            return {ErrorKind::unreachable,
                    fmt::format("the connection to {} broke ({}): {}", where, tried(attempt), reply.reason),
                    {},
                    "try again"};
    }
}

std::string bullets(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += "\n  - " + line;
    return out;
}

// One line for each distinct cause of an Invalid status.
std::string causes_of(const Json& status) {
    std::vector<std::string> lines;
    for (const Json& cause : at_path(status, {"details", "causes"})) {
        const std::string field = string_or(cause, "field");
        std::string line = without_secrets(printable(string_or(cause, "message")));
        if (!field.empty() && field != "<nil>") line = printable(field) + ": " + line;
        if (!line.empty() && std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
    }
    return bullets(lines);
}

// Of a server-side apply: one line for each manager, in the server's words, with its fields. Empty where the conflict
// is another one. Source: apimachinery util/managedfields, NewConflictError.
std::string managers_of(const Json& status) {
    constexpr std::size_t most = 10;
    constexpr std::string_view begin = "conflict with ";
    std::map<std::string, std::vector<std::string>> fields;
    for (const Json& cause : at_path(status, {"details", "causes"})) {
        const std::string said = string_or(cause, "message");
        if (string_or(cause, "reason") != "FieldManagerConflict") return {};
        fields[printable(said.starts_with(begin) ? said.substr(begin.size()) : said)].push_back(
            printable(string_or(cause, "field")));
    }
    std::vector<std::string> lines;
    for (auto& [manager, all] : fields) {
        const std::size_t more = all.size() > most ? all.size() - most : 0;
        all.resize(all.size() - more);
        lines.push_back(manager + ": " + join(all, ", ") + (more == 0 ? "" : fmt::format(" and {} more", more)));
    }
    return bullets(lines);
}

// What does not fit the schema in a server-side apply, a line each; the server takes that for a fault of its own (500).
// Values may be secrets: they are left out. Empty where it is another fault. Source: structured-merge-diff.
std::string misfits_of(const Json& status) {
    const std::string said = string_or(status, "message");
    const std::size_t at = said.find("): ");
    if (!said.starts_with("failed to create typed patch object (") || at == std::string::npos) return {};
    std::vector<std::string> lines;
    for (const std::string& line : split(said.substr(at + 3), '\n')) {
        const std::string text = printable(trim(line.substr(0, line.find(", got &value"))));
        if (!text.empty() && text != "errors:") lines.push_back(text);
    }
    return bullets(lines);
}

Error conflict(const Json& status, const std::string& said, const Attempt& attempt) {
    const std::string managers = managers_of(status);
    if (managers.empty()) return {ErrorKind::conflict, fmt::format("cannot {}: {}", tried(attempt), said)};
    return {ErrorKind::conflict,
            fmt::format("cannot {}: others manage fields of it{}", tried(attempt), managers),
            {},
            "leave these fields out, or give them the values that they have; or take them over: kubectl apply "
            "--server-side --field-manager=ktrain --force-conflicts -f FILE"};
}

Error unknown_user(const ServerName& server) {
    return {ErrorKind::denied,
            fmt::format("the server {} does not know these credentials: wrong or expired", place_of(server)),
            {},
            "log in again, or check the user of the context in the kubeconfig"};
}

// Refused by a rule, not for want of a right: an admission plugin, a webhook, a LimitRange.
bool is_admission(const std::string& said) {
    return said.find("admission") != std::string::npos ||
           (said.find("forbidden: ") != std::string::npos && said.find(" cannot ") == std::string::npos);
}

Error denied(const std::string& said, const Attempt& attempt, const ServerName& server) {
    const bool quota = said.find("exceeded quota") != std::string::npos;
    if (!quota && is_admission(said))
        return {ErrorKind::denied,
                fmt::format("the cluster's rules refuse {}: {}", attempt.target, said),
                {},
                "change what the message names; the rule is a policy, a LimitRange or a webhook of the cluster"};
    return {ErrorKind::denied,
            fmt::format("not allowed to {}: {}", tried(attempt), said),
            {},
            quota ? fmt::format("see what is used: kubectl describe quota -n {}{}", attempt.namespace_, server.flags)
                  : "ask an administrator of the cluster for this right, or use another --context or --namespace"};
}

Error not_found(const Json& status, const std::string& said, const Attempt& attempt, const ServerName& server) {
    if (string_or(at_path(status, {"details"}), "kind") == "namespaces") {
        const std::string name = string_or(at_path(status, {"details"}), "name", attempt.namespace_);
        return {ErrorKind::not_found,
                fmt::format("there is no namespace \"{}\"", printable(name)),
                {},
                fmt::format("create it: kubectl create namespace {}{}", printable(name), server.flags)};
    }
    if (attempt.namespace_.empty())
        return {ErrorKind::not_found, fmt::format("there is no {}: {}", attempt.target, said)};
    return {ErrorKind::not_found,
            fmt::format("there is no {} in namespace \"{}\"", attempt.target, attempt.namespace_),
            {},
            "look in all namespaces: ktrain status -A" + server.flags};
}

// What a reply that carries no Status says, in a few words.
std::string words_of(const HttpReply& reply) {
    const std::string_view text = trim(reply.body);
    if (text.empty()) return "nothing more";
    if (!text.starts_with('<')) return fmt::format("\"{}\"", printable(text.substr(0, 100)));
    const std::size_t open = text.find("<title>");
    const std::size_t close = text.find("</title>");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return "an HTML page";
    return fmt::format("an HTML page, \"{}\"",
                       printable(trim(text.substr(open + 7, std::min<std::size_t>(close - open - 7, 100)))));
}

// Whether a refusal with that code always carries a Status when an API server sends it; others may come from what
// guards it (authentication, limits of load and size).
bool needs_status(int code) {
    return code >= 300 && code < 500 && code != 401 && code != 413 && code != 429;
}

Error not_kubernetes(const HttpReply& reply, const Attempt& attempt, const ServerName& server) {
    const bool wants_tls = reply.body.find("HTTPS server") != std::string::npos;
    return {ErrorKind::failed,
            fmt::format("{} does not look like a Kubernetes API server: to {} it answers HTTP {} and {}",
                        place_of(server), tried(attempt), reply.status, words_of(reply)),
            {},
            wants_tls ? "write the server's address in the kubeconfig with https://"
                      : "check the server's address in the kubeconfig, and any proxy before it"};
}

// What kubectl is told of a path that the server does not have, in its words: no kind of the group, or none any more.
bool names_no_resource(const HttpReply& reply, const Json& status, const Attempt& attempt) {
    if (reply.status != 404 || attempt.verb == "read") return false;  // what is read is the server's own, or a log
    constexpr std::string_view by_path = "404 page not found", by_status = "the server could not find the requested";
    return status.is_null() ? trim(reply.body) == by_path : string_or(status, "message").starts_with(by_status);
}

Error no_resource(const Attempt& attempt, const ServerName& server) {
    return {
        ErrorKind::not_found,
        fmt::format("the server {} could not find the requested resource ({})", place_of(server), tried(attempt)),
        {},
        fmt::format("see what it has: kubectl api-resources{}; what brings the kind may not be installed any more, or "
                    "the kubeconfig names another server",
                    server.flags)};
}

// What passes by itself is worth another try, and the exit code says so.
Error failed(const std::string& said, int code, const Attempt& attempt, const ServerName& server) {
    const std::string message =
        fmt::format("the server {} failed to {} ({}): {}", place_of(server), tried(attempt), code, said);
    if (code != 410 && (code < 500 || code == 501))
        return {ErrorKind::failed, message, {}, "this server cannot do that: ask who runs it"};
    return {
        ErrorKind::unreachable, message, {}, "try again; if it stays so, who runs the server finds more in its log"};
}

// Marks an error that every other request would meet as well.
Error general(Error error) {
    error.general = true;
    return error;
}

}  // namespace

std::string place_of(const ServerName& server) {
    const std::string url = without_password(server.url);
    return server.context.empty() ? url : fmt::format("{} (context \"{}\")", url, server.context);
}

bool no_answer(const Error& error) {
    return error.kind == ErrorKind::unreachable || error.kind == ErrorKind::timed_out ||
           error.kind == ErrorKind::failed;
}

bool about_all(const Error& error) {
    return error.general || no_answer(error);
}

Error malformed(const std::string& why, const Attempt& attempt, const ServerName& server) {
    return {ErrorKind::failed,
            fmt::format("the answer of {} is malformed ({}): {}", place_of(server), tried(attempt), why),
            {},
            "check that the server in the kubeconfig is a Kubernetes API server, and any proxy before it"};
}

Json parse_answer(std::string_view text) {
    try {
        return parse_json(text, "");
    } catch (const Error&) {
        return nullptr;
    }
}

Json status_of(const HttpReply& reply) {
    Json body = parse_answer(reply.body);
    if (string_or(body, "kind") == "Status") return body;
    return nullptr;
}

Error error_of(const HttpReply& reply, const Attempt& attempt, const ServerName& server) {
    if (reply.trouble != Trouble::none) return general(trouble_error(reply, attempt, server));
    const Json status = status_of(reply);
    const int code = reply.status;
    if (const std::string misfits = misfits_of(status); !misfits.empty())
        return {ErrorKind::input,
                fmt::format("the server refuses {}: it does not fit its schema{}", attempt.target, misfits)};
    if (names_no_resource(reply, status, attempt)) return no_resource(attempt, server);
    if (status.is_null() && needs_status(code)) return not_kubernetes(reply, attempt, server);
    std::string said = without_secrets(printable(trim(string_or(status, "message"))));
    if (said.empty())
        said = !status.is_null() || trim(reply.body).empty() ? fmt::format("HTTP status {}", code) : words_of(reply);
    switch (code) {
        case 401:
            return general(unknown_user(server));
        case 403:
            return denied(said, attempt, server);
        case 404:
            return not_found(status, said, attempt, server);
        case 409:
            return conflict(status, said, attempt);
        case 400:
        case 413:
        case 415:
        case 422: {
            const std::string causes = causes_of(status);
            return {ErrorKind::input, fmt::format("the server refuses {}: {}", attempt.target,
                                                  causes.empty() ? said : "it is invalid" + causes)};
        }
        case 429:
        case 502:
        case 503:
        case 504:
            return {ErrorKind::unreachable,
                    fmt::format("the server {} cannot {} now ({}): {}{}", place_of(server), tried(attempt), code, said,
                                rules_of(reply)),
                    {},
                    rules_of(reply).empty()
                        ? "try again in a while"
                        : "try again in a while; what limits whom: kubectl get flowschemas -o wide" + server.flags};
        default:
            return failed(said, code, attempt, server);
    }
}

}  // namespace ktrain::kube
