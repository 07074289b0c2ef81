// Names for the shell's completion: quick, and silent when anything is wrong.
#include "core/kube/completion.h"

#include "core/base/error.h"
#include "core/kube/client.h"
#include "core/kube/submission.h"

namespace ktrain::kube {
namespace {

constexpr std::chrono::milliseconds patience{2000};

std::vector<std::string> names(const ConnectionFlags& flags, const Env& env, const Files& files, Clock& clock,
                               std::string_view api_version, std::string_view kind, const Selector& selector) {
    try {
        const Connection connection = connect_as(flags, env, files);
        HttpOptions options = http_options(connection, files);
        options.connect_timeout = options.request_timeout = patience;
        const auto http = make_http(options, clock);
        Auth auth(connection, files, clock, program_runner(clock, patience), false);
        KubeClient client(*http, auth, clock, {connection.cluster.server, connection.context}, nullptr);
        client.set_retry_budget({});
        std::vector<std::string> out;
        for (const Json& item :
             client.list(*built_in_resource(api_version, kind), connection.namespace_, selector).items)
            out.push_back(meta(item, "name"));
        return out;
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

std::vector<std::string> list_contexts(const ConnectionFlags& flags, const Env& env, const Files& files) {
    std::vector<std::string> out;
    try {
        for (const ContextEntry& context : load_kubeconfig(flags.kubeconfig, env, files).contexts)
            out.push_back(context.name);
    } catch (const Error&) {
        return {};
    }
    return out;
}

std::vector<std::string> list_namespaces(const ConnectionFlags& flags, const Env& env, const Files& files,
                                         Clock& clock) {
    return names(flags, env, files, clock, "v1", "Namespace", {});
}

std::vector<std::string> list_jobs(const ConnectionFlags& flags, const Env& env, const Files& files, Clock& clock) {
    return names(flags, env, files, clock, "batch/v1", "Job", {std::string(label_job), ""});
}

}  // namespace ktrain::kube
