// The doubles of the outside world record what is asked of them and fail when told to.
#include <doctest/doctest.h>

#include "tests/support/worlds.h"

using namespace ktrain;
using namespace std::chrono_literals;

TEST_CASE("accesses are recorded in order") {
    test::World world;
    world.files.contents["a/b.yaml"] = "x";
    CHECK(world.session.files.read("a/b.yaml") == "x");
    CHECK(world.session.files.is_folder("a"));
    world.session.files.write("c", "y", 0600);
    CHECK(world.files.accesses() == std::vector<std::string>{"read a/b.yaml", "is_folder a", "write c"});
    CHECK(world.files.contents["c"] == "y");
    CHECK(world.files.modes["c"] == 0600);
    world.env.values["HOME"] = "/root";
    CHECK(world.session.env.get("HOME") == "/root");
    CHECK_FALSE(world.session.env.get("SHELL"));
    CHECK(world.env.count("get") == 2);
}

TEST_CASE("the n-th access fails, the others do not") {
    test::MemoryFiles files;
    files.fail("write", 2, Error(ErrorKind::failed, "disk full"));
    files.write("a", "1");
    CHECK_THROWS_WITH_AS(files.write("b", "2"), "disk full", Error);
    CHECK_FALSE(files.contents.contains("b"));
    files.write("b", "2");
    CHECK(files.contents["b"] == "2");

    test::MemoryOutput out;
    out.fail("", 1, Error(ErrorKind::failed, "reader gone"));
    CHECK_THROWS_AS(out.write("x"), Error);
    out.write("y");
    CHECK(out.text == "y");
}

TEST_CASE("files answer as a file system does") {
    test::MemoryFiles files;
    files.contents = {{"d/x", "1"}, {"d/e/y", "2"}, {"dd", "3"}};
    CHECK(files.list("d") == std::vector<std::string>{"e", "x"});
    CHECK(files.exists("d/e"));
    CHECK_FALSE(files.is_folder("dd"));
    CHECK_THROWS_AS(files.read("nothing"), Error);
    CHECK_THROWS_AS(files.read("dd", 0), Error);
    CHECK_THROWS_AS(files.list("nothing"), Error);
    files.make_folders("new");
    CHECK(files.list("new").empty());
    files.remove("dd");
    files.remove("dd");
    CHECK_FALSE(files.exists("dd"));
}

TEST_CASE("time passes only by sleeping, and a signal cuts a sleep short") {
    test::MemoryClock clock;
    const auto began = clock.now();
    CHECK(clock.sleep(1500ms));
    CHECK(clock.now() - began == 1500ms);
    clock.stop_at_sleep = 2;
    CHECK(clock.stop_signal() == 0);
    CHECK_FALSE(clock.sleep(1s));
    CHECK(clock.stop_signal() == 15);
    CHECK(clock.now() - began == 1500ms);
}

TEST_CASE("standard input has a limit") {
    test::MemoryInput in;
    in.text = "abc";
    CHECK(in.read_all(3) == "abc");
    CHECK_THROWS_AS(in.read_all(2), Error);
}
