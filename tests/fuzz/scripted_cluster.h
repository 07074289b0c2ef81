// A cluster client on an Http whose streams bring what a fuzz target hands in, for targets of what reads streams.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/kube/client.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/support/fake_world.h"

namespace ktrain::fuzz {

// Requests get no answer; streams stay open until close() or finish().
class StreamHttp final : public kube::Http {
public:
    std::map<kube::StreamId, kube::StreamHandler*> open_streams;
    int opened = 0;

    kube::HttpReply send(const kube::HttpRequest&) override {
        kube::HttpReply out;
        out.trouble = kube::Trouble::connect;
        return out;
    }
    kube::StreamId open(const kube::HttpRequest&, kube::StreamHandler& handler) override {
        open_streams[++opened] = &handler;
        return opened;
    }
    void close(kube::StreamId stream) override { open_streams.erase(stream); }
    void turn(std::chrono::milliseconds) override {}
    void use_certificate(const std::string&, const std::string&) override {}
    void use_authority(const std::string&) override {}

    // All of the text, `size` bytes at a time, to the stream that is open; false where none is, or it was closed.
    bool bring(std::string_view text, std::size_t size) {
        if (open_streams.empty()) return false;
        const auto [id, handler] = *open_streams.begin();
        handler->on_open({});
        while (!text.empty() && open_streams.contains(id)) {
            handler->on_data(text.substr(0, size));
            text.remove_prefix(std::min(size, text.size()));
        }
        return open_streams.contains(id);
    }
    // The end of the stream that is open.
    void finish(const kube::HttpReply& reply) {
        if (open_streams.empty()) return;
        kube::StreamHandler* handler = open_streams.begin()->second;
        open_streams.erase(open_streams.begin());
        handler->on_end(reply);
    }
};

struct ScriptedCluster {
    test::FakeClock clock;
    StreamHttp http;
    MemoryFolder files;
    kube::Connection connection;
    kube::Auth auth{connection, files, clock, nullptr, false};
    kube::KubeClient client{http, auth, clock, {"https://server", "here"}, nullptr};
};

}  // namespace ktrain::fuzz
