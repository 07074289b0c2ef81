// Which proxy is used for a server, and connections through one.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/kube/auth.h"
#include "core/kube/proxy.h"
#include "tests/support/fake_proxy.h"
#include "tests/support/fake_server.h"
#include "tests/support/fake_world.h"
#include "tests/support/worlds.h"

using namespace ktrain;
using namespace ktrain::kube;
using namespace ktrain::test;

namespace {

// A server with TLS behind a proxy; its name is known to nobody.
struct Tunnel {
    Certificate certificate = make_certificate();
    FakeServer server{certificate, false};
    FakeProxy proxy{server.port()};
    FakeClock clock;

    HttpReply ask(const std::string& scheme) {
        server.reply(200, "through");
        return make_http({.server = "https://kube.test:6443", .ca = certificate.pem, .proxy_url = proxy.url(scheme)},
                         clock)
            ->send({.path = "/api"});
    }
};

Connection connect(const std::map<std::string, std::string>& variables, const std::string& cluster) {
    FakeEnv env;
    MemoryFiles files;
    env.values = variables;
    env.values["KUBECONFIG"] = "/config";
    files.contents["/config"] = "current-context: x\nclusters: [{name: x, cluster: {" + cluster +
                                "}}]\ncontexts: [{name: x, context: {cluster: x}}]\n";
    return connect_as({}, env, files);
}

}  // namespace

TEST_CASE("proxy: a server with TLS is reached through CONNECT, and the proxy sees no more than its name") {
    Tunnel tunnel;
    const HttpReply reply = tunnel.ask("http");
    CHECK_MESSAGE(reply.body == "through", reply.reason);
    REQUIRE(tunnel.proxy.asked().size() == 1);
    CHECK(tunnel.proxy.asked()[0].starts_with("CONNECT kube.test:6443 HTTP/1.1\r\n"));
    CHECK(tunnel.proxy.asked()[0].find("/api") == std::string::npos);
}

TEST_CASE("proxy: a SOCKS proxy looks up the server's name, as with kubectl") {
    Tunnel tunnel;
    const HttpReply reply = tunnel.ask("socks5");
    CHECK_MESSAGE(reply.body == "through", reply.reason);
    CHECK(tunnel.proxy.asked() == std::vector<std::string>{"socks5 kube.test"});
}

TEST_CASE("proxy: one with TLS is trusted by the cluster's authority") {
    const Certificate certificate = make_certificate();
    FakeServer proxy(certificate, false);
    FakeClock clock;
    const auto ask = [&](const std::string& ca) {
        proxy.reply(200, "by proxy");
        return make_http({.server = "http://kube.test:6443", .ca = ca, .proxy_url = proxy.url()}, clock)
            ->send({.path = "/api"});
    };
    CHECK(ask(certificate.pem).body == "by proxy");
    CHECK(ask(make_certificate().pem).trouble == Trouble::tls);
}

