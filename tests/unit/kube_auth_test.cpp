// Credentials: order of methods, token files, exec plugins, renewal after a 401.
#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/kube/auth.h"
#include "core/kube/program.h"
#include "tests/support/fake_http.h"
#include "tests/support/worlds.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

struct World {
    test::FakeClock clock;
    test::FakeHttp http{clock};
    test::MemoryFiles files;
    Connection connection;
    std::vector<ProgramCall> calls;
    std::vector<ProgramResult> results;
    bool terminal = false;

    World() { connection.cluster.server = "https://server"; }
    void plugin(const std::string& version = "client.authentication.k8s.io/v1", const std::string& mode = "Never") {
        connection.user.exec =
            ExecPlugin{version, "login", {"--quiet"}, {{"A", "b"}}, "get it from \x1b[31mus", mode, true};
    }
    Auth auth() {
        return Auth(
            connection, files, clock,
            [this](const ProgramCall& call) {
                calls.push_back(call);
                const std::size_t n = std::min(calls.size(), results.size()) - 1;
                return results.at(n);
            },
            terminal);
    }
};

std::string value(const Headers& headers, const std::string& name) {
    std::string out;
    for (const auto& [key, text] : headers)
        if (key == name) out += (out.empty() ? "" : ",") + text;
    return out;
}

std::string credential(const std::string& status) {
    return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" + status + "}";
}

HttpReply unauthorized() {
    HttpReply out;
    out.status = 401;
    return out;
}

std::string refusal(World& world) {
    Auth auth = world.auth();
    try {
        auth.headers(world.http);
    } catch (const Error& error) {
        return error.message + " | " + error.hint;
    }
    return "it was accepted";
}

}  // namespace

TEST_CASE("auth: no credentials travel without TLS") {
    World world;
    world.connection.cluster.server = "http://server";
    world.connection.user.token = "t";
    CHECK(world.auth().headers(world.http).empty());
}

TEST_CASE("auth: tokens, passwords, impersonation") {
    World world;
    world.connection.user.token = "t";
    CHECK(value(world.auth().headers(world.http), "Authorization") == "Bearer t");
    world.connection.user.token.clear();
    world.connection.user.username = "me";
    world.connection.user.password = "pw";
    CHECK(value(world.auth().headers(world.http), "Authorization") == "Basic bWU6cHc=");
    world.connection.user.impersonate = "you";
    world.connection.user.impersonate_groups = {"g", "h"};
    world.connection.user.impersonate_extra = {{"example.org/Roles", "r"}};
    const Headers headers = world.auth().headers(world.http);
    CHECK(value(headers, "Impersonate-User") == "you");
    CHECK(value(headers, "Impersonate-Group") == "g,h");
    CHECK(value(headers, "Impersonate-Extra-example.org%2Froles") == "r");
}

TEST_CASE("auth: a token file beats the token and is read again after a minute") {
    World world;
    world.connection.user.token = "old";
    world.connection.user.token_file = "/token";
    world.files.contents["/token"] = "one\n";
    Auth auth = world.auth();
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer one");
    world.files.contents["/token"] = "two";
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer one");
    world.clock.passed += std::chrono::seconds(61);
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer two");
    world.files.contents["/token"] = "three";
    CHECK(auth.renew(unauthorized()));
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer three");
    world.files.contents["/token"] = "  \n";
    auth.renew(unauthorized());
    CHECK_THROWS_AS(auth.headers(world.http), Error);
}

TEST_CASE("auth: while a token file cannot be read again, the old token is kept until it is refused") {
    World world;
    world.connection.user.token_file = "/token";
    Auth auth = world.auth();
    CHECK_THROWS_AS(auth.headers(world.http), Error);  // never read
    world.files.contents["/token"] = "one";
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer one");
    for (const char* broken : {"", "two\nlines"}) {
        world.clock.passed += std::chrono::seconds(61);
        world.files.contents["/token"] = broken;
        CHECK(value(auth.headers(world.http), "Authorization") == "Bearer one");
    }
    world.files.contents.erase("/token");
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer one");
    world.files.contents["/token"] = "three";
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer three");  // at once, not in a minute
    world.files.contents.erase("/token");
    CHECK(auth.renew(unauthorized()));  // the server refused it: nothing is left to keep
    CHECK_THROWS_AS(auth.headers(world.http), Error);
}

