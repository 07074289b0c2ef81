// A whole command against a server with real sockets, for tests of what a person sees and of interruptions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/app.h"
#include "tests/support/fake_server.h"
#include "tests/support/worlds.h"

namespace ktrain::test {

// The real time, and a stop signal as soon as `when` holds.
class StopClock final : public Clock {
public:
    std::function<bool()> when = [] { return false; };
    int signal = 2;

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
    bool sleep(std::chrono::milliseconds) override { return stop_signal() == 0; }
    int stop_signal() const override { return when() ? signal : 0; }
};

struct ClusterWorld {
    FakeServer server;
    StopClock clock;
    MemoryOutput out, err;
    MemoryInput in;
    MemoryEnv env;
    MemoryFiles files;
    term::Session session{out, err, in, env, clock, files};

    ClusterWorld() {
        env.values["KUBECONFIG"] = "/config";
        files.contents["/config"] = "current-context: here\nclusters: [{name: c, cluster: {server: '" + server.url() +
                                    "'}}]\ncontexts: [{name: here, context: {cluster: c, namespace: team}}]\n";
    }
    // The exit code.
    int run(const std::vector<std::string>& words) { return run_app(session, words); }
    void stop_when(std::function<bool()> when, int signal = 2) {
        clock.when = std::move(when);
        clock.signal = signal;
    }
    bool asked(std::size_t requests) const { return server.requests().size() >= requests; }
};

}  // namespace ktrain::test