TEST_CASE("proxy: one that refuses is no lost connection, which would be tried again and again") {
    for (const char* status : {"403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"}) {
        CAPTURE(status);
        Tunnel tunnel;
        tunnel.proxy.refuse(std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 0\r\n\r\n");
        const HttpReply reply = tunnel.ask("http");
        CHECK(reply.trouble == Trouble::connect);
        CHECK_MESSAGE(reply.reason.find(std::string(status).substr(0, 3)) != std::string::npos, reply.reason);
    }
    Tunnel tunnel;
    tunnel.proxy.refuse("nonsense\r\n\r\n");
    CHECK(tunnel.ask("http").trouble != Trouble::none);
}

TEST_CASE("proxy: the environment's goes by the server's scheme, in upper case first") {
    FakeEnv env;
    env.values = {{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", "http://b:1"}, {"http_proxy", "c:3128"}};
    CHECK(proxy_of("https://server:6443", env) == "http://a:1");
    CHECK(proxy_of("http://server", env) == "http://c:3128");
    env.values["HTTPS_PROXY"] = "";
    CHECK(proxy_of("https://server:6443", env) == "http://b:1");
    env.values = {{"ALL_PROXY", "http://a:1"}};
    CHECK(proxy_of("https://server:6443", env).empty());
}

TEST_CASE("proxy: NO_PROXY knows domains, addresses, ranges and ports") {
    struct Case {
        const char *no_proxy, *server;
        bool direct;
    };
    const Case cases[] = {
        {"", "https://a.example.org", false},
        {"*", "https://a.example.org", true},
        {"example.org", "https://a.example.org:6443/prefix", true},
        {"example.org", "https://example.org", true},
        {"example.org", "https://badexample.org", false},
        {".example.org", "https://a.example.org", true},
        {".example.org", "https://example.org", false},
        {"*.example.org", "https://a.example.org", true},
        {"*.example.org", "https://example.org", false},
        {"EXAMPLE.org", "https://A.Example.ORG", true},
        {"other, example.org", "https://a.example.org", true},
        {"example.org:6443", "https://a.example.org:6443", true},
        {"example.org:6443", "https://a.example.org", false},
        {"example.org:443", "https://a.example.org", true},
        {":443", "https://a.example.org", false},
        {"10.0.0.1", "https://10.0.0.1:6443", true},
        {"10.0.0.1", "https://10.0.0.10", false},
        {"0.0.1", "https://10.0.0.1", true},  // as in Go: what is no address is taken for a domain
        {"10.0.0.1:6443", "https://10.0.0.1:6443", true},
        {"10.0.0.0/8", "https://10.255.3.1:6443", true},
        {"10.0.0.0/8", "https://11.0.0.1", false},
        {"10.64.0.0/11", "https://10.95.0.1", true},
        {"10.64.0.0/11", "https://10.96.0.1", false},
        {"10.0.0.1/32", "https://10.0.0.1", true},
        {"0.0.0.0/0", "https://10.0.0.1", true},
        {"0.0.0.0/0", "https://a.example.org", false},
        {"0.0.0.0/0", "https://[fd00::1]", false},
        {"10.0.0.0/-96", "https://11.0.0.1", false},
        {"10.0.0.0/33", "https://10.0.0.0", false},
        {"10.0.0.0/2147483647", "https://10.0.0.0", false},
        {"::/0", "https://10.0.0.1", false},
        {"::/0", "https://[fd00::1]", true},
        {"10.0.0.0/8x", "https://10.0.0.0", false},
        {"fd00::/8", "https://[fd12::1]:6443", true},
        {"fd00::/8", "https://[fe80::1]:6443", false},
        {"fd00::1", "https://[fd00::1]:6443", true},
        {"[fd00::1]:6443", "https://[fd00::1]:6443", true},
        {"[fd00::1]:443", "https://[fd00::1]:6443", false},
        {"", "https://localhost:6443", true},
        {"", "https://127.1.2.3:6443", true},
        {"", "https://[::1]:6443", true},
        {"host", "https://user:word@host", true},
    };
    for (const Case& one : cases) {
        CAPTURE(std::string(one.no_proxy));
        CAPTURE(std::string(one.server));
        FakeEnv env;
        env.values = {{"HTTPS_PROXY", "http://proxy:3128"}, {"NO_PROXY", one.no_proxy}};
        CHECK(proxy_of(one.server, env) == (one.direct ? "" : "http://proxy:3128"));
    }
}

TEST_CASE("proxy: the kubeconfig's comes before the environment's, whatever NO_PROXY says") {
    const std::string server = "server: 'https://kube.test'";
    CHECK(connect({{"HTTPS_PROXY", "http://env:1"}}, server).proxy == "http://env:1");
    CHECK(connect({{"HTTPS_PROXY", "http://env:1"}, {"NO_PROXY", "*"}}, server).proxy.empty());
    CHECK(
        connect({{"HTTPS_PROXY", "http://env:1"}, {"NO_PROXY", "*"}}, server + ", proxy-url: 'socks5://own:1'").proxy ==
        "socks5://own:1");
    for (const char* bad : {"http://me:pa/ssword@proxy:1", "ftp://me:password@proxy:1", "http://me:password@"}) {
        CAPTURE(bad);
        try {
            connect({{"HTTPS_PROXY", bad}}, server);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::input);
            CHECK_MESSAGE(error.message.find("ssword") == std::string::npos, error.message);
        }
    }
}