TEST_CASE("auth: a client certificate goes to the connection, and the plugin is left alone") {
    World world;
    world.plugin();
    world.connection.user.certificate.data = "CERT";
    world.connection.user.key.file = "/key";
    world.files.contents["/key"] = "KEY";
    CHECK(world.auth().headers(world.http).empty());
    CHECK(world.http.certificate == "CERT");
    CHECK(world.calls.empty());
}

TEST_CASE("auth: a plugin's token is kept until it runs out or is refused") {
    World world;
    world.plugin();
    world.results = {{0, credential(R"({"token":"a","expirationTimestamp":"2027-01-15T08:01:00Z"})")},
                     {0, credential(R"({"token":"b"})")}};
    Auth auth = world.auth();
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer a");
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer a");
    CHECK(world.calls.size() == 1);
    CHECK(world.calls[0].args == std::vector<std::string>{"--quiet"});
    CHECK(world.calls[0].env[0] == std::pair<std::string, std::string>{"A", "b"});
    CHECK(
        world.calls[0].env[1].second ==
        R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"https://server"}}})");
    world.clock.passed += std::chrono::seconds(55);
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer b");
    CHECK(world.calls.size() == 2);
    CHECK(auth.renew(unauthorized()));
    auth.headers(world.http);
    CHECK(world.calls.size() == 3);
}

TEST_CASE("auth: a plugin may give a certificate") {
    World world;
    world.plugin();
    world.results = {{0, credential(R"({"clientCertificateData":"C","clientKeyData":"K"})")}};
    CHECK(world.auth().headers(world.http).empty());
    CHECK(world.http.certificate == "C");
}

TEST_CASE("auth: a plugin's certificate does not outlive a credential without one") {
    World world;
    world.plugin();
    world.results = {{0, credential(R"({"clientCertificateData":"C","clientKeyData":"K"})")},
                     {0, credential(R"({"token":"t"})")}};
    Auth auth = world.auth();
    auth.headers(world.http);
    CHECK(auth.renew(unauthorized()));
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer t");
    CHECK(world.http.certificate.empty());
}

TEST_CASE("auth: what a plugin does wrong is said without what it printed") {
    struct Case {
        ProgramResult result;
        const char* message;
    };
    const Case cases[] = {
        {{1, ""}, "failed with exit code 1 | get it from"},
        {{127, "", true}, "is not installed | get it from"},
        {{143, "", false, std::chrono::seconds(60)},
         "the credential plugin login of user \"me\" did not end within 1m00s and was stopped | run it"},
        {{0, "secret"}, "printed no JSON object"},
        {{0,
          R"({"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"secret"}})"},
         "another apiVersion"},
        {{0, R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"Other"})"}, "another kind"},
        {{0, credential("null")}, "gave no status"},
        {{0, credential("{}")}, "neither a token nor a certificate"},
        {{0, credential(R"({"clientKeyData":"secret"})")}, "without"},
        {{0, credential(R"({"token":"secret\r\nX: y"})")}, "cannot stand in a header"},
        {{0, credential(R"({"token":"secret","expirationTimestamp":"soon"})")}, "no time"},
    };
    for (const Case& one : cases) {
        World world;
        world.plugin();
        world.connection.user.name = "me";
        world.results = {one.result};
        const std::string message = refusal(world);
        CHECK_MESSAGE(message.find(one.message) != std::string::npos, message);
        CHECK(message.find("secret") == std::string::npos);
        CHECK(message.find('\x1b') == std::string::npos);
    }
}

