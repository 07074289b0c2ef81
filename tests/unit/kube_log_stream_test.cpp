// Logs of pods across ends, errors, broken connections, restarts and rotations.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "core/kube/log_stream.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/fake_kubelet.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

namespace {

constexpr const char* log_path = "GET /api/v1/namespaces/team/pods/p/log";

struct Lines final : LogSink {
    std::string text;
    void line(const LogLine& line) override { text += std::string(line.text) + "|"; }
    void restarted() override { text += "restarted|"; }
    void interrupted() override { ++gaps; }
    int gaps = 0;
};

void turns(FakeCluster& cluster, LogStream& stream, int count, LogSource source = {}) {
    for (int i = 0; i < count; ++i) {
        stream.step(source);
        cluster.client->turn(std::chrono::seconds(1));
    }
}

std::string since(const HttpRequest& request) {
    const std::size_t at = request.path.find("&sinceTime=");
    return at == std::string::npos ? "" : request.path.substr(at + 11);
}

}  // namespace

TEST_CASE("logs: nothing is lost and nothing comes twice when the connection breaks") {
    FakeCluster cluster;
    const std::string all =
        "2026-01-01T00:00:01.1Z a\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z c\n"
        "2026-01-01T00:00:01.3Z half\n2026-01-01T00:00:00.9Z clock set back\n2026-01-01T00:00:02Z end";
    cluster.http.stream(log_path, {all.substr(0, all.find(" c\n") + 3) + "2026-01-01T00:00:01.3Z ha"}, Trouble::lost);
    cluster.http.stream(log_path, {all.substr(0, 80), all.substr(80)});
    cluster.http.stream(log_path, {all + "\n"});
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
    turns(cluster, stream, 6);
    CHECK(lines.text == "a|b|b|c|half|clock set back|end|");
    CHECK(since(cluster.http.requests.at(1)) == "2026-01-01T00%3A00%3A00Z");  // stamps may be out of order by a second
    CHECK(!stream.done());
    turns(cluster, stream, 3, {.ended = true});  // a last look after the end of the container
    CHECK(stream.done());
    CHECK(lines.text == "a|b|b|c|half|clock set back|end|");
    CHECK(cluster.http.requests.back().path.find("follow") == std::string::npos);
}

TEST_CASE("logs: a file that was rotated while nobody read it may lack lines, and only that is told") {
    for (const bool rotated : {true, false}) {
        FakeCluster cluster;
        cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z b\n"}, Trouble::lost);
        const std::string again = rotated ? "" : "2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z b\n";
        cluster.http.stream(log_path, {again + "2026-01-01T00:00:04Z d\n"}, Trouble::none, true);
        cluster.http.stream(log_path, {again + "2026-01-01T00:00:04Z d\n"}, Trouble::none, true);
        cluster.http.reply(std::string(log_path) + "?timestamps=true&container=c&previous=true", 400,
                           R"({"kind":"Status","code":400,"message":"previous terminated container not found"})");
        Lines lines;
        LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
        turns(cluster, stream, 5);
        CHECK(lines.text == "a|b|d|");
        CHECK(lines.gaps == rotated);
    }
}

TEST_CASE("logs: options go to the first request, time stamps are always asked for") {
    FakeCluster cluster;
    cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\r\nno stamp\n"}, Trouble::none);
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c",
                     {.follow = false, .previous = true, .tail = 5, .since = std::chrono::seconds(60)}, lines);
    turns(cluster, stream, 2);
    CHECK(stream.done());
    CHECK(lines.text == "a|no stamp|");
    CHECK(cluster.http.requests.at(0).path ==
          "/api/v1/namespaces/team/pods/p/log?timestamps=true&container=c&previous=true&tailLines=5&sinceSeconds=60");
}

