// A proxy on 127.0.0.1, by HTTP's CONNECT or SOCKS 5, that takes every connection to one server, for tests.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ktrain::test {

class FakeProxy {
public:
    explicit FakeProxy(int server_port);
    ~FakeProxy();
    FakeProxy(const FakeProxy&) = delete;
    FakeProxy& operator=(const FakeProxy&) = delete;

    // "http" or "socks5".
    std::string url(const std::string& scheme) const;
    // What a CONNECT gets instead of the connection.
    void refuse(std::string reply);
    // What it was asked for: heads of requests, "socks5 host:port".
    std::vector<std::string> asked() const;

private:
    void serve();
    void serve_line(int client);
    bool open_line(int client);
    void remember(std::string what);

    int server_port_, listener_ = -1, port_ = 0;
    int stop_[2] = {-1, -1};
    mutable std::mutex mutex_;
    std::string refusal_;
    std::vector<std::string> asked_;
    std::vector<std::thread> lines_;
    std::thread thread_;
};

}  // namespace ktrain::test