TEST_CASE("auth: a plugin gets the terminal when it may ask and there is one") {
    struct Case {
        const char* mode;
        bool terminal, runs, asks;
    };
    const Case cases[] = {
        {"Never", false, true, false},     {"Never", true, true, false}, {"IfAvailable", false, true, false},
        {"IfAvailable", true, true, true}, {"", false, true, false},     {"", true, true, true},
        {"Always", false, false, false},   {"Always", true, true, true}};
    for (const Case& one : cases) {
        CAPTURE(one.mode);
        CAPTURE(one.terminal);
        World world;
        world.plugin("client.authentication.k8s.io/v1", one.mode);
        world.terminal = one.terminal;
        world.results = {{0, credential(R"({"token":"a"})")}};
        const std::string said = refusal(world);
        CHECK((said.find("there is no terminal") == std::string::npos) == one.runs);
        CHECK(world.calls.size() == (one.runs ? 1 : 0));
        if (!one.runs) continue;
        CHECK(world.calls[0].give_input == one.asks);
        CHECK((world.calls[0].env.back().second.find("\"interactive\":true") != std::string::npos) == one.asks);
    }
}

TEST_CASE("auth: a plugin's credential that has run out already is sent, and named when it is refused") {
    World world;
    world.plugin();
    world.results = {{0, credential(R"({"token":"a","expirationTimestamp":"2027-01-15T07:00:00Z"})")},
                     {0, credential(R"({"token":"b","expirationTimestamp":"2027-01-15T09:00:00Z"})")}};
    Auth auth = world.auth();
    CHECK(auth.suspicion().empty());
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer a");
    CHECK(auth.suspicion() ==
          "the credential plugin login gave one that ran out at 2027-01-15T07:00:00Z: log in with it, and see this "
          "machine's clock");
    CHECK(value(auth.headers(world.http), "Authorization") == "Bearer b");  // asked again each time
    CHECK(auth.suspicion().empty());
}

TEST_CASE("auth: a plugin is told of the cluster, as the kubeconfig has it, when it asks for that") {
    World world;
    world.plugin();
    world.results = {{0, credential(R"({"token":"a"})")}};
    ClusterEntry& cluster = world.connection.cluster;
    cluster.tls_server_name = "kube.test";
    cluster.ca.data = "CA";
    cluster.proxy_url = "socks5://proxy:1080";
    cluster.disable_compression = cluster.insecure_skip_tls_verify = true;
    cluster.exec_config = Json{{"audience", "here"}};
    world.connection.proxy = "http://environment";  // no part of the kubeconfig
    world.auth().headers(world.http);
    const Json told = Json::parse(world.calls.at(0).env.back().second);
    CHECK(told["spec"]["cluster"].dump() ==
          R"({"server":"https://server","tls-server-name":"kube.test","insecure-skip-tls-verify":true,)"
          R"("certificate-authority-data":"Q0E=","proxy-url":"socks5://proxy:1080","disable-compression":true,)"
          R"("config":{"audience":"here"}})");
    world.connection.user.exec->provide_cluster_info = false;
    world.auth().headers(world.http);
    CHECK(Json::parse(world.calls.at(1).env.back().second)["spec"].dump() == R"({"interactive":false})");
}

TEST_CASE("auth: headers that are named by the kubeconfig are escaped, in the order of the file") {
    World world;
    world.connection.user.impersonate = "you";
    world.connection.user.impersonate_uid = "42";
    world.connection.user.impersonate_extra = {{"a b", "1"}, {"a b", "2"}, {"%", "3"}};
    const Headers headers = world.auth().headers(world.http);
    CHECK(value(headers, "Impersonate-Uid") == "42");
    CHECK(value(headers, "Impersonate-Extra-a%20b") == "1,2");
    CHECK(value(headers, "Impersonate-Extra-%25") == "3");
}

TEST_CASE("program: output, exit code, environment and a missing program") {
    test::FakeClock clock;
    const RunProgram run = program_runner(clock, std::chrono::minutes(1));
    const ProgramResult result = run({"sh", {"-c", "cat; printf '%s' \"$WORD\"; exit 5"}, {{"WORD", "hello"}}});
    CHECK(result.output == "hello");
    CHECK(result.exit_code == 5);
    CHECK(run({"sh", {"-c", "kill -9 $$"}, {}}).exit_code == 137);
    CHECK(run({"no-such-program-here", {}, {}}).missing);
    CHECK_THROWS_AS(run({"sh", {"-c", "head -c 3000000 /dev/zero"}, {}}), Error);
}

