// Completion of names that only the cluster knows.
#include <doctest/doctest.h>

#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;

namespace {

std::string complete(ClusterWorld& world, std::vector<std::string> words) {
    world.out.text.clear();
    words.insert(words.begin(), {"__complete", "--"});
    CHECK(world.run(words) == 0);
    CHECK_MESSAGE(world.err.text.empty(), world.err.text);
    return world.out.text;
}

std::string list(const std::string& kind, const std::string& names) {
    Json items = Json::array();
    for (const char name : names) items.push_back({{"metadata", {{"name", std::string(1, name) + "-name"}}}});
    const std::string body = Json{{"kind", kind}, {"metadata", Json::object()}, {"items", items}}.dump();
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("completion: namespaces are those of the server that begin with the word") {
    ClusterWorld world;
    world.server.route("GET /api/v1/namespaces?", list("NamespaceList", "abt"));
    CHECK(complete(world, {"status", "-n", ""}) == "a-name\nb-name\nt-name\n:\n");
    CHECK(complete(world, {"submit", "train.yaml", "--namespace", "b"}) == "b-name\n:\n");
    CHECK(complete(world, {"logs", "--namespace=t"}) == "--namespace=t-name\n:\n");
}

TEST_CASE("completion: jobs are those of ktrain in the namespace that the line names") {
    ClusterWorld world;
    const std::string jobs = "/jobs?labelSelector=ktrain.dev%2Fjob&";
    world.server.route("GET /apis/batch/v1/namespaces/team" + jobs, list("JobList", "cd"));
    world.server.route("GET /apis/batch/v1/namespaces/other" + jobs, list("JobList", "e"));
    CHECK(complete(world, {"logs", "-f", ""}) == "c-name\nd-name\n:\n");
    CHECK(complete(world, {"cancel", "c-name", "d"}) == "d-name\n:\n");
    CHECK(complete(world, {"wait", "-n", "other", ""}) == "e-name\n:\n");
    CHECK(complete(world, {"status", "--context", "nowhere", ""}) == ":\n");
}

TEST_CASE("completion: a server that refuses or talks nonsense offers nothing, at once and in silence") {
    for (const char* answer : {"HTTP/1.1 403 X\r\nContent-Length: 2\r\n\r\n{}",
                               "HTTP/1.1 503 X\r\nRetry-After: 60\r\nContent-Length: 2\r\n\r\n{}",
                               "HTTP/1.1 200 X\r\nContent-Length: 4\r\n\r\n<ht>"}) {
        ClusterWorld world;
        world.server.route("GET /", answer);
        CHECK(complete(world, {"logs", ""}) == ":\n");
        CHECK(world.server.requests().size() == 1);
    }
}
