// Watches across ends, errors and broken connections.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/kube/feed.h"
#include "core/kube/job_watch.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

namespace {

const Resource pods = *built_in_resource("v1", "Pod");
constexpr const char* list_path = "GET /api/v1/namespaces/team/pods?limit";
constexpr const char* watch_path = "GET /api/v1/namespaces/team/pods?watch";

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

// Turns of the client; the one that brings the first list does not count.
void turns(FakeCluster& cluster, Feed& feed, int count) {
    if (!feed.listed()) {
        feed.step();
        cluster.client->turn({});
    }
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

TEST_CASE("feed: a proxy that cuts every quiet watch, be it after a second, is asked again within a second") {
    for (const auto quiet : {std::chrono::seconds(60), std::chrono::seconds(1)}) {
        FakeCluster cluster;
        cluster.http.reply(list_path, 200, listing("5", "a"));
        cluster.http.stream(watch_path, {}, Trouble::none, true);
        Feed feed(*cluster.client, pods, "team", {});
        for (std::size_t asked = 2; asked < 22; ++asked) {  // the list and the watches
            turns(cluster, feed, 2);                        // a second passes
            CHECK(cluster.http.requests.size() == asked);
            cluster.clock.passed += quiet;
            feed.on_end({200, {}, {}, {}, {}});
        }
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
    CHECK(asked() == 2);  // for those of the job and of its pods
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
    CHECK(!feed.listed());  // nothing is waited for
    cluster.client->turn({});
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
    first.step();
    away.client->turn({});
    CHECK_THROWS_AS(first.step(), Error);

    FakeCluster busy;  // what passes by itself is waited for
    busy.http.reply(list_path, 503, {}, {{"retry-after", "2"}});
    busy.http.reply(list_path, 200, listing("5", "a"));
    busy.http.stream(watch_path, {}, Trouble::none, true);
    Feed patient(*busy.client, pods, "team", {});
    turns(busy, patient, 4);
    CHECK(names(patient) == "a");

    FakeCluster denied;
    denied.http.reply(list_path, 200, listing("5", "a"));
    denied.http.reply(watch_path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    Feed feed(*denied.client, pods, "team", {});
    CHECK_THROWS_AS(turns(denied, feed, 3), Error);
}

TEST_CASE("feed: a watch that says nothing beyond its time, or never begins, is opened anew") {
    FakeCluster cluster;
    cluster.http.reply(list_path, 200, listing("5", "a"));
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    while (cluster.clock.passed < std::chrono::hours(2)) turns(cluster, feed, 1);
    CHECK(cluster.http.requests.size() >= 11);  // five to ten minutes each, and half a minute
    CHECK(cluster.http.requests.size() <= 24);
}

TEST_CASE("feed: a list of many pages comes while other streams go on; one that is too old is taken whole") {
    FakeCluster cluster;
    Json first = Json::parse(listing("5", "a"));
    first["metadata"]["continue"] = "more";
    cluster.http.reply(list_path, 200, first.dump());
    cluster.http.reply(std::string(list_path) + "=500&continue=more", 410);
    cluster.http.reply("GET /api/v1/namespaces/team/pods", 200, listing("9", "bc"));
    cluster.http.stream(watch_path, {}, Trouble::none, true);
    Feed feed(*cluster.client, pods, "team", {});
    turns(cluster, feed, 5);
    CHECK(names(feed) == "bc");
    CHECK(watched_from(cluster, 0) == "9");
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

TEST_CASE("feed: a list that breaks off in a packed reply is asked for again, what a watch warns of is kept") {
    FakeCluster cluster;
    const std::string whole = listing("5", "ab");
    cluster.http.reply(list_path, 200, whole.substr(0, whole.size() / 2),
                       {{"content-encoding", "gzip"}, {"content-type", "application/json"}});
    cluster.http.reply(list_path, 200, whole, {{"content-encoding", "gzip"}});
    const std::string added = R"({"kind":null,"type":"ADDED","object":{"metadata":{"name":"c","resourceVersion":"6"}}})";
    cluster.http.reply(watch_path, 200, added + "\n", {{"warning", "299 - \"v1 is old\""}});
    Feed feed(*cluster.client, pods, "team", {});
    turns(cluster, feed, 5);
    CHECK(names(feed) == "abc");
    CHECK(cluster.client->take_warnings() == std::vector<std::string>{"v1 is old"});
}