namespace {

// A pipe that a program and all that it starts hold open: its end says that they are gone.
struct Lifeline {
    int ends[2];
    Lifeline() { REQUIRE(::pipe(ends) == 0); }
    ~Lifeline() { ::close(ends[0]); }
    // Whether the program has written to it.
    bool written() const {
        pollfd waiting{ends[0], POLLIN, 0};
        return ::poll(&waiting, 1, 0) > 0;
    }
    // What was written, to the end.
    std::string text() {
        ::close(ends[1]);
        std::string out;
        char byte = 0;
        while (::read(ends[0], &byte, 1) > 0) out += byte;
        return out;
    }
};

// Stands still until the program has written to its lifeline; then two minutes have passed, and `step` more at each
// look.
struct ReadyClock final : Clock {
    ReadyClock(const Lifeline& line_in, int signal_in, std::chrono::minutes step_in)
        : line(line_in), signal(signal_in), step(step_in) {}
    const Lifeline& line;
    int signal;  // given once the program has written
    std::chrono::minutes step;
    mutable std::chrono::minutes passed{0};

    std::chrono::system_clock::time_point now() const override { return {}; }
    std::chrono::steady_clock::time_point steady() const override {
        if (line.written()) passed = passed.count() == 0 ? std::chrono::minutes(2) : passed + step;
        return std::chrono::steady_clock::time_point(passed);
    }
    bool sleep(std::chrono::milliseconds) override { return true; }
    int stop_signal() const override { return line.written() ? signal : 0; }
};

}  // namespace

TEST_CASE("program: what it says to its user passes through, its output is for us alone") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const int real = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    test::FakeClock clock;
    const ProgramResult result = program_runner(
        clock, std::chrono::minutes(1))({"sh", {"-c", "echo visit https://login >&2; echo SECRET; exit 1"}, {}});
    ::dup2(real, STDERR_FILENO);
    ::close(real);
    ::close(ends[1]);
    std::string shown(100, '\0');
    shown.resize(static_cast<std::size_t>(::read(ends[0], shown.data(), shown.size())));
    ::close(ends[0]);
    CHECK(shown == "visit https://login\n");
    CHECK(result.output == "SECRET\n");
}

TEST_CASE("program: at the limit or a stop signal it ends with all that it started, by force when it must") {
    struct Case {
        const char* name;
        const char* script;
        int exit_code;
        bool asked_only;  // it gets all the time that it needs after SIGTERM
    };
    const Case cases[] = {
        {"it sleeps", "ready; sleep 600", 143, true},
        {"it tidies up", "trap 'exit 7' TERM; ready; sleep 600 & wait", 7, true},
        {"it has closed its output", "exec >&-; ready; sleep 600", 143, true},
        {"its child will not end", "(trap '' TERM; ready; sleep 600) & wait", 143, true},
        {"it will not end", "trap '' TERM; ready; while :; do sleep 600; done", 137, false},
    };
    for (const int signal : {0, 2, 15}) {
        for (const Case& one : cases) {
            CAPTURE(one.name);
            CAPTURE(signal);
            Lifeline line;
            ReadyClock clock(line, signal, std::chrono::minutes(one.asked_only ? 0 : 1));
            const std::string begin = "ready() { echo ready >/dev/fd/" + std::to_string(line.ends[1]) + "; }; ";
            const ProgramResult result =
                program_runner(clock, std::chrono::minutes(1))({"sh", {"-c", begin + one.script}, {}});
            CHECK(result.exit_code == one.exit_code);
            CHECK(result.late.has_value() == (signal == 0));
            CHECK(line.text() == "ready\n");  // hangs unless all are gone
        }
    }
}
