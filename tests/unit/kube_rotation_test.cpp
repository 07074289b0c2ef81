// Files of certificates and authorities that change while a command runs.
#include <doctest/doctest.h>

#include "core/kube/feed.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/fake_server.h"

using namespace ktrain;
using namespace ktrain::kube;
using namespace ktrain::test;

namespace {

std::string pem(const std::string& text) {
    return "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n";
}

HttpReply refusal(Trouble trouble, int status) {
    HttpReply out;
    out.trouble = trouble;
    out.status = status;
    return out;
}
const HttpReply untrusted = refusal(Trouble::tls, 0), unauthorized = refusal(Trouble::none, 401),
                forbidden = refusal(Trouble::none, 403), lost = refusal(Trouble::lost, 0);

// A cluster whose authority, client certificate and key are files.
struct FileWorld {
    FakeClock clock;
    FakeHttp http{clock};
    MemoryFiles files;
    Connection connection;
    std::unique_ptr<Auth> auth;

    FileWorld() {
        connection.cluster.server = "https://server";
        connection.cluster.ca.file = "/ca";
        connection.user.certificate.file = "/cert";
        connection.user.key.file = "/key";
        write("one");
        auth = std::make_unique<Auth>(connection, files, clock, nullptr, false);
        auth->headers(http);
    }
    void write(const std::string& word) {
        files.contents["/ca"] = pem(word);
        files.contents["/cert"] = "cert " + word;
        files.contents["/key"] = "key " + word;
    }
    std::string used() {
        auth->headers(http);
        return http.authority + http.certificate;
    }
};

const std::string one = pem("one") + "cert one", two = pem("two") + "cert two";

}  // namespace

TEST_CASE("rotation: certificates and the authority are read again after a minute") {
    FileWorld world;
    CHECK(world.used() == one);
    world.write("two");
    CHECK(world.used() == one);
    world.clock.passed += std::chrono::seconds(61);
    CHECK(world.used() == two);
}

TEST_CASE("rotation: what is half-written or cannot be read leaves all as it was") {
    const std::pair<const char*, const char*> cases[] = {
        {"/ca", "-----BEGIN CERTIFICATE-----\ntw"}, {"/ca", ""}, {"/cert", ""}, {"/key", ""}};
    for (const auto& [file, content] : cases) {
        CAPTURE(file);
        CAPTURE(content);
        FileWorld world;
        world.write("two");
        world.files.contents[file] = content;
        world.clock.passed += std::chrono::seconds(61);
        CHECK(world.used() == one);
        world.files.contents.erase(file);
        world.clock.passed += std::chrono::seconds(61);
        CHECK(world.used() == one);
        world.write("two");
        world.clock.passed += std::chrono::seconds(61);
        CHECK(world.used() == two);
    }
}

TEST_CASE("rotation: a refused certificate has the files read at once, other refusals do not") {
    for (const HttpReply& refused : {untrusted, unauthorized}) {
        FileWorld world;
        CHECK(!world.auth->renew(refused));  // nothing has changed
        world.write("two");
        CHECK(world.auth->renew(refused));
        CHECK(world.used() == two);
    }
    for (const HttpReply& other : {forbidden, lost}) {
        FileWorld world;
        world.write("two");
        CHECK(!world.auth->renew(other));
        CHECK(world.used() == one);
    }
}

TEST_CASE("rotation: a request that meets a new certificate of the server is asked once more") {
    FakeCluster cluster;
    cluster.connection.cluster.ca.file = "/ca";
    cluster.files.contents["/ca"] = pem("one");
    Auth auth(cluster.connection, cluster.files, cluster.clock, nullptr, false);
    KubeClient client(cluster.http, auth, cluster.clock, {"https://server", "here"}, nullptr);
    cluster.http.on_request = [&](std::size_t) { cluster.files.contents["/ca"] = pem("two"); };
    cluster.http.trouble("GET ", Trouble::tls);
    cluster.http.reply("GET ", 200);
    client.get(*built_in_resource("batch/v1", "Job"), "team", "cnn");
    CHECK(cluster.http.requests.size() == 2);
    CHECK(cluster.http.authority == pem("two"));

    FakeCluster stranger;
    stranger.http.trouble("GET ", Trouble::tls);
    CHECK_THROWS_AS(stranger.client->get(*built_in_resource("batch/v1", "Job"), "team", "cnn"), Error);
    CHECK(stranger.http.requests.size() == 1);
}

TEST_CASE("rotation: a watch goes on with the new authority") {
    FakeCluster cluster;
    cluster.connection.cluster.ca.file = "/ca";
    cluster.files.contents["/ca"] = pem("one");
    Auth auth(cluster.connection, cluster.files, cluster.clock, nullptr, false);
    KubeClient client(cluster.http, auth, cluster.clock, {"https://server", "here"}, nullptr);
    const std::string path = "GET /api/v1/namespaces/team/pods?";
    cluster.http.reply(path, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
    cluster.http.trouble(path + "watch=", Trouble::tls);
    cluster.http.stream(path + "watch=", {}, Trouble::none, true);
    cluster.http.on_request = [&](std::size_t n) {
        if (n == 2) cluster.files.contents["/ca"] = pem("two");
    };
    Feed feed(client, *built_in_resource("v1", "Pod"), "team", {});
    for (int i = 0; i < 20; ++i) {
        feed.step();
        client.turn(std::chrono::milliseconds(100));
    }
    CHECK(cluster.http.requests.size() == 3);
    CHECK(cluster.http.authority == pem("two"));
}

TEST_CASE("rotation: a server that has its new certificate first is waited for, for as long as one that is away") {
    const std::string path = "GET /api/v1/namespaces/team/pods?";
    const auto begin = [&](FakeCluster& cluster) {
        cluster.http.reply(path, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
        for (int i = 0; i < 3; ++i) cluster.http.trouble(path + "watch=", Trouble::tls);
    };
    const auto turn = [](FakeCluster& cluster, Feed& feed, int seconds) {
        for (int i = 0; i < seconds; ++i) {
            feed.step();
            cluster.client->turn(std::chrono::seconds(1));
        }
    };
    FakeCluster cluster, stranger;
    begin(cluster);
    cluster.http.stream(path + "watch=", {}, Trouble::none, true);
    Feed feed(*cluster.client, *built_in_resource("v1", "Pod"), "team", {});
    turn(cluster, feed, 30);
    CHECK(cluster.http.requests.size() == 5);
    CHECK(!feed.trouble());
    begin(stranger);
    Feed other(*stranger.client, *built_in_resource("v1", "Pod"), "team", {});
    other.set_patience(std::chrono::seconds(60));
    CHECK_THROWS_AS(turn(stranger, other, 300), Error);
    CHECK(stranger.clock.passed > std::chrono::seconds(60));
}

TEST_CASE("rotation: a new authority is for new connections, and no old one is taken up") {
    const Certificate mine = make_certificate(), other = make_certificate();
    FakeServer server(mine, false);
    for (int i = 0; i < 3; ++i) server.reply(200, "{}");
    FakeClock clock;
    const auto http = make_http({.server = server.url(), .ca = mine.pem}, clock);
    const auto ask = [&] { return http->send({.path = "/"}); };
    CHECK(ask().status == 200);
    http->use_authority(other.pem);
    CHECK(ask().trouble == Trouble::tls);
    http->use_authority(other.pem + mine.pem);
    CHECK(ask().status == 200);
    CHECK(server.requests().size() == 2);
}
