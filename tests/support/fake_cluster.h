// A cluster client on a scripted Http, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/kube/client.h"
#include "tests/support/fake_http.h"
#include "tests/support/worlds.h"

namespace ktrain::test {

struct FakeCluster {
    FakeClock clock;
    FakeHttp http{clock};
    MemoryFiles files;
    kube::Connection connection;
    std::vector<std::string> notices;
    std::unique_ptr<kube::Auth> auth;
    std::unique_ptr<kube::KubeClient> client;

    explicit FakeCluster(const std::string& token_file = "") {
        connection.cluster.server = "https://server";
        connection.user.token_file = token_file;
        auth = std::make_unique<kube::Auth>(connection, files, clock, nullptr, false);
        client = std::make_unique<kube::KubeClient>(http, *auth, clock, kube::ServerName{"https://server", "here"},
                                                    [this](const std::string& text) { notices.push_back(text); });
    }

    // A header of the n-th request, from 0.
    std::string header(std::size_t request, const std::string& name) const {
        for (const auto& [key, value] : http.requests.at(request).headers)
            if (key == name) return value;
        return {};
    }
};

}  // namespace ktrain::test
