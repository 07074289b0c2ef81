// The flags that choose a cluster and a namespace, and the connection they lead to.
#include "cli/commands/cluster_flags.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/shell.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/kube/http_trace.h"

namespace ktrain {

void ClusterFlags::declare(term::Flags& flags) {
    const char* group = "Cluster flags";
    flags.add(&choice.namespace_, {.name = "namespace",
                                   .short_name = 'n',
                                   .value = "NAME",
                                   .help = "Namespace; by default the context's",
                                   .complete = term::Complete::namespace_,
                                   .group = group,
                                   .may_be_empty = true});  // as kubectl's: not given
    flags.add(&choice.context, {.name = "context",
                                .value = "NAME",
                                .help = "Context of the kubeconfig; by default its current one",
                                .complete = term::Complete::context,
                                .group = group,
                                .may_be_empty = true});
    flags.add(&choice.kubeconfig, {.name = "kubeconfig",
                                   .value = "FILE",
                                   .help = "Kubeconfig file; by default $KUBECONFIG or ~/.kube/config",
                                   .complete = term::Complete::file,
                                   .group = group,
                                   .may_be_empty = true});
    flags.add(&request_timeout, {.name = "request-timeout",
                                 .value = "TIME",
                                 .help = "Longest wait for one answer of the server",
                                 .group = group});
}

Cluster ClusterFlags::open(term::Session& session) const {
    Cluster out;
    const std::chrono::seconds timeout = duration_flag("--request-timeout", request_timeout);
    out.connection = kube::connect_as(choice, session.env, session.files);
    kube::HttpOptions options = kube::http_options(out.connection, session.files);
    options.request_timeout = timeout;
    if (timeout.count() > 0)
        options.connect_timeout = std::min<std::chrono::milliseconds>(options.connect_timeout, timeout);
    options.user_agent = "ktrain/" + std::string(version());
    out.http = kube::make_http(options, session.clock);
    if (session.verbosity > 0)
        out.http = kube::make_traced(std::move(out.http), session.clock,
                                     [&session](const std::string& line) { session.note(line); });
    const bool terminal = session.in.is_terminal();
    const auto limit = terminal ? kube::plugin_limit_at_terminal : kube::plugin_limit;
    out.auth = std::make_unique<kube::Auth>(out.connection, session.files, session.clock,
                                            kube::program_runner(session.clock, limit), terminal);
    out.client = std::make_unique<kube::KubeClient>(
        *out.http, *out.auth, session.clock,
        kube::ServerName{out.connection.cluster.server, out.connection.context, words()},
        [&session](const std::string& text) { session.note(text); });
    out.discovery = std::make_unique<kube::DiscoveryCache>(
        session.files, session.clock, kube::discovery_folder(session.env), out.connection.cluster.server);
    out.client->set_discovery_cache(out.discovery.get());
    return out;
}

std::chrono::seconds duration_flag(const std::string& flag, const std::string& text) {
    const auto value = parse_duration(text);
    if (!value)
        throw Error(ErrorKind::usage, fmt::format("{} must be a time, not \"{}\"", flag, printable(text)), {},
                    "write it as 90s, 5m or 1h30m");
    return *value;
}

void show_warnings(term::Session& session, kube::KubeClient& client) {
    for (const std::string& text : client.take_warnings()) session.warn(text);
}

std::string ClusterFlags::words() const {
    std::string out;
    if (!choice.context.empty()) out += " --context " + shell_word(choice.context);
    if (!choice.kubeconfig.empty()) out += " --kubeconfig " + shell_word(choice.kubeconfig);
    return out;
}

std::string cluster_words(const ClusterFlags& flags, const std::string& in_namespace) {
    return " -n " + shell_word(in_namespace) + flags.words();
}

std::string reaching(std::string command, const kube::ServerName& server) {
    constexpr std::string_view kubectl = "kubectl";
    if (command.starts_with("kubectl ")) return command.insert(kubectl.size(), server.flags);  // it may go on after a |
    const bool asks_cluster =
        command.find(" -n ") != std::string::npos;  // `ktrain estimate` and others know no cluster
    return asks_cluster ? command + server.flags : command;
}

int until_stopped(term::Session& session, std::string_view said, const std::function<int()>& work) {
    catch_stop_signals();
    try {
        return work();
    } catch (const Error&) {
        if (session.clock.stop_signal() == 0) throw;
        if (!said.empty()) session.note(said);
        return stopped_code(session);
    }
}

int stopped_code(const term::Session& session) {
    return exit_code_for_signal(session.clock.stop_signal());
}

}  // namespace ktrain