TEST_CASE("logs: a container that waits is asked again, a pod that is gone is done, a refusal ends it") {
    FakeCluster waiting;
    waiting.http.reply(log_path, 400, R"({"kind":"Status","code":400,"message":"container c is waiting to start"})");
    waiting.http.stream(log_path, {"2026-01-01T00:00:01Z a\n"});
    Lines lines;
    LogStream stream(*waiting.client, "team", "p", "c", {.follow = true}, lines);
    turns(waiting, stream, 5);
    CHECK(lines.text == "a|");

    FakeCluster gone;
    gone.http.reply(log_path, 404);
    LogStream missing(*gone.client, "team", "p", "c", {.follow = true}, lines);
    turns(gone, missing, 2);
    CHECK(missing.done());

    FakeCluster elsewhere;  // a proxy's page says nothing about the pod
    elsewhere.http.reply(log_path, 404, "<html>");
    elsewhere.http.stream(log_path, {"2026-01-01T00:00:01Z b\n"});
    LogStream guarded(*elsewhere.client, "team", "p", "c", {}, lines);
    turns(elsewhere, guarded, 5);
    CHECK(lines.text == "a|b|");

    FakeCluster denied;
    denied.http.reply(log_path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    LogStream refused(*denied.client, "team", "p", "c", {.follow = true}, lines);
    CHECK_THROWS_AS(turns(denied, refused, 3), Error);

    FakeCluster broken;
    broken.http.reply(log_path, 500, "node is away");
    LogStream once(*broken.client, "team", "p", "c", {}, lines);
    CHECK_THROWS_AS(turns(broken, once, 30), Error);  // without --follow it is given up
}

TEST_CASE("logs: a line that is cut in the middle by a clean end comes whole") {
    FakeCluster cluster;
    cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z ha"});
    cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z half\n"}, Trouble::none, true);
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
    turns(cluster, stream, 5);
    CHECK(lines.text == "a|half|");
}

TEST_CASE("logs: stamps of standard output and error may be out of order") {
    FakeCluster cluster;
    const std::string all =
        "2026-01-01T00:00:05.2Z a\n2026-01-01T00:00:05.1Z b\n2026-01-01T00:00:05.3Z c\n2026-01-01T00:00:04.9Z d\n"
        "2026-01-01T00:00:05.3Z e\n";
    cluster.http.stream(log_path, {all.substr(0, all.find(" d\n") + 3)}, Trouble::lost);
    cluster.http.stream(log_path, {all}, Trouble::none, true);
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
    turns(cluster, stream, 5);
    CHECK(lines.text == "a|b|c|d|e|");
}

TEST_CASE("logs: the rest of a run that ended during a cut comes before the next run") {
    FakeCluster cluster;
    const std::string old_lines = "2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z b\n";
    cluster.http.stream(log_path, {old_lines}, Trouble::lost);
    cluster.http.stream(log_path, {"2026-01-01T00:00:09Z n\n"}, Trouble::none, true);  // those of the new run
    cluster.http.stream(std::string(log_path) + "?timestamps=true&container=c&previous=true",
                        {old_lines + "2026-01-01T00:00:03Z rest\n"});
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
    turns(cluster, stream, 8);
    CHECK(lines.text == "a|b|rest|restarted|n|");

    // The new run has written nothing yet: the pod's status tells that there is one.
    FakeCluster silent;
    silent.http.stream(log_path, {old_lines}, Trouble::lost);
    silent.http.stream(log_path, {}, Trouble::none, true);
    silent.http.stream(std::string(log_path) + "?timestamps=true&container=c&previous=true",
                       {old_lines + "2026-01-01T00:00:03Z rest\n"});
    Lines few;
    LogStream other(*silent.client, "team", "p", "c", {.follow = true}, few);
    turns(silent, other, 3);
    CHECK(few.text == "a|b|");
    turns(silent, other, 4, {.restarts = 1});
    CHECK(few.text == "a|b|rest|restarted|");
}

TEST_CASE("logs: a stream that falls silent is opened anew, ever more seldom while nothing new comes") {
    FakeCluster cluster;
    cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\n"}, Trouble::none, true);
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
    turns(cluster, stream, 3600);
    CHECK(lines.text == "a|");
    CHECK(cluster.http.requests.size() > 20);
    CHECK(cluster.http.requests.size() < 30);
}

TEST_CASE("logs: the stream of a container that has ended is not waited for") {
    for (const LogSource over : {LogSource{.ended = true}, LogSource{.abandoned = true}}) {
        FakeCluster cluster;
        cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\n"}, Trouble::none, true);
        cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z b"});
        Lines lines;
        LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines);
        turns(cluster, stream, 1);
        const auto since = cluster.clock.passed;
        while (!stream.done() && cluster.clock.passed < std::chrono::minutes(1)) turns(cluster, stream, 1, over);
        CHECK(stream.done());
        CHECK(lines.text == "a|b|");
        CHECK(cluster.clock.passed - since <= std::chrono::seconds(2));
    }
}

TEST_CASE("logs: a container that the pod does not have is an error") {
    FakeCluster cluster;
    cluster.http.reply(log_path, 400, R"({"kind":"Status","code":400,"message":"container x is not valid for pod p"})");
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "x", {.follow = true}, lines);
    CHECK_THROWS_AS(turns(cluster, stream, 3), Error);
}

