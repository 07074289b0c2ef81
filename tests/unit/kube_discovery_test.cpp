// What is asked once and kept, what is asked side by side, and what is forced.
#include <doctest/doctest.h>

#include "core/kube/discovery_cache.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using namespace ktrain::test;

TEST_CASE("client: discovery is kept for ten minutes, and asked for anew when a kind is not in it") {
    const auto served = [](const std::string& kind) {
        return R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"x.org"},"versions":[{"version":"v1",)"
               R"("resources":[{"resource":"things","responseKind":{"kind":")" +
               kind + R"("},"scope":"Namespaced","verbs":["get"]}]}]}]})";
    };
    FakeCluster cluster;
    DiscoveryCache cache(cluster.files, cluster.clock, "/cache", "https://server");
    cluster.client->set_discovery_cache(&cache);
    cluster.http.reply("GET /apis", 200, served("Thing"));
    cluster.http.reply("GET /apis", 200, served("Other"));
    CHECK(cluster.client->resource("x.org/v1", "Thing").plural == "things");
    CHECK_THROWS_AS(cluster.client->resource("x.org/v1", "Other"), Error);
    CHECK(cluster.http.requests.size() == 1);  // what was just told is not asked for again

    const auto another = [&](auto&& what) {
        DiscoveryCache later(cluster.files, cluster.clock, "/cache", "https://server");
        KubeClient client(cluster.http, *cluster.auth, cluster.clock, {"https://server", "here"}, nullptr);
        client.set_discovery_cache(&later);
        what(client);
    };
    another([](KubeClient& client) { CHECK(client.resource("x.org/v1", "Thing").namespaced); });
    CHECK(cluster.http.requests.size() == 1);
    another([](KubeClient& client) { CHECK(client.resource("x.org/v1", "Other").plural == "things"); });
    CHECK(cluster.http.requests.size() == 2);
    another([](KubeClient& client) { CHECK(client.resource("x.org/v1", "Other").plural == "things"); });
    CHECK(cluster.http.requests.size() == 2);
    for (auto& [path, content] : cluster.files.contents) content = "{";  // half of another writer's
    another([](KubeClient& client) { CHECK(client.resource("x.org/v1", "Other").plural == "things"); });
    CHECK(cluster.http.requests.size() == 3);
    for (auto& [path, content] : cluster.files.contents) content.replace(content.find("\"time\":"), 7, "\"then\":");
    another([](KubeClient& client) { CHECK(client.resource("x.org/v1", "Other").plural == "things"); });
    CHECK(cluster.http.requests.size() == 4);
}

TEST_CASE("client: a version that is not served names those that are") {
    FakeCluster cluster;
    cluster.http.reply("GET /apis", 200,
                       R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"kubeflow.org"},"versions":[
        {"version":"v1","resources":[{"resource":"mpijobs","responseKind":{"kind":"MPIJob"},"scope":"Namespaced"}]}]}]})");
    try {
        cluster.client->resource("kubeflow.org/v2beta1", "MPIJob");
        FAIL("it is not served");
    } catch (const Error& error) {
        CHECK(error.hint.find("kubeflow.org/v1") != std::string::npos);
    }
}

TEST_CASE("client: requests that were begun are not sent again, and are retried by the rules") {
    FakeCluster cluster;
    const Resource maps = *built_in_resource("v1", "ConfigMap");
    const std::string path = "GET /api/v1/namespaces/team/configmaps/";
    cluster.http.reply(path + "a", 200);
    cluster.http.reply(path + "b", 429, "{}", {{"retry-after", "1"}});
    cluster.http.reply(path + "b", 200);
    KubeClient::Ahead ahead;
    for (const char* name : {"a", "b", "c", ".."}) ahead.find(maps, "team", name);
    cluster.client->begin(ahead);
    CHECK(cluster.http.requests.size() == 3);
    CHECK(cluster.client->find(maps, "team", "a"));
    CHECK(!cluster.client->find(maps, "team", "c"));
    CHECK(cluster.http.requests.size() == 3);
    CHECK(cluster.client->find(maps, "team", "b"));
    CHECK(cluster.http.requests.size() == 4);
    CHECK(cluster.client->find(maps, "team", "a"));  // each reply serves once
    CHECK(cluster.http.requests.size() == 5);
    CHECK_THROWS_AS(cluster.client->find(maps, "team", ".."), Error);
}

TEST_CASE("client: an apply that conflicts with nothing but a creation by ktrain is forced, no other") {
    const auto conflict = [](const std::string& manager) {
        return R"({"kind":"Status","code":409,"reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict",)"
               R"("message":"conflict with \")" +
               manager + R"(\" using v1","field":".data.a"}]}})";
    };
    const Resource maps = *built_in_resource("v1", "ConfigMap");
    const Json map{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "a"}}}};
    const std::string path = "PATCH /api/v1/namespaces/team/configmaps/a?fieldValidation=Strict&fieldManager=ktrain";
    FakeCluster own, other;
    own.http.reply(path, 409, conflict("ktrain"));
    own.http.reply(path + "&force=true", 200);
    CHECK(!own.client->apply(maps, "team", map, false).created);
    other.http.reply(path, 409, conflict("kubectl"));
    CHECK_THROWS_AS(other.client->apply(maps, "team", map, false), Error);
    CHECK(other.http.requests.size() == 1);
}

TEST_CASE("client: a group whose own server is down hides no other, and no core group is no trouble") {
    FakeCluster cluster;
    cluster.http.reply("GET /api", 404, R"({"kind":"Status","code":404})");
    cluster.http.reply("GET /apis", 200, R"({"kind":"APIGroupDiscoveryList","items":[
        {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]},
        {"metadata":{"name":"x.org"},"versions":[{"version":"v1","freshness":"Current","resources":[
            {"resource":"things","responseKind":{"kind":"Thing"},"scope":"Namespaced","verbs":["get"]}]}]}]})");
    CHECK(cluster.client->resource("x.org/v1", "Thing").plural == "things");
    CHECK_THROWS_AS(cluster.client->resource("metrics.k8s.io/v1beta1", "NodeMetrics"), Error);
    CHECK_THROWS_AS(cluster.client->resource("v1", "Unknown"), Error);
}
