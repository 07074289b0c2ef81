// The flags that choose a cluster and a namespace, and the connection they lead to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/term/flags.h"
#include "cli/term/session.h"
#include "core/kube/client.h"

namespace ktrain {

// Everything that a command needs to talk to the cluster. Stays where it is: its parts refer to each other.
struct Cluster {
    kube::Connection connection;
    std::unique_ptr<kube::Http> http;
    std::unique_ptr<kube::Auth> auth;
    std::unique_ptr<kube::DiscoveryCache> discovery;
    std::unique_ptr<kube::KubeClient> client;
};

struct ClusterFlags {
    kube::ConnectionFlags choice;
    std::string request_timeout = "30s";

    void declare(term::Flags& flags);

    // " --context gpu": what was given of how to reach the cluster, for commands to run next.
    std::string words() const;

    // Reads the kubeconfig; talks to nobody yet. Errors: those of kube::connect_as, Error{usage} for a bad time.
    Cluster open(term::Session& session) const;
};

// "90s", "5m", "1h30m" of a flag. Errors: Error{usage} naming the flag.
std::chrono::seconds duration_flag(const std::string& flag, const std::string& text);

// Shows the warnings that the server has sent, each once.
void show_warnings(term::Session& session, kube::KubeClient& client);

// " -n NAME" for commands to run next, with --context and the like where they were given.
std::string cluster_words(const ClusterFlags& flags, const std::string& in_namespace);

// A command of kubectl or ktrain to run next, with what was given of how to reach the cluster.
std::string reaching(std::string command, const kube::ServerName& server);

// The exit code of this process, which was asked to stop.
int stopped_code(const term::Session& session);

// Runs the work of a command. A stop signal ends requests with an Error: that becomes the exit code and `said`.
int until_stopped(term::Session& session, std::string_view said, const std::function<int()>& work);

}  // namespace ktrain
