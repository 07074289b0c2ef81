// A real process that is killed again and again: the newest valid checkpoint always loads, and nothing shows in the
// end.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>

#include "core/spec/load.h"
#include "tests/support/paths.h"
#include "tests/trainer/language_model.h"
#include "trainer/data/random.h"

using namespace ktrain;
using namespace ktrain::test;
namespace fs = std::filesystem;

namespace {

constexpr int kills = 30;

// `ktrain run` with its events.
class Process {
public:
    Process(const std::string& spec_file, const std::string& output) {
        int out[2];
        REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(out[1], STDOUT_FILENO);
            ::execl(program_path, "ktrain", "run", spec_file.c_str(), "-o", "json", ("--output_dir=" + output).c_str(),
                    nullptr);
            ::_exit(99);
        }
        ::close(out[1]);
        out_ = out[0];
    }
    ~Process() {
        ::close(out_);
        if (child_ > 0) kill();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // The next event; nothing at the end.
    std::optional<Json> next() {
        for (;;) {
            if (const auto end = pending_.find('\n'); end != std::string::npos) {
                Json event = Json::parse(pending_.substr(0, end));
                pending_.erase(0, end + 1);
                return event;
            }
            char buffer[4096];
            const ssize_t n = ::read(out_, buffer, sizeof buffer);
            if (n <= 0) return std::nullopt;
            pending_.append(buffer, static_cast<std::size_t>(n));
        }
    }

    void kill() {
        ::kill(child_, SIGKILL);
        end();
    }

    int end() {
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t child_ = -1;
    int out_ = -1;
    std::string pending_;
};

// Lets a process run until a random moment within its next few steps, and kills it there. Returns the step that it went
// on from. `reported` becomes the newest checkpoint it told of.
std::int64_t run_and_kill(const std::string& spec_file, const std::string& output, std::uint64_t chance,
                          std::int64_t& reported) {
    Process process(spec_file, output);
    std::int64_t from = 0;
    const std::int64_t steps = 1 + static_cast<std::int64_t>(chance % 7);
    for (std::int64_t seen = 0; seen < steps;) {
        const auto event = process.next();
        REQUIRE(event.has_value());  // else it ended: there are too few steps for all kills
        const std::string kind = event->at("event");
        CHECK(kind != "warning");  // of a damaged checkpoint
        if (kind == "resume") from = event->at("step");
        if (kind == "checkpoint") reported = event->at("step");
        if (kind == "step") ++seen;
    }
    ::poll(nullptr, 0, static_cast<int>(chance / 7 % 8));  // somewhere between two events
    process.kill();
    return from;
}

}  // namespace

TEST_CASE("a run that is killed at thirty random moments ends like one that was left alone") {
    for (const bool beside : {true, false}) {
        CAPTURE(beside);
        const TempFolder folder;
        TrainingSpec spec = text_spec(folder);
        spec.training.num_train_epochs = 14;
        spec.objective.packing = true;
        spec.objective.max_length = 16;
        spec.data.cache_dir = folder / "cache";
        spec.training.ema_decay = beside ? 0.9 : 0;
        spec.checkpoint.save_strategy = "steps";
        spec.checkpoint.save_steps = beside ? 1 : 2;
        spec.checkpoint.save_total_limit = 2;
        spec.checkpoint.async_save = beside;
        write_file(folder / "spec.yaml", spec::to_json(spec).dump());
        {
            Process whole(folder / "spec.yaml", folder / "whole");
            while (whole.next()) continue;
            REQUIRE(whole.end() == 0);
        }
        std::int64_t reported = 0;
        for (std::uint64_t i = 0; i < kills / 2; ++i) {
            CAPTURE(i);
            const std::int64_t before = reported;
            const std::uint64_t chance = trainer::scramble(i + (beside ? 100 : 0));
            CHECK(run_and_kill(folder / "spec.yaml", folder / "parts", chance, reported) >= before);
        }
        Process rest(folder / "spec.yaml", folder / "parts");
        while (rest.next()) continue;
        CHECK(rest.end() == 0);
        CHECK(losses_in(folder / "parts") == losses_in(folder / "whole"));
        for (const char* file : {"/model.safetensors", "/dataset_info.json"})
            CHECK(read_file((folder / "parts") + file) == read_file((folder / "whole") + file));
    }
}
