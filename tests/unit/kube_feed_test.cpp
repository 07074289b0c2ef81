// Watches and log streams across ends, errors and broken connections.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/kube/feed.h"
#include "core/kube/job_watch.h"
#include "core/kube/log_stream.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

namespace {

const Resource pods = *built_in_resource("v1", "Pod");
constexpr const char* list_path = "GET /api/v1/namespaces/team/pods?limit";
constexpr const char* watch_path = "GET /api/v1/namespaces/team/pods?watch";
constexpr const char* log_path = "GET /api/v1/namespaces/team/pods/p/log";

std::string listing(const std::string& version, const std::string& names) {
    Json items = Json::array();
    for (const char name : names)
        items.push_back({{"metadata", {{"name", std::string(1, name)}, {"resourceVersion", version}}}});
    return Json{{"metadata", {{"resourceVersion", version}}}, {"items", items}}.dump();
}

std::string event(const std::string& type, const std::string& name, const std::string& version) {
    return Json{{"type", type}, {"object", {{"metadata", {{"name", name}, {"resourceVersion", version}}}}}}.dump() +
           "\n";
}

std::string names(const Feed& feed) {
    std::string out;
    for (const auto& [name, object] : feed.objects()) out += name;
    return out;
}

void turns(FakeCluster& cluster, Feed& feed, int count) {
    for (int i = 0; i < count; ++i) {
        feed.step();
        cluster.client->turn(std::chrono::seconds(1));
    }
}

// The value of a query parameter in the n-th watch, from 0.
std::string watched_from(const FakeCluster& cluster, std::size_t n) {
    for (const HttpRequest& request : cluster.http.requests) {
        const std::size_t at = request.path.find("&resourceVersion=");
        if (at == std::string::npos || n-- > 0) continue;
        return request.path.substr(at + 17, request.path.find('&', at + 1) - at - 17);
    }
    return "no such watch";
}

}  // namespace

TEST_CASE("feed: events change the list, in pieces as they come") {
    FakeCluster cluster;
    cluster.http.reply("GET /api/v1/namespaces/team/pods?labelSelector", 200, listing("5", "ab"));
    const std::string text = event("ADDED", "c", "6") + event("DELETED", "a", "7") + event("BOOKMARK", "", "9");
    cluster.http.stream(watch_path, {text.substr(0, 10), text.substr(10, 80), text.substr(90)});
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {"l=1", ""});
    turns(cluster, feed, 1);
    CHECK(names(feed) == "bc");
    CHECK(feed.take_changed());
    CHECK(!feed.take_changed());
    turns(cluster, feed, 3);
    CHECK(watched_from(cluster, 0) == "5");
    CHECK(watched_from(cluster, 1) == "9");  // after a clean end, from the bookmark on
    CHECK(cluster.http.requests[0].path.find("labelSelector=l%3D1") != std::string::npos);
    CHECK(!feed.trouble());
}

TEST_CASE("feed: what is too old is listed anew, whether the reply or the stream says so") {
    for (const bool in_stream : {false, true}) {
        FakeCluster cluster;
        cluster.http.reply(list_path, 200, listing("5", "a"));
        cluster.http.reply(list_path, 200, listing("50", "xy"));
        if (in_stream)
            cluster.http.stream(watch_path,
                                {R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
                                 "\n"},
                                Trouble::none, true);
        else
            cluster.http.reply(watch_path, 410, R"({"kind":"Status","code":410})");
        cluster.http.stream(watch_path, {}, Trouble::none, true);
        Feed feed(*cluster.client, pods, "team", {});
        turns(cluster, feed, 4);
        CHECK(names(feed) == "xy");
        CHECK(watched_from(cluster, 1) == "50");
    }
}

TEST_CASE("feed: events that come again after a reconnect are left out") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {event("ADDED", "b", "6"), event("DELETED", "b", "7")}, Trouble::lost);
    cluster.http.stream(watch_path, {event("ADDED", "b", "6"), event("ADDED", "c", "8")}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    turns(cluster, feed, 1);
    CHECK(names(feed) == "a");
    REQUIRE(feed.trouble());
    CHECK(feed.trouble()->why.find("broke") != std::string::npos);
    CHECK(feed.trouble()->attempt == 2);
    turns(cluster, feed, 5);
    CHECK(watched_from(cluster, 1) == "7");
    CHECK(names(feed) == "ac");
    CHECK(!feed.trouble());
}

