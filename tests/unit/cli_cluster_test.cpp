// Commands that follow or cancel a job: what they say when they are interrupted, and while the server is away.
#include <doctest/doctest.h>

#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;
using test::FakeServer;

namespace {

bool said(const ClusterWorld& world, const std::string& text) {
    return world.err.text.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("cancel: interrupted while the server does not answer, it says that the end is unknown") {
    for (const int signal : {2, 15}) {
        ClusterWorld world;
        world.server.answer("", FakeServer::End::stall);
        world.stop_when([&] { return world.asked(1); }, signal);
        CHECK(world.run({"cancel", "cnn", "other"}) == 128 + signal);
        CHECK_MESSAGE(world.err.text ==
                          "interrupted; whether job cnn was deleted is unknown; see: ktrain status cnn "
                          "-n team\n",
                      world.err.text);
        CHECK(world.out.text.empty());
        CHECK(world.server.requests().size() == 1);
    }
}

TEST_CASE("cancel: interrupted between two jobs, it says which one is left") {
    ClusterWorld world;
    world.server.reply(200, "{}");
    world.stop_when([&] { return !world.out.text.empty(); });
    CHECK(world.run({"cancel", "cnn", "other"}) == 130);
    CHECK(world.out.text == "job.batch/cnn deleted\n");
    CHECK_MESSAGE(world.err.text == "interrupted; job other was not deleted\n", world.err.text);
    CHECK(world.server.requests().size() == 1);
}

TEST_CASE("cancel: interrupted while the pods end, it says that the job is deleted") {
    ClusterWorld world;
    world.server.reply(200, "{}");
    world.server.answer("", FakeServer::End::stall);
    world.stop_when([&] { return world.asked(2); });
    CHECK(world.run({"cancel", "cnn", "--wait"}) == 130);
    CHECK_MESSAGE(world.err.text == "interrupted; job cnn is deleted, its pods may still be ending\n", world.err.text);
}

TEST_CASE("cancel: interrupted in a dry run, nothing was deleted") {
    ClusterWorld world;
    world.server.answer("", FakeServer::End::stall);
    world.stop_when([&] { return world.asked(1); });
    CHECK(world.run({"cancel", "cnn", "--dry-run"}) == 130);
    CHECK(said(world, "interrupted; nothing was deleted"));
}
