// Checkpoints on disk: what is left of one when its process is killed at any moment.
#include "trainer/state/checkpoint.h"

#include <doctest/doctest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include "tests/trainer/support.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

std::vector<CheckpointFile> files(const std::string& content) {
    return {{"model.safetensors", content}, {"trainer_state.json", content}};
}

// Runs `work` in a child that is killed at the `stop`-th border of a system call, counted from 0. Each call has two:
// before and after. False when the work ended first.
bool killed_at(int stop, const std::function<void()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSTOPPED(status));
    for (; stop >= 0; --stop) {
        REQUIRE(::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) == 0);
        ::waitpid(child, &status, 0);
        if (!WIFSTOPPED(status)) return false;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return true;
}

}  // namespace

TEST_CASE("a checkpoint that is replaced outlives a kill at any moment") {
    const TempFolder folder;
    const std::string output = folder / "out";
    bool seen_old = false, seen_new = false, killed = true;
    for (int stop = 0; killed; ++stop) {
        CAPTURE(stop);
        fs::remove_all(output);
        Checkpoints checkpoints(real_files(), output);
        checkpoints.save(5, files("old"), {});
        killed = killed_at(stop, [&] { checkpoints.save(5, files("new"), {}); });
        checkpoints.finish_partial();
        REQUIRE(checkpoints.newest([](const std::string&) {}) == output + "/checkpoint-5");
        const std::string content = read_file(output + "/checkpoint-5/model.safetensors");
        CHECK(read_file(output + "/checkpoint-5/trainer_state.json") == content);
        CHECK(names_in(output) == std::vector<std::string>{"checkpoint-5"});
        (content == "old" ? seen_old : seen_new) = true;
    }
    CHECK(seen_old);
    CHECK(seen_new);
}
