// Http on real sockets: connections, TLS, broken and hostile servers.
#include <doctest/doctest.h>

#include "core/kube/http.h"
#include "tests/support/fake_server.h"
#include "tests/support/fake_world.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeServer;

namespace {

struct Collect final : StreamHandler {
    std::string data;
    std::vector<HttpReply> ends;
    int opened = 0;
    void on_open(const HttpReply&) override { ++opened; }
    void on_data(std::string_view piece) override { data += piece; }
    void on_end(const HttpReply& reply) override { ends.push_back(reply); }
};

void run(Http& http, const Collect& handler) {
    for (int i = 0; i < 200 && handler.ends.empty(); ++i) http.turn(std::chrono::milliseconds(50));
}

HttpRequest get(const std::string& path) {
    HttpRequest request;
    request.path = path;
    return request;
}

std::string first_line(const std::string& request) {
    return request.substr(0, request.find('\r'));
}

// The whole exchange with one scripted answer.
HttpReply ask_once(const std::string& bytes, FakeServer::End end) {
    FakeServer server;
    server.answer(bytes, end);
    test::FakeClock clock;
    return make_http({.server = server.url(), .request_timeout = std::chrono::milliseconds(2000)}, clock)
        ->send(get("/"));
}

}  // namespace

TEST_CASE("http: requests carry what was asked, on one connection") {
    FakeServer server;
    server.reply(200, "{}", "Warning: 299 - \"old\"\r\n");
    server.reply(201, "made");
    test::FakeClock clock;
    const auto http = make_http({.server = server.url() + "/prefix/"}, clock);
    HttpReply reply = http->send(get("/api?x=1"));
    CHECK(reply.status == 200);
    CHECK(reply.body == "{}");
    CHECK(reply.header("warning") == "299 - \"old\"");
    HttpRequest post = get("/api");
    post.method = "POST";
    post.headers = {{"Content-Type", "application/json"}, {"Impersonate-Group", "a"}, {"Impersonate-Group", "b"}};
    post.body = std::string("{\"a\":\0}", 7);
    reply = http->send(post);
    CHECK(reply.status == 201);
    CHECK(reply.body == "made");
    const auto requests = server.requests();
    CHECK(first_line(requests.at(0)) == "GET /prefix/api?x=1 HTTP/1.1");
    CHECK(first_line(requests.at(1)) == "POST /prefix/api HTTP/1.1");
    CHECK(requests[1].find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(requests[1].find("Impersonate-Group: a\r\nImpersonate-Group: b\r\n") != std::string::npos);
    CHECK(requests[1].ends_with(post.body));
    CHECK(server.connections() == 1);
}

TEST_CASE("http: requests that are sent together come back in their order, over a few connections") {
    FakeServer server;
    std::vector<HttpRequest> requests;
    for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(i);
        server.route("GET /" + body + " ",
                     "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        requests.push_back(get("/" + body));
    }
    server.route("GET /13 ", "", FakeServer::End::reset);
    test::FakeClock clock;
    const auto http = make_http({.server = server.url()}, clock);
    const std::vector<HttpReply> replies = http->send_all(requests);
    REQUIRE(replies.size() == 20);
    for (std::size_t i = 0; i < 20; ++i) {
        CAPTURE(i);
        if (i == 13)
            CHECK(replies[i].trouble == Trouble::lost);
        else
            CHECK(replies[i].body == std::to_string(i));
    }
    CHECK(server.most_at_once() <= 6);
    CHECK(server.connections() <= 9);  // libcurl asks anew on each connection that it has used before
    CHECK(http->send_all({}).empty());
}

TEST_CASE("http: a write is sent once, also when a connection that was used before breaks without an answer") {
    for (const std::size_t size : {2u, 300'000u}) {
        const FakeServer::End end = size == 2 ? FakeServer::End::close : FakeServer::End::reset;
        FakeServer server;
        server.route("GET /", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        for (const char* write : {"POST /", "PATCH /", "DELETE /"}) server.route(write, "", end);
        test::FakeClock clock;
        const auto http = make_http({.server = server.url()}, clock);
        for (const char* method : {"POST", "PATCH", "DELETE"}) {
            CAPTURE(std::string(method));
            CHECK(http->send(get("/")).status == 200);
            const std::size_t before = server.requests().size();
            HttpRequest write = get("/");
            write.method = method;
            write.body = std::string(size, 'x');
            CHECK(http->send(write).trouble == Trouble::lost);
            CHECK(server.requests().size() == before + 1);
            CHECK(server.requests().back().ends_with("\r\n\r\n" + write.body));
        }
    }
}

TEST_CASE("http: a stop signal cuts off those of many requests that may be") {
    FakeServer server;
    server.route("GET /write", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    server.route("GET /read", "", FakeServer::End::stall);
    test::FakeClock clock;
    clock.signal = 2;
    const auto http = make_http({.server = server.url(), .request_timeout = std::chrono::milliseconds(5000)}, clock);
    std::vector<HttpRequest> requests{get("/read"), get("/write"), get("/read"), get("/write")};
    requests[1].uninterruptible = requests[3].uninterruptible = true;
    const std::vector<HttpReply> replies = http->send_all(requests);
    CHECK(replies.at(0).trouble == Trouble::stopped);
    CHECK(replies.at(1).body == "{}");
    CHECK(replies.at(2).trouble == Trouble::stopped);
    CHECK(replies.at(3).body == "{}");
}

TEST_CASE("http: a broken exchange is told apart by its kind") {
    CHECK(ask_once("", FakeServer::End::close).trouble == Trouble::lost);
    CHECK(ask_once("", FakeServer::End::reset).trouble == Trouble::lost);
    CHECK(ask_once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", FakeServer::End::close).trouble ==
          Trouble::lost);
    CHECK(ask_once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", FakeServer::End::stall).trouble ==
          Trouble::timed_out);
    CHECK(ask_once("SSH-2.0-OpenSSH_9.2\r\n", FakeServer::End::close).trouble == Trouble::garbled);
    std::string endless = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 8000; ++i) endless += "Header-" + std::to_string(i) + ": some text that fills the line\r\n";
    const HttpReply reply = ask_once(endless, FakeServer::End::stall);
    CHECK(reply.trouble == Trouble::garbled);
    CHECK(reply.reason.find("larger") != std::string::npos);
}

TEST_CASE("http: nobody listens") {
    int port = 0;
    {
        FakeServer gone;
        port = gone.port();
    }
    test::FakeClock clock;
    const HttpReply reply = make_http({.server = "http://127.0.0.1:" + std::to_string(port)}, clock)->send(get("/"));
    CHECK(reply.trouble == Trouble::connect);
    CHECK(reply.status == 0);
    CHECK(!reply.reason.empty());
}

TEST_CASE("http: the stop signal ends a wait, but not a write that must be known") {
    FakeServer server;
    server.answer("", FakeServer::End::stall);
    server.reply(201, "made");
    test::FakeClock clock;
    clock.signal = 2;
    const auto http = make_http({.server = server.url()}, clock);
    CHECK(http->send(get("/")).trouble == Trouble::stopped);
    FakeServer second;
    second.reply(201, "made");
    HttpRequest write = get("/");
    write.uninterruptible = true;
    CHECK(make_http({.server = second.url()}, clock)->send(write).status == 201);
}

TEST_CASE("http: streams come in pieces, side by side with requests") {
    FakeServer server;
    server.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    test::FakeClock clock;
    const auto http = make_http({.server = server.url()}, clock);
    Collect stream;
    http->open(get("/watch"), stream);
    while (stream.ends.empty()) http->turn(std::chrono::milliseconds(50));
    CHECK(stream.data == "onetwo");
    CHECK(stream.opened == 1);
    CHECK(stream.ends.at(0).trouble == Trouble::none);

    server.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", FakeServer::End::stall);
    Collect open;
    const StreamId id = http->open(get("/watch"), open);
    for (int i = 0; i < 200 && open.data.empty(); ++i) http->turn(std::chrono::milliseconds(50));
    CHECK(open.data == "abc");
    server.reply(200, "beside");
    CHECK(http->send(get("/other")).body == "beside");
    http->close(id);
    http->turn(std::chrono::milliseconds(1));
    CHECK(open.ends.empty());
}

TEST_CASE("http: a request rests until its answer comes, whatever a stream beside it has brought") {
    struct CountingClock final : Clock {
        mutable int looks = 0;  // one in each turn of the loop
        std::chrono::system_clock::time_point now() const override { return {}; }
        std::chrono::steady_clock::time_point steady() const override { return {}; }
        bool sleep(std::chrono::milliseconds) override { return true; }
        int stop_signal() const override { return ++looks, 0; }
    };
    constexpr std::size_t size = 20'000'000;  // more than one turn delivers
    FakeServer server;
    CountingClock clock;
    const auto http = make_http({.server = server.url(), .request_timeout = std::chrono::milliseconds(600)}, clock);
    server.answer("HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n" + std::string(size, 'x'),
                  FakeServer::End::stall);
    Collect stream;
    http->open(get("/watch"), stream);
    for (int i = 0; i < 200 && stream.data.empty(); ++i) http->turn(std::chrono::milliseconds(50));
    REQUIRE(stream.data.size() < size);
    server.answer("", FakeServer::End::stall);
    CHECK(http->send(get("/first")).trouble == Trouble::timed_out);  // some of the stream comes meanwhile
    const std::size_t before = stream.data.size();
    server.answer("", FakeServer::End::stall);
    clock.looks = 0;
    CHECK(http->send(get("/second")).trouble == Trouble::timed_out);
    CHECK(clock.looks < 50);  // a busy loop makes a hundred thousand
    http->turn(std::chrono::milliseconds(50));
    CHECK(stream.data.size() - before <= 200'000);  // it was not read on and on
    for (int i = 0; i < 2000 && stream.data.size() < size; ++i) http->turn(std::chrono::milliseconds(50));
    CHECK(stream.data.size() == size);  // and nothing of it is lost
}

TEST_CASE("http: a stream that is refused or cut says so") {
    FakeServer server;
    server.reply(410, "too old");
    server.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", FakeServer::End::reset);
    test::FakeClock clock;
    const auto http = make_http({.server = server.url()}, clock);
    Collect refused, cut;
    http->open(get("/watch"), refused);
    run(*http, refused);
    CHECK(refused.data.empty());
    CHECK(refused.ends.at(0).status == 410);
    CHECK(refused.ends.at(0).body == "too old");
    http->open(get("/watch"), cut);
    run(*http, cut);
    CHECK(cut.ends.at(0).trouble == Trouble::lost);
}

TEST_CASE("http: certificates are verified") {
    const test::Certificate certificate = test::make_certificate();
    FakeServer server(certificate, false);
    test::FakeClock clock;
    const auto status = [&](const HttpOptions& options) {
        server.reply(200, "{}");
        return make_http(options, clock)->send(get("/")).status;
    };
    HttpOptions options{.server = server.url(), .ca = certificate.pem};
    CHECK(status(options) == 200);
    options.ca = test::make_certificate().pem;
    const HttpReply reply = make_http(options, clock)->send(get("/"));
    CHECK(reply.trouble == Trouble::tls);
    CHECK(!reply.reason.empty());
    options.ca.clear();  // the system's authorities do not know it either
    CHECK(make_http(options, clock)->send(get("/")).trouble == Trouble::tls);
    options.insecure_skip_tls_verify = true;
    CHECK(status(options) == 200);
}

TEST_CASE("http: a connection goes on with the TLS session of an earlier one, of the same identity and authority") {
    const test::Certificate certificate = test::make_certificate();
    FakeServer server(certificate, false);
    test::FakeClock clock;
    const auto http = make_http({.server = server.url(), .ca = certificate.pem}, clock);
    const auto closed_after = [&] {
        server.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", FakeServer::End::close);
        return http->send(get("/")).status;
    };
    CHECK(closed_after() == 200);
    CHECK(closed_after() == 200);
    CHECK(server.resumed() == 1);
    http->use_certificate(certificate.pem, certificate.key);
    CHECK(closed_after() == 200);
    CHECK(server.resumed() == 1);
    http->use_authority(test::make_certificate().pem);
    CHECK(http->send(get("/")).trouble == Trouble::tls);
    CHECK(server.resumed() == 1);
}

TEST_CASE("http: tls-server-name is what is asked for and verified") {
    const test::Certificate certificate = test::make_certificate();
    FakeServer server(certificate, false);
    test::FakeClock clock;
    HttpOptions options{.server = "https://127.0.0.1:" + std::to_string(server.port()) + "/prefix",
                        .ca = certificate.pem};
    options.tls_server_name = "kube.test";
    server.reply(200, "{}");
    CHECK(make_http(options, clock)->send(get("/api")).status == 200);
    const std::string request = server.requests().at(0);
    CHECK(first_line(request) == "GET /prefix/api HTTP/1.1");
    CHECK(request.find("Host: 127.0.0.1:" + std::to_string(server.port())) != std::string::npos);
    options.tls_server_name = "other.test";
    CHECK(make_http(options, clock)->send(get("/api")).trouble == Trouble::tls);
}

TEST_CASE("http: a client certificate from memory") {
    const test::Certificate certificate = test::make_certificate();
    FakeServer server(certificate, true);
    test::FakeClock clock;
    const auto http = make_http({.server = server.url(), .ca = certificate.pem}, clock);
    CHECK(http->send(get("/")).trouble != Trouble::none);
    server.reply(200, "{}");
    http->use_certificate(certificate.pem, certificate.key);
    CHECK(http->send(get("/")).status == 200);
}

TEST_CASE("http: a proxy of the kubeconfig is used") {
    FakeServer proxy;
    proxy.reply(200, "by proxy");
    test::FakeClock clock;
    const HttpReply reply =
        make_http({.server = "http://kube.test:6443", .proxy_url = proxy.url()}, clock)->send(get("/api"));
    CHECK(reply.body == "by proxy");
    CHECK(first_line(proxy.requests().at(0)) == "GET http://kube.test:6443/api HTTP/1.1");
}

TEST_CASE("http: a stream that says nothing is open as soon as its head has come") {
    FakeServer server;
    server.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", FakeServer::End::stall);
    test::FakeClock clock;
    const auto http = make_http({.server = server.url()}, clock);
    Collect quiet;
    http->open(get("/watch"), quiet);
    for (int i = 0; i < 200 && quiet.opened == 0; ++i) http->turn(std::chrono::milliseconds(50));
    CHECK(quiet.opened == 1);
    CHECK(quiet.data.empty());
    CHECK(quiet.ends.empty());

    server.reply(500, "no");
    Collect refused;
    http->open(get("/watch"), refused);
    run(*http, refused);
    CHECK(refused.opened == 0);
}

TEST_CASE("http: no password of a proxy is told") {
    test::FakeClock clock;
    for (const char* proxy :
         {"http://user:pa/ssword@proxy:3128", "ftp://user:pa-ssword@proxy:3128", "user:pa/ssword@proxy:3128"}) {
        CAPTURE(proxy);
        const HttpReply reply = make_http({.server = "http://kube.test", .proxy_url = proxy}, clock)->send(get("/"));
        CHECK_MESSAGE(reply.trouble == Trouble::proxy, reply.reason);
        CHECK_MESSAGE(reply.reason.find("ssword") == std::string::npos, reply.reason);
        CHECK(!reply.reason.empty());
    }
}

TEST_CASE("http: what is a URL") {
    for (const char* good :
         {"https://s", "http://[fd00::1]:6443/prefix", "http://me:a%2Fb@proxy:3128", "socks5://proxy:1080"})
        CHECK_MESSAGE(is_url(good), good);
    for (const char* bad :
         {"http://me:pa/ss@proxy:1", "http://me:12/ss@proxy:1", "https://s:port", "https://[::1", "ftp://s", "s", ""})
        CHECK_MESSAGE(!is_url(bad), bad);
}

TEST_CASE("http: percent encoding") {
    CHECK(percent_encode("a b/c=d,e~f") == "a%20b%2Fc%3Dd%2Ce~f");
    CHECK(percent_encode("\xc3\xa4") == "%C3%A4");
}
