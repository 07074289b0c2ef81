// Runs another program without a shell and reads what it prints; for exec credential plugins.
#include "core/kube/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/error.h"

extern char** environ;

namespace ktrain::kube {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_output = 1u << 20;
constexpr std::chrono::milliseconds stop_check = 200ms;
constexpr std::chrono::milliseconds grace = 1s;  // between SIGTERM and SIGKILL

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
int spawn(const ProgramCall& call, int write_end, bool own_group, pid_t& child) {
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
    posix_spawnattr_setflags(&attributes,
                             static_cast<short>(POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
    const int code = ::posix_spawnp(&child, call.command.c_str(), &actions, &attributes, pointers(words).data(),
                                    pointers(env).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

// A started program. A program that may ask questions stays in our process group, since no other may read the terminal,
// where Ctrl-C reaches it, too; any other leads a group of its own, so that what it starts ends with it.
class Child {
public:
    Child(const ProgramCall& call, Clock& clock, std::chrono::milliseconds limit)
        : own_group_(!call.give_input), clock_(clock), limit_(limit), end_(clock.steady() + limit) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) fail(call, errno);
        output_ = ends[0];
        start_error_ = spawn(call, ends[1], own_group_, child_);
        ::close(ends[1]);
        if (start_error_ == 0) handle_ = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
    }
    ~Child() {
        ::close(output_);
        if (handle_ >= 0) ::close(handle_);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    ProgramResult run(const ProgramCall& call);

private:
    [[noreturn]] static void fail(const ProgramCall& call, int code) {
        throw Error(ErrorKind::failed, fmt::format("cannot start {}: {}", call.command, std::strerror(code)));
    }
    bool on_time() const { return clock_.stop_signal() == 0 && clock_.steady() < end_; }
    bool read_output(std::string& output) const;
    bool has_ended() const;
    void make_end() const;

    bool own_group_;
    Clock& clock_;
    std::chrono::milliseconds limit_;
    std::chrono::steady_clock::time_point end_;
    int output_ = -1;
    int handle_ = -1;  // readable when the child has ended; none on kernels before 5.3
    pid_t child_ = -1;
    int start_error_ = 0;
};

// Waits for at most a slice: stop signals are looked for in between.
bool readable(int descriptor, std::chrono::milliseconds slice) {
    pollfd waiting{descriptor, POLLIN, 0};  // a negative one only lets the slice pass
    return ::poll(&waiting, 1, static_cast<int>(slice.count())) > 0;
}

// True when the output came to its end in time.
bool Child::read_output(std::string& output) const {
    char buffer[16384];
    while (output.size() <= max_output && on_time()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock_.steady());
        if (!readable(output_, std::clamp(left, 0ms, stop_check))) continue;
        const ssize_t n = ::read(output_, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return true;
        output.append(buffer, static_cast<std::size_t>(n));
    }
    return false;
}

// The child stays a zombie: until it is waited for, nobody else gets its number.
bool Child::has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

void Child::make_end() const {
    const pid_t target = own_group_ ? -child_ : child_;
    ::kill(target, SIGTERM);
    const auto killing = clock_.steady() + grace;
    while (!has_ended() && clock_.steady() < killing) readable(handle_, handle_ < 0 ? 10ms : grace);
    ::kill(target, SIGKILL);  // for what it has left behind, too
}

ProgramResult Child::run(const ProgramCall& call) {
    if (start_error_ == ENOENT) return {.exit_code = 127, .output = "", .missing = true};
    if (start_error_ != 0) fail(call, start_error_);
    ProgramResult result;
    bool ended = read_output(result.output);
    while (ended && !has_ended()) {  // it has closed its output and goes on
        ended = on_time();
        if (ended) readable(handle_, handle_ < 0 ? 10ms : stop_check);
    }
    if (!ended) make_end();
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    if (result.output.size() > max_output)
        throw Error(ErrorKind::failed, fmt::format("{} printed more than a credential", call.command));
    if (!ended && clock_.stop_signal() == 0) result.late = limit_;
    result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}

}  // namespace

RunProgram program_runner(Clock& clock, std::chrono::milliseconds limit) {
    return [&clock, limit](const ProgramCall& call) { return Child(call, clock, limit).run(call); };
}

}  // namespace ktrain::kube
