// Bodies that come packed, and headers that go with every request.
#include <doctest/doctest.h>
#include <zlib.h>

#include "core/base/json.h"
#include "core/kube/http.h"
#include "tests/support/fake_server.h"
#include "tests/support/fake_world.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeServer;

namespace {

// The text, `times` over, packed.
std::string gzip(const std::string& text, int times = 1) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(2 * text.size() + 4096u * static_cast<unsigned>(times), '\0');
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    for (int i = 1; i <= times; ++i) {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        stream.avail_in = static_cast<uInt>(text.size());
        deflate(&stream, i == times ? Z_FINISH : Z_NO_FLUSH);
    }
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

struct World {
    FakeServer server;
    test::FakeClock clock;

    HttpReply ask(const std::string& body, bool compression = true, const std::string& type = "application/json") {
        server.reply(200, body, "Content-Encoding: gzip\r\nContent-Type: " + type + "\r\n");
        return make_http({.server = server.url(),
                          .compression = compression,
                          .request_timeout = std::chrono::milliseconds(20'000)},
                         clock)
            ->send({.path = "/"});
    }
};

}  // namespace

TEST_CASE("encoding: packed answers are asked for and unpacked, unless the kubeconfig says otherwise") {
    World world;
    CHECK(world.ask(gzip("{\"a\":1}")).body == "{\"a\":1}");
    CHECK(world.server.requests().at(0).find("Accept-Encoding: ") != std::string::npos);
    CHECK(world.server.requests().at(0).find("gzip") != std::string::npos);
    world.ask("{}", false);
    CHECK(world.server.requests().at(1).find("Accept-Encoding") == std::string::npos);
}

TEST_CASE("encoding: what cannot be unpacked is no answer") {
    World world;
    const std::string good = gzip(std::string(10'000, 'a') + "b");
    CHECK(world.ask("no gzip at all").trouble == Trouble::garbled);
    std::string broken = good;
    broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
    CHECK(world.ask(broken).trouble != Trouble::none);
}

TEST_CASE("encoding: a packed answer that breaks off is no whole one, though libcurl takes it for that") {
    World world;
    Json list{{"kind", "PodList"}, {"items", Json::array()}};
    for (int i = 0; i < 500; ++i)
        list["items"].push_back({{"name", "\"}" + std::to_string(i * 7919)}, {"a", {{"b", i}}}});
    const std::string packed = gzip(list.dump());
    CHECK(world.ask(packed).trouble == Trouble::none);
    for (std::size_t part = 1; part < 10; ++part) {
        const HttpReply reply = world.ask(packed.substr(0, packed.size() * part / 10));
        if (reply.body.empty()) continue;
        CHECK(reply.trouble == Trouble::lost);
        CHECK(reply.reason == "the answer ended early");
    }
    const std::string log = gzip(std::string(100'000, 'a') + "\n");  // of what is no JSON nobody knows
    CHECK(world.ask(log.substr(0, log.size() / 2)).trouble == Trouble::none);
    CHECK(world.ask(gzip("{\"event\": \"step\", \"st"), true, "text/plain").trouble ==
          Trouble::none);  // a log, cut by limitBytes
}

TEST_CASE("encoding: a small answer that unpacks without end is cut off") {
    World world;
    const HttpReply reply = world.ask(gzip(std::string(1u << 20, '\0'), 300));
    CHECK(reply.trouble == Trouble::garbled);
    CHECK(reply.reason.find("larger") != std::string::npos);
    CHECK(reply.body.size() <= 256u << 20);
}
