// Runs another program without a shell and reads what it prints; for exec credential plugins.
#include "core/kube/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/error.h"

extern char** environ;

namespace ktrain::kube {
namespace {

constexpr std::size_t max_output = 1u << 20;

// This process's environment with `additions` in front: the first of two equal names wins.
std::vector<std::string> environment(const std::vector<std::pair<std::string, std::string>>& additions) {
    std::vector<std::string> out;
    for (const auto& [name, value] : additions) out.push_back(name + "=" + value);
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const std::string name = text.substr(0, text.find('='));
        bool replaced = false;
        for (const auto& [added, value] : additions) replaced = replaced || added == name;
        if (!replaced) out.push_back(text);
    }
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

// Starts the program with its output going to `write_end`; returns 0 or the system's error.
int spawn(const ProgramCall& call, int write_end, pid_t& child) {
    std::vector<std::string> words{call.command};
    words.insert(words.end(), call.args.begin(), call.args.end());
    std::vector<std::string> env = environment(call.env);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (!call.give_input) posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
    posix_spawnattr_t attributes;  // our signal handling (SIGPIPE ignored) is not theirs
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    const int code = ::posix_spawnp(&child, call.command.c_str(), &actions, &attributes, pointers(words).data(),
                                    pointers(env).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

// Reads until the end of the output, or until it is too much or this process shall stop.
std::string read_output(int descriptor, Clock& clock) {
    std::string output;
    char buffer[16384];
    while (output.size() <= max_output && clock.stop_signal() == 0) {
        pollfd waiting{descriptor, POLLIN, 0};
        if (::poll(&waiting, 1, 200) <= 0) continue;
        const ssize_t n = ::read(descriptor, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        output.append(buffer, static_cast<std::size_t>(n));
    }
    return output;
}

ProgramResult run(const ProgramCall& call, Clock& clock) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw Error(ErrorKind::failed, fmt::format("cannot start {}: {}", call.command, std::strerror(errno)));
    pid_t child = -1;
    const int code = spawn(call, ends[1], child);
    ::close(ends[1]);
    if (code != 0) {
        ::close(ends[0]);
        if (code == ENOENT) return {.exit_code = 127, .output = "", .missing = true};
        throw Error(ErrorKind::failed, fmt::format("cannot start {}: {}", call.command, std::strerror(code)));
    }
    ProgramResult result;
    result.output = read_output(ends[0], clock);
    ::close(ends[0]);
    const bool too_much = result.output.size() > max_output;
    if (too_much || clock.stop_signal() != 0) ::kill(child, SIGTERM);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (too_much) throw Error(ErrorKind::failed, fmt::format("{} printed more than a credential", call.command));
    result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}

}  // namespace

RunProgram program_runner(Clock& clock) {
    return [&clock](const ProgramCall& call) { return run(call, clock); };
}

}  // namespace ktrain::kube
