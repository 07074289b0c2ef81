// `ktrain logs`: what comes out and when, and how it ends.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;
using test::FakeServer;

namespace {

std::string reply(int status, const std::string& body) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}

// A job of two pods in this state; the logs have these answers.
void serve(ClusterWorld& world, const std::string& condition, const std::string& container, const std::string& log,
           FakeServer::End end = FakeServer::End::keep) {
    Json job = Json::parse(R"({"metadata":{"name":"cnn","uid":"u","resourceVersion":"5"},"spec":{"completions":2},
        "status":{"active":2}})");
    if (!condition.empty())
        job["status"]["conditions"] = Json::array({{{"type", condition}, {"status", "True"}, {"reason", "Why"}}});
    Json pods = Json::array();
    for (const char* rank : {"0", "1"}) {
        const std::string name = fmt::format("cnn-{}-x", rank);
        Json pod = Json::parse(R"({"metadata":{"resourceVersion":"5","ownerReferences":[{"uid":"u"}]},
            "spec":{"containers":[{"name":"trainer"}]},"status":{"containerStatuses":[{"name":"trainer"}]}})");
        pod["metadata"]["name"] = name;
        pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] = rank;
        pod["status"]["phase"] = condition.empty() ? "Running" : condition == "Complete" ? "Succeeded" : "Failed";
        pod["status"]["containerStatuses"][0]["state"][container] = Json::object();
        pods.push_back(pod);
        world.server.route(fmt::format("GET /api/v1/namespaces/team/pods/{}/log", name), log, end);
    }
    Json one = job;
    one["apiVersion"] = "batch/v1";
    one["kind"] = "Job";
    world.server.route("GET /apis/batch/v1/namespaces/team/jobs/cnn", reply(200, one.dump()));
    world.serve("jobs", Json::array({job}));
    world.serve("pods", pods);
    world.serve("events", Json::array());
}

// Nobody reads what is written there.
struct GoneOutput final : term::Output {
    void write(std::string_view) override { throw term::ReaderGone(); }
    void flush() override {}
    bool is_terminal() const override { return false; }
    int width() const override { return 80; }
};

}  // namespace

TEST_CASE("logs: a reader that goes away ends the command, also while what is left is written") {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"logs", "cnn"}, {"logs", "-f", "cnn"}}) {
        ClusterWorld world;
        serve(world, "Complete", "terminated", reply(200, "2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n"));
        GoneOutput gone;
        term::Session session{gone, world.err, world.in, world.env, world.clock, world.files};
        CHECK_THROWS_AS(run_app(session, words), term::ReaderGone);
        CHECK(world.err.text.find("error") == std::string::npos);
    }
}

TEST_CASE("logs -f: all ranks with their prefix, and the exit code of the job") {
    for (const auto& [condition, code] : {std::pair{"Complete", 0}, std::pair{"Failed", 3}}) {
        ClusterWorld world;
        serve(world, condition, "terminated", reply(200, "2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n"));
        CHECK(world.run({"logs", "-f", "cnn"}) == code);
        for (const char* line : {"[0] one\n", "[0] two\n", "[1] one\n", "[1] two\n"})
            CHECK_MESSAGE(world.out.text.find(line) != std::string::npos, world.out.text);
        CHECK(world.out.text.size() == 32);
        CHECK((world.err.text.find("job cnn: Failed: Why") != std::string::npos) == (code == 3));
        ClusterWorld once;  // without -f only the log counts
        serve(once, condition, "terminated", reply(200, "2026-01-01T00:00:01Z one\n"));
        CHECK(once.run({"logs", "cnn"}) == 0);
    }
}

TEST_CASE("logs: what would command a terminal does not come out, colours only where they are wanted") {
    for (const bool color : {false, true}) {
        ClusterWorld world;
        serve(world, "Complete", "terminated",
              reply(200, "2026-01-01T00:00:01Z \x1b]52;c;cm0=\x07\x1b[31mred\x1b[0m\x1b[2J\n"));
        CHECK(world.run({"logs", "cnn", "--rank", "0", color ? "--color=always" : "--color=never"}) == 0);
        CHECK(world.out.text == (color ? "\x1b[31mred\x1b[0m\n" : "red\n"));
    }
}