namespace {

// A container that writes, is restarted, has its log rotated and ends, read through a network that breaks.
struct Life {
    test::FakeClock clock;
    test::FakeKubelet kubelet;
    test::MemoryFiles files;
    Connection connection;
    Auth auth{connection, files, clock, nullptr, false};
    KubeClient client{kubelet, auth, clock, ServerName{"https://server", "here"}, {}};
    std::minstd_rand random;
    std::string wrote;  // the lines that it wrote
    Lines came;
    LogSource status;
    int lines = 0;
    std::chrono::milliseconds later{0}, restarted{0}, told{0};  // a status comes late

    explicit Life(unsigned seed) : kubelet(clock, seed), random(seed) {}

    bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random) < probability; }
    void write() {
        const std::string text = fmt::format("line {}", lines++);
        wrote += text + "|";
        kubelet.write(text, std::chrono::milliseconds(chance(0.3) ? random() % 900 : 0));
    }
    void live(LogStream& stream, double rotations, double restarts);
    void end(LogStream& stream);
};

// Ten minutes in steps of 100 ms.
void Life::live(LogStream& stream, double rotations, double restarts) {
    for (int i = 0; i < 6000; ++i) {
        if (chance(0.6))
            for (int n = 0; n < static_cast<int>(random() % 8); ++n) write();
        if (chance(rotations) && kubelet.all_delivered() && clock.passed - restarted > std::chrono::seconds(10))
            kubelet.rotate(chance(0.5));
        // A container is restarted at once at first, and then after ten seconds and more.
        if (chance(restarts) && clock.passed - restarted > std::chrono::seconds(30) && lines > 10) {
            wrote += "restarted|";
            kubelet.restart();
            restarted = clock.passed;
            told = clock.passed + std::chrono::milliseconds(random() % 3000);
        }
        if (told.count() > 0 && clock.passed >= told) {
            ++status.restarts;
            told = {};
        }
        stream.step(status);
        client.turn(std::chrono::milliseconds(100));
    }
}

void Life::end(LogStream& stream) {
    for (int n = 0; n < 50; ++n) write();
    kubelet.end();
    kubelet.refuse = 0;
    for (int i = 0; i < 600 && !stream.done(); ++i) {
        if (i == 15) status.ended = true;
        stream.step(status);
        client.turn(std::chrono::milliseconds(100));
    }
}

// Where two texts part, with what stands there.
std::string difference(const std::string& wrote, const std::string& came) {
    const auto at = std::mismatch(wrote.begin(), wrote.end(), came.begin(), came.end()).first - wrote.begin();
    const std::size_t from = at < 40 ? 0 : static_cast<std::size_t>(at) - 40;
    return "wrote: " + wrote.substr(from, 120) + "\ncame:  " + came.substr(std::min(from, came.size()), 120);
}

}  // namespace

TEST_CASE("logs: whatever the network, the kubelet and the container do, every line comes once and in order") {
    struct Fault {
        double cut, clean_end, refuse, rotations, restarts;
    };
    for (const Fault fault :
         {Fault{0.05, 0, 0, 0, 0}, Fault{0.05, 1, 0, 0, 0}, Fault{0.3, 0.5, 0.3, 0, 0}, Fault{0.02, 0.5, 0.2, 0.02, 0},
          Fault{0, 0, 0, 0.01, 0}, Fault{0.03, 0.5, 0.1, 0, 0.01}, Fault{0.03, 0.5, 0.1, 0.01, 0.01}}) {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            CAPTURE(seed);
            CAPTURE(fault.cut);
            CAPTURE(fault.rotations);
            CAPTURE(fault.restarts);
            Life life(seed);
            life.kubelet.cut = fault.cut;
            life.kubelet.clean_end = fault.clean_end;
            life.kubelet.refuse = fault.refuse;
            LogStream stream(life.client, "team", "p", "c", {.follow = true}, life.came);
            life.live(stream, fault.rotations, fault.restarts);
            life.end(stream);
            CHECK(stream.done());
            const bool same = life.wrote == life.came.text;
            CHECK_MESSAGE(same, difference(life.wrote, life.came.text));
        }
    }
}

TEST_CASE("logs: what the server warns of beside a log is kept") {
    FakeCluster cluster;
    cluster.http.reply(log_path, 200, "2026-01-01T00:00:01Z a\n", {{"warning", "299 - \"v1 is old\""}});
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {}, lines);
    turns(cluster, stream, 3);
    CHECK(lines.text == "a|");
    CHECK(cluster.client->take_warnings() == std::vector<std::string>{"v1 is old"});
}
