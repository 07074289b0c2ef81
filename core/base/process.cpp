// The real environment, clock and signals of this process.
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>

#include "core/base/exit_code.h"
#include "core/base/world.h"

namespace ktrain {
namespace {

// What a signal handler may touch: the number of the first stop signal and a pipe that wakes sleepers.
std::atomic<int> stop_number{0};
int wake_pipe[2] = {-1, -1};

void on_stop(int number) {
    const int code = errno;
    if (stop_number.exchange(number) != 0 && number == SIGINT) ::_exit(exit_code::interrupted);
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(wake_pipe[1], &byte, 1);
    errno = code;
}

class RealEnv final : public Env {
public:
    std::optional<std::string> get(const std::string& name) const override {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }
};

class RealClock final : public Clock {
public:
    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }

    bool sleep(std::chrono::milliseconds duration) override {
        const auto end = steady() + duration;
        while (stop_number == 0) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady());
            if (left.count() <= 0) return true;
            pollfd waiting{wake_pipe[0], POLLIN, 0};
            ::poll(&waiting, wake_pipe[0] >= 0 ? 1 : 0, static_cast<int>(std::min<long long>(left.count(), 3'600'000)));
        }
        return false;
    }

    int stop_signal() const override { return stop_number; }
};

}  // namespace

const Env& real_env() {
    static const RealEnv env;
    return env;
}

Clock& real_clock() {
    static RealClock clock;
    return clock;
}

void catch_stop_signals() {
    if (::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) wake_pipe[0] = wake_pipe[1] = -1;
    struct sigaction action {};
    action.sa_handler = on_stop;
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction inherited {};
        ::sigaction(number, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);  // nohup stays in force
    }
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace ktrain