TEST_CASE("feed: a server that ends every watch at once is asked ever more seldom, until an event comes") {
    for (const Trouble end : {Trouble::none, Trouble::lost}) {
        FakeCluster cluster;
        cluster.http.reply(list_path, 200, listing("5", "a"));
        cluster.http.stream(watch_path, {}, end);
        Feed feed(*cluster.client, pods, "team", {});
        const auto asked_within = [&](std::chrono::seconds time) {
            const auto until = cluster.clock.passed + time;
            const std::size_t before = cluster.http.requests.size();
            while (cluster.clock.passed < until) turns(cluster, feed, 1);
            return cluster.http.requests.size() - before;
        };
        CHECK(asked_within(std::chrono::minutes(1)) < 15);  // and the list
        CHECK(asked_within(std::chrono::minutes(10)) <= 10 * 4 + 1);
        CHECK_NOTHROW(feed.step());

        FakeCluster lively;  // each time with news
        lively.http.reply(list_path, 200, listing("5", "a"));
        for (int version = 6; version < 30; ++version)
            lively.http.stream(watch_path, {event("MODIFIED", "a", std::to_string(version))}, end);
        Feed other(*lively.client, pods, "team", {});
        while (lively.clock.passed < std::chrono::seconds(40)) turns(lively, other, 1);
        CHECK(lively.http.requests.size() > 20);
    }
}

TEST_CASE("feed: a server that stays away is given up after the patience, with growing pauses") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.trouble(watch_path, Trouble::connect);
    Feed feed(*cluster.client, pods, "team", {});
    try {
        turns(cluster, feed, 1000);
        FAIL("never gave up");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::unreachable);
        CHECK(error.message.find("no connection for 5m00s") != std::string::npos);
    }
    CHECK(cluster.http.requests.size() < 30);
    CHECK(cluster.http.requests.size() > 8);
}

TEST_CASE("feed: the patience begins with the break, however long it was quiet before, and is told") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    feed.step();
    cluster.clock.passed += std::chrono::hours(1);
    feed.on_end([] {
        HttpReply lost;
        lost.trouble = Trouble::lost;
        return lost;
    }());
    feed.step();
    REQUIRE(feed.trouble());
    CHECK(feed.trouble()->attempt == 2);
    CHECK(*feed.trouble()->left == std::chrono::minutes(5));
    cluster.clock.passed += std::chrono::seconds(20);
    CHECK(*feed.trouble()->left == std::chrono::seconds(280));
    CHECK(words_of(*feed.trouble()).find("; trying again in 1s (attempt 2), for up to 4m40s more") !=
          std::string::npos);
}

TEST_CASE("feed: a watch that is cut off again and again, but works in between, is not given up") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {}, Trouble::lost);
    Feed feed(*cluster.client, pods, "team", {});
    for (int i = 0; i < 20; ++i) {
        turns(cluster, feed, 1);
        cluster.clock.passed += std::chrono::seconds(60);
    }
    CHECK(feed.trouble()->attempt == 2);
}

TEST_CASE("feed: a proxy that cuts every quiet watch after a minute is asked again within a second") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    for (std::size_t asked = 2; asked < 22; ++asked) {  // the list and the watches
        turns(cluster, feed, 2);                        // a second passes
        CHECK(cluster.http.requests.size() == asked);
        cluster.clock.passed += std::chrono::seconds(60);
        feed.on_end({200, {}, {}, {}, {}});
    }
}

TEST_CASE("feed: a watch that is open again is well, however quiet it stays") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {}, Trouble::lost);
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    turns(cluster, feed, 1);
    CHECK(feed.trouble());
    turns(cluster, feed, 5);
    CHECK(!feed.trouble());
    cluster.clock.passed += std::chrono::hours(1);
    const std::string error = R"({"type":"ERROR","object":{"kind":"Status","code":500}})";
    feed.on_data(error + "\n");
    REQUIRE(feed.trouble());
    CHECK(feed.trouble()->attempt == 2);
    CHECK(feed.trouble()->pause <= std::chrono::milliseconds(800));
    CHECK(*feed.trouble()->left == std::chrono::minutes(5));
    CHECK_NOTHROW(turns(cluster, feed, 5));
}

TEST_CASE("job watch: events that cannot be had end nothing, and are asked for again") {
    FakeCluster cluster;
    const std::string jobs = "GET /apis/batch/v1/namespaces/team/jobs?", events = "GET /api/v1/namespaces/team/events?";
    cluster.http.reply(jobs, 200,
                       R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"cnn","uid":"u"}}]})");
    cluster.http.stream(jobs + "watch", {}, Trouble::none, true);
    cluster.http.reply("GET /api/v1/namespaces/team/pods?labelSelector", 200, listing("5", ""));
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    cluster.http.trouble(events, Trouble::connect);
    JobWatch watch(*cluster.client, "team", "cnn");
    const auto follow = [&](int count) {
        for (int i = 0; i < count; ++i) {
            watch.step();
            watch.refresh();
            cluster.client->turn(std::chrono::seconds(1));
        }
    };
    const auto asked = [&] {
        const auto log = cluster.http.log();
        return std::count(log.begin(), log.end(), "GET /api/v1/namespaces/team/events");
    };
    follow(20);
    CHECK(asked() == 1);
    follow(600);
    CHECK(asked() > 10);
    CHECK(watch.job());
}

