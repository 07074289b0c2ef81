// What `ktrain submit` says when the server refuses.
#include <doctest/doctest.h>

#include "tests/support/cluster_world.h"

using namespace ktrain;

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
