// What `ktrain submit` says when the server refuses.
#include <doctest/doctest.h>

#include "core/base/exit_code.h"
#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;

TEST_CASE("submit: what the server warns of is told though it refuses") {
    const std::string refusal =
        R"({"kind":"Status","code":422,"reason":"Invalid","message":"it is invalid","details":{"causes":[]}})";
    for (const char* flag : {"--no-preflight", "--dry-run=server"}) {
        CAPTURE(std::string(flag));
        test::ClusterWorld world;
        world.files.contents["/job.yaml"] = R"(apiVersion: batch/v1
kind: Job
metadata: {name: cnn, namespace: team}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: trainer, image: "example.org/trainer:1", resources: {limits: {cpu: 1, memory: 1Gi}}}]
)";
        const std::string none = R"({"kind":"Status","code":404,"reason":"NotFound","message":"not there"})";
        world.server.route("GET /",
                           "HTTP/1.1 404 X\r\nContent-Length: " + std::to_string(none.size()) + "\r\n\r\n" + none);
        for (const char* verb : {"POST /", "PATCH /"})
            world.server.route(verb,
                               "HTTP/1.1 422 X\r\nWarning: 299 - \"it will go\", 299 - \"soon\"\r\nContent-Length: " +
                                   std::to_string(refusal.size()) + "\r\n\r\n" + refusal);
        CHECK_THROWS_AS(world.run({"submit", "/job.yaml", flag}), Error);
        CHECK_MESSAGE(world.err.text.find("warning: it will go\nwarning: soon\n") != std::string::npos, world.err.text);
    }
}

TEST_CASE(
    "submit --dry-run=client: manifests are shown in the namespace of -n, and what no server would take is refused") {
    ClusterWorld world;
    const auto show = [&](const std::string& manifest, std::vector<std::string> more = {}) {
        world.files.contents["/m.yaml"] = manifest;
        std::vector<std::string> words{"submit", "/m.yaml", "--dry-run=client", "-o", "json", "-n", "gpus"};
        for (std::string& word : more) words.push_back(std::move(word));
        world.out.text.clear();
        try {
            return world.run(words) == 0 ? world.out.text : "failed";
        } catch (const Error& error) {
            return error.message;
        }
    };
    const std::string job = "{apiVersion: batch/v1, kind: Job, metadata: {name: cnn}, spec: {}}\n";
    CHECK(show(job).find("\"namespace\": \"gpus\"") != std::string::npos);
    CHECK(show("{apiVersion: kubeflow.org/v1, kind: PyTorchJob, metadata: {name: cnn}, spec: {}}\n").find("gpus") !=
          std::string::npos);
    CHECK(show("{apiVersion: v1, kind: Node, metadata: {name: n}}\n").find("gpus") == std::string::npos);
    CHECK(show("{apiVersion: example.org/v1, kind: Own, metadata: {name: n}}\n").find("gpus") == std::string::npos);
    CHECK(show("{apiVersion: v1, kind: ConfigMap}\n") == "there is a ConfigMap without metadata.name");
    CHECK(show("{apiVersion: v1, kind: ConfigMap, metadata: {name: a/b}}\n") ==
          "\"a/b\" cannot be the name of a ConfigMap");
    CHECK(show("{apiVersion: batch/v1, kind: Job, metadata: {name: cnn}, spec: no}\n") ==
          "spec of a Job is no mapping");
    CHECK(show(job, {"--queue", "Gold!"}).starts_with("\"Gold!\" of --queue can be the name of nothing: "));
    CHECK(show(job, {"--queue", "gold"}).find("\"kueue.x-k8s.io/queue-name\": \"gold\"") != std::string::npos);
    CHECK(world.server.requests().empty());
}

TEST_CASE("submit: a server that fails in itself is worth another try, by the hint and by the exit code") {
    ClusterWorld world;
    world.files.contents["/m.yaml"] = "{apiVersion: batch/v1, kind: Job, metadata: {name: cnn}, spec: {}}\n";
    world.server.route("POST ", "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
    try {
        world.run({"submit", "/m.yaml"});
        FAIL("it was submitted");
    } catch (const Error& error) {
        CHECK(exit_code_for(error.kind) == exit_code::try_again);
        CHECK(error.hint.starts_with("try again"));
    }
}