TEST_CASE("feed: objects that are not wanted are not there") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "ab"));
    cluster.http.stream(watch_path, {event("ADDED", "c", "6"), event("MODIFIED", "b", "7")}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    feed.keep_only([](const Json& object) { return meta(object, "name") == "a"; });
    feed.step();
    CHECK(names(feed) == "a");
    CHECK(feed.take_changed());
    turns(cluster, feed, 2);
    CHECK(names(feed) == "a");
    CHECK(!feed.take_changed());
}

TEST_CASE("feed: the first list fails at once, a refusal ends the watch") {
    FakeCluster away;
    away.http.trouble("GET ", Trouble::connect);
    Feed first(*away.client, pods, "team", {});
    CHECK_THROWS_AS(first.step(), Error);

    FakeCluster denied;
    denied.http.reply(list_path, 200, listing("5", "a"));
    denied.http.reply(watch_path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    Feed feed(*denied.client, pods, "team", {});
    CHECK_THROWS_AS(turns(denied, feed, 3), Error);
}

TEST_CASE("feed: a 401 in the middle renews the credentials once") {
    FakeCluster cluster("/token");
    cluster.files.contents["/token"] = "t";
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.reply(watch_path, 401);
    cluster.http.stream(watch_path, {event("ADDED", "b", "6")}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    turns(cluster, feed, 4);
    CHECK(names(feed) == "ab");

    FakeCluster refused("/token");
    refused.files.contents["/token"] = "t";
    refused.http.reply(list_path, 200, listing("5", "a"));
    refused.http.reply(watch_path, 401);
    Feed other(*refused.client, pods, "team", {});
    CHECK_THROWS_AS(turns(refused, other, 10), Error);
}

TEST_CASE("feed: events that are no JSON are not believed") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {"<html>\n"}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    try {
        turns(cluster, feed, 100);
        FAIL("believed");
    } catch (const Error& error) {
        CHECK(error.message.find("no JSON") != std::string::npos);
    }
    CHECK(names(feed) == "a");
}

namespace {

struct Lines {
    std::string text;
    LogStream::Sink sink() {
        return [this](std::string_view, std::string_view line) { text += std::string(line) + "|"; };
    }
};

void turns(FakeCluster& cluster, LogStream& stream, int count, bool ended = false) {
    for (int i = 0; i < count; ++i) {
        stream.step(ended);
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
    cluster.http.stream(
        log_path,
        {"2026-01-01T00:00:01.1Z a\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.3Z ha"},
        Trouble::lost);
    cluster.http.stream(
        log_path,
        {"2026-01-01T00:00:01.1Z a\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z c\n",
         "2026-01-01T00:00:01.3Z half\n2026-01-01T00:00:00.9Z clock set back\n2026-01-01T00:00:02Z end"});
    cluster.http.stream(log_path, {"2026-01-01T00:00:02Z end\n"});
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c", {.follow = true}, lines.sink());
    turns(cluster, stream, 6);
    CHECK(lines.text == "a|b|b|c|half|clock set back|end|");
    CHECK(since(cluster.http.requests.at(1)) == "2026-01-01T00%3A00%3A01Z");
    CHECK(!stream.done());
    turns(cluster, stream, 3, true);  // a last look after the end of the container
    CHECK(stream.done());
    CHECK(lines.text == "a|b|b|c|half|clock set back|end|");
    CHECK(cluster.http.requests.back().path.find("follow") == std::string::npos);
}

TEST_CASE("logs: options go to the first request, time stamps are always asked for") {
    FakeCluster cluster;
    cluster.http.stream(log_path, {"2026-01-01T00:00:01Z a\r\nno stamp\n"}, Trouble::none);
    Lines lines;
    LogStream stream(*cluster.client, "team", "p", "c",
                     {.follow = false, .previous = true, .tail = 5, .since = std::chrono::seconds(60)}, lines.sink());
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
    LogStream stream(*waiting.client, "team", "p", "c", {.follow = true}, lines.sink());
    turns(waiting, stream, 5);
    CHECK(lines.text == "a|");

    FakeCluster gone;
    gone.http.reply(log_path, 404);
    LogStream missing(*gone.client, "team", "p", "c", {.follow = true}, lines.sink());
    turns(gone, missing, 2);
    CHECK(missing.done());

    FakeCluster elsewhere;  // a proxy's page says nothing about the pod
    elsewhere.http.reply(log_path, 404, "<html>");
    elsewhere.http.stream(log_path, {"2026-01-01T00:00:01Z b\n"});
    LogStream guarded(*elsewhere.client, "team", "p", "c", {}, lines.sink());
    turns(elsewhere, guarded, 5);
    CHECK(lines.text == "a|b|");

    FakeCluster denied;
    denied.http.reply(log_path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    LogStream refused(*denied.client, "team", "p", "c", {.follow = true}, lines.sink());
    CHECK_THROWS_AS(turns(denied, refused, 3), Error);

    FakeCluster broken;
    broken.http.reply(log_path, 500, "node is away");
    LogStream once(*broken.client, "team", "p", "c", {}, lines.sink());
    CHECK_THROWS_AS(turns(broken, once, 30), Error);  // without --follow it is given up
}