TEST_CASE("logs -f: what has come is out at once, though the log stays open") {
    ClusterWorld world;
    serve(world, "", "running", "HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n2026-01-01T00:00:01Z one\n",
          FakeServer::End::stall);
    world.stop_when([&] { return world.out.count("flush") > 0; });
    CHECK(world.run({"logs", "-f", "cnn"}) == 130);
    CHECK(world.out.text.find(" one\n") != std::string::npos);
}

TEST_CASE("logs -f: ends soon after the job, though a node that is gone never gives the rest") {
    ClusterWorld world;
    serve(world, "Failed", "terminated", reply(500, "no such host"));
    const auto began = world.clock.steady();
    CHECK(world.run({"logs", "-f", "cnn"}) == 3);
    CHECK(world.clock.steady() - began < std::chrono::seconds(6));
    CHECK_MESSAGE(world.err.text.find("the logs may lack their end") != std::string::npos, world.err.text);
}

TEST_CASE("logs: a log that its node no longer has is no line of it, and a failure") {
    ClusterWorld world;
    serve(world, "Failed", "terminated", reply(200, "unable to retrieve container logs for containerd://c0ffee"));
    CHECK(world.run({"logs", "--previous", "cnn"}) == 1);
    CHECK(world.out.text.empty());
    CHECK(world.err.text.find("cannot give this log: unable to retrieve") != std::string::npos);
}

TEST_CASE("logs: the run before and what comes next exclude each other") {
    ClusterWorld world;
    CHECK_THROWS_AS(world.run({"logs", "-f", "--previous", "cnn"}), Error);
}

TEST_CASE("logs --all-containers: those that initialise the pod, too, each line with the container's name") {
    for (const bool one : {false, true}) {
        ClusterWorld world;
        serve(world, "Complete", "terminated", reply(200, "2026-01-01T00:00:01Z trains\n"));
        Json pods = Json::array();
        for (const char* rank : {"0", "1"}) {
            Json pod =
                Json::parse(R"({"metadata":{"ownerReferences":[{"uid":"u"}]},"spec":{"containers":[{"name":"trainer"}]},
                "status":{"phase":"Succeeded","initContainerStatuses":[{"name":"fetch","state":{"terminated":{}}}],
                "containerStatuses":[{"name":"side","state":{"waiting":{}}},{"name":"trainer","state":{"terminated":{}}}]}})");
            pod["metadata"]["name"] = fmt::format("cnn-{}-x", rank);
            pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] = rank;
            pods.push_back(pod);
            world.server.route(
                fmt::format("GET /api/v1/namespaces/team/pods/cnn-{}-x/log?timestamps=true&container=fetch", rank),
                reply(200, "2026-01-01T00:00:00Z fetches\n"));
        }
        if (one) pods.erase(1);
        world.serve("pods", pods);
        CHECK(world.run({"logs", "cnn", "--all-containers"}) == 0);
        for (const char* line : {"/fetch] fetches\n", "/trainer] trains\n"})
            for (const char* rank : {"[0", "[1"})
                CHECK_MESSAGE((world.out.text.find(rank + std::string(line)) != std::string::npos) != one,
                              world.out.text);
        for (const char* line : {"[fetch] fetches\n", "[trainer] trains\n"})
            CHECK_MESSAGE((world.out.text.find(line) != std::string::npos) == one, world.out.text);
        for (const std::string& request : world.server.requests())
            CHECK(request.find("container=side") == std::string::npos);  // it has not begun
    }
    ClusterWorld world;
    CHECK_THROWS_AS(world.run({"logs", "cnn", "--all-containers", "-c", "fetch"}), Error);
}

TEST_CASE("logs -c: a container that initialises the pod is read though the one that trains never began") {
    ClusterWorld world;
    serve(world, "Failed", "waiting", reply(200, "2026-01-01T00:00:00Z fails\n"));
    Json pod = Json::parse(R"({"metadata":{"name":"cnn-0-x","ownerReferences":[{"uid":"u"}]},
        "spec":{"containers":[{"name":"trainer"}]},"status":{"phase":"Failed",
        "initContainerStatuses":[{"name":"fetch","state":{"terminated":{"exitCode":1}}}],
        "containerStatuses":[{"name":"trainer","state":{"waiting":{}}}]}})");
    world.serve("pods", Json::array({pod}));
    CHECK(world.run({"logs", "cnn", "-c", "fetch"}) == 0);
    CHECK(world.out.text == "fails\n");
}
