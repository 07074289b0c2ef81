// The module as the program uses it: through its C interface, and through `ktrain run`.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "core/base/world.h"
#include "core/spec/load.h"
#include "tests/support/paths.h"
#include "tests/trainer/support.h"

using namespace ktrain;
using namespace ktrain::test;
namespace fs = std::filesystem;

namespace {

const struct ktrain_trainer_api& module_api() {
    void* library = ::dlopen(module_path, RTLD_NOW | RTLD_LOCAL);
    REQUIRE_MESSAGE(library != nullptr, ::dlerror());
    const auto entry = reinterpret_cast<ktrain_trainer_entry>(::dlsym(library, KTRAIN_TRAINER_ENTRY));
    REQUIRE((entry != nullptr));
    return *entry();
}

// Exit code and error of one call.
std::pair<int, Json> call(const std::string& request, RecordingHost& host) {
    const auto& api = module_api();
    const char* text = nullptr;
    const int code = api.run(request.c_str(), &host.host(), &text);
    Json error;
    if (text != nullptr) error = Json::parse(text);
    api.release(text);
    return {code, error};
}

struct Outcome {
    int code = -1;
    std::string out, err;
};

// In a child process: becomes ktrain.
[[noreturn]] void exec_ktrain(const std::string& folder, std::vector<std::string> words) {
    if (::chdir(folder.c_str()) != 0) ::_exit(99);
    words.insert(words.begin(), "ktrain");
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(program_path, arguments.data());
    ::_exit(99);
}

int exit_code_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Runs ktrain in `folder`. `while_running` gets the process and its standard output.
Outcome run_ktrain(const std::string& folder, const std::vector<std::string>& words,
                   const std::function<void(pid_t, int)>& while_running = {}) {
    int out[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const int err = ::open((folder + "/stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        exec_ktrain(folder, words);
    }
    ::close(out[1]);
    Outcome outcome;
    if (while_running) while_running(child, out[0]);
    char buffer[4096];
    for (ssize_t n; (n = ::read(out[0], buffer, sizeof buffer)) > 0;)
        outcome.out.append(buffer, static_cast<std::size_t>(n));
    ::close(out[0]);
    outcome.code = exit_code_of(child);
    outcome.err = read_file(folder + "/stderr");
    return outcome;
}

// Exit code and all that ktrain writes when both of its streams are a terminal of 100 columns.
Outcome run_on_terminal(const std::string& folder, std::vector<std::string> words) {
    const winsize size{.ws_row = 40, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) exec_ktrain(folder, words);
    Outcome outcome;
    char buffer[4096];
    for (ssize_t n; (n = ::read(terminal, buffer, sizeof buffer)) > 0;)  // EIO once the last writer is gone
        outcome.out.append(buffer, static_cast<std::size_t>(n));
    ::close(terminal);
    outcome.code = exit_code_of(child);
    return outcome;
}

// What a terminal shows in the end: it follows the movements of its cursor that the panel and the bar use.
std::vector<std::string> lasting_lines(const std::string& screen) {
    std::vector<std::string> lines(1);
    std::size_t row = 0;
    for (std::size_t i = 0; i < screen.size(); ++i) {
        if (screen[i] == '\r') continue;  // a line is always drawn as a whole
        if (screen[i] == '\n') {
            if (++row == lines.size()) lines.emplace_back();
        } else if (screen.compare(i, 2, "\x1b[") == 0) {
            const std::size_t end = screen.find_first_of("AJK", i);
            REQUIRE(end != std::string::npos);
            if (screen[end] == 'A') row -= std::stoul(screen.substr(i + 2));
            if (screen[end] == 'J') lines.resize(row + 1);
            if (screen[end] != 'A') lines.at(row).clear();
            i = end;
        } else {
            lines.at(row) += screen[i];
        }
    }
    return lines;
}

// Reads JSON events up to the first log line.
void wait_for_step(int out) {
    std::string seen;
    char byte;
    while (seen.find("\"event\":\"step\"") == std::string::npos && ::read(out, &byte, 1) == 1) seen += byte;
}

void write_spec(const TempFolder& folder, const std::string& more = "") {
    make_idx_folder(folder / "data");
    write_file(folder / "train.yaml",
               "apiVersion: ktrain.dev/v1\nkind: TrainingJob\nmetadata: {name: small}\n"
               "model: {type: simple_cnn, input_channels: 1, num_classes: 4}\n"
               "data: {dataset_path: data}\n"
               "training: {num_train_epochs: 2, logging_steps: 6, learning_rate: 0.01}\n"
               "checkpoint: {save_strategy: \"no\"}\noutput_dir: out\n" +
                   more);
}

}  // namespace

TEST_CASE("the module describes itself") {
    const auto& api = module_api();
    CHECK(api.version == KTRAIN_TRAINER_API_VERSION);
    const char* text = api.describe();
    REQUIRE(text != nullptr);
    const Json json = Json::parse(text);
    api.release(text);
    CHECK(json["models"] == Json({"causal_lm", "simple_cnn"}));
    CHECK(json["versions"]["libtorch"] == "2.11.0");
}

TEST_CASE("the module trains a resolved spec and returns exit codes") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    RecordingHost host;
    CHECK(call(Json{{"spec", spec::to_json(spec)}}.dump(), host).first == 0);
    CHECK(host.last("end") != nullptr);
    for (const auto& [signal, code] : {std::pair{SIGTERM, 143}, {SIGINT, 130}, {SIGHUP, 143}}) {
        RecordingHost stopped;
        stopped.signal = signal;
        stopped.stop_when = [](const Json& event) { return event["event"] == "step"; };
        spec.output_dir = folder / std::to_string(signal);
        CHECK(call(Json{{"spec", spec::to_json(spec)}}.dump(), stopped).first == code);
        CHECK(fs::exists(spec.output_dir + "/checkpoint-5/manifest.json"));
    }
}

TEST_CASE("nothing bad crosses the module's border") {
    RecordingHost host;
    for (const std::string request : {"", "{", "[]", "{}", "{\"spec\": 7}", "{\"spec\": {\"model\": 7}}", "\xff"}) {
        CAPTURE(request);
        const auto [code, error] = call(request, host);
        CHECK(code == 2);
        CHECK(error["kind"] == "input");
        CHECK(error["message"] != "");
    }
    TrainingSpec spec = small_spec("/nowhere", "/nowhere/out");
    const auto [code, error] = call(Json{{"spec", spec::to_json(spec)}}.dump(), host);
    CHECK(code == 2);
    CHECK(error["message"] == "/nowhere does not exist");
    CHECK(error["where"]["file"] == "/nowhere");
}

TEST_CASE("ktrain run prints lines off a terminal, and JSON on demand") {
    const TempFolder folder;
    write_spec(folder);
    Outcome lines = run_ktrain(folder.path(), {"run", "train.yaml"});
    CHECK(lines.code == 0);
    CHECK(lines.err == "");
    CHECK(lines.out.find("idx: 96 training, 0 validation and 32 test samples, 4 classes") != std::string::npos);
    CHECK(lines.out.find("step 6/24  loss ") != std::string::npos);
    CHECK(lines.out.find("epoch 2  train loss ") != std::string::npos);
    CHECK(lines.out.find("out/model.safetensors") != std::string::npos);
    fs::remove_all(folder / "out");
    const Outcome json = run_ktrain(
        folder.path(), {"run", "--spec", "train.yaml", "-o", "json", "--max_steps=7", "--set", "output_dir=out"});
    CHECK(json.code == 0);
    std::istringstream text(json.out);
    std::vector<std::string> events;
    for (std::string line; std::getline(text, line);) events.push_back(Json::parse(line)["event"]);
    CHECK(events == std::vector<std::string>{"start", "step", "step", "epoch", "end"});
}

TEST_CASE("ktrain run draws a panel and a table of epochs on a terminal, and neither off it") {
    const TempFolder folder;
    write_spec(folder);
    ::setenv("NO_COLOR", "1", 1);
    ::setenv("TERM", "xterm", 1);
    const Outcome shown = run_on_terminal(folder.path(), {"run", "train.yaml"});
    ::setenv("TERM", "dumb", 1);
    const Outcome dumb = run_on_terminal(folder.path(), {"run", "train.yaml", "--output_dir=dumb"});
    ::unsetenv("NO_COLOR");
    ::unsetenv("TERM");
    CHECK(shown.code == 0);
    for (const char* part : {"training  ████", "  step 1/24  ", "\nloss      ", "\nspeed     ", "\nmemory    weights "})
        CHECK_MESSAGE(shown.out.find(part) != std::string::npos, shown.out);
    CHECK(dumb.out.find('\x1b') == std::string::npos);
    CHECK(dumb.out.find("step 6/24  loss ") != std::string::npos);
    CHECK(shown.out.find("\nstep 6/24") == std::string::npos);
    const std::vector<std::string> lines = lasting_lines(shown.out);
    const auto head =
        std::find(lines.begin(), lines.end(), "EPOCH  TRAIN LOSS  TRAIN ACC  EVAL LOSS  EVAL ACC     TIME");
    REQUIRE_MESSAGE(lines.end() - head > 4, shown.out);
    for (const int epoch : {1, 2}) {
        const std::string& row = head[epoch];
        CHECK_MESSAGE(row.starts_with("    " + std::to_string(epoch) + "  "), row);
        CHECK_MESSAGE((row.size() == head->size() && row.ends_with("s")), row);
    }
    CHECK(head[3].empty());
    CHECK(head[4].starts_with("test accuracy "));

    const Outcome piped = run_ktrain(folder.path(), {"run", "train.yaml", "--output_dir=piped"});
    CHECK(piped.out.find_first_of("\r\x1b") == std::string::npos);
    CHECK(piped.out.find("EPOCH") == std::string::npos);
    std::istringstream text(piped.out);
    std::vector<std::string> kinds;  // a line for each change
    for (std::string line; std::getline(text, line);)
        if (line.starts_with("step ") || line.starts_with("epoch ")) kinds.push_back(line.substr(0, line.find("  ")));
    CHECK(kinds ==
          std::vector<std::string>{"step 6/24", "step 12/24", "epoch 1", "step 18/24", "step 24/24", "epoch 2"});
}

TEST_CASE("W&B's variables go before the file of the spec, and flags before them") {
    const TempFolder folder;
    write_spec(folder, "monitoring: {report_to: [wandb], wandb_project: cats, wandb_mode: offline}\n");
    ::setenv("WANDB_PROJECT", "dogs", 1);
    const auto project_of = [&](const std::string& output, const std::vector<std::string>& more) {
        std::vector<std::string> words{"run", "train.yaml", "--max_steps=1", "--output_dir=" + output};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = run_ktrain(folder.path(), words);
        CHECK_MESSAGE(outcome.code == 0, outcome.err);
        std::string log;
        if (fs::exists(folder / (output + "/wandb")))
            for (const auto& entry : fs::recursive_directory_iterator(folder / (output + "/wandb")))
                if (entry.path().extension() == ".wandb") log = read_file(entry.path());
        for (const char* name : {"cats", "dogs", "birds", "fish"})
            if (log.find(name) != std::string::npos) return std::string(name);
        return std::string();
    };
    CHECK(project_of("environment", {}) == "dogs");
    CHECK(project_of("flag", {"--wandb_project=birds"}) == "birds");
    CHECK(project_of("set", {"--set", "monitoring.wandb_project=fish"}) == "fish");
    ::setenv("WANDB_MODE", "disabled", 1);
    CHECK(project_of("off", {}).empty());
    CHECK(project_of("on", {"--wandb_mode=offline"}) == "dogs");
    ::setenv("WANDB_MODE", "shared", 1);  // of wandb alone
    CHECK(project_of("unknown", {}) == "dogs");
    ::unsetenv("WANDB_PROJECT");
    ::unsetenv("WANDB_MODE");
    CHECK(project_of("spec", {}) == "cats");
}

TEST_CASE("the handbook's training_config.yaml is read as it is") {
    const TempFolder folder;
    fs::create_directories(folder / "data/cifar-10-batches-bin");
    write_file(folder / "data/cifar-10-batches-bin/data_batch_1.bin", to_cifar(idx_images(80, 28, 28), idx_labels(80)));
    write_file(folder / "training_config.yaml",
               "training:\n  epochs: 10\n  batch_size: 64\n  learning_rate: 0.001\n  validation_split: 0.2\n\n"
               "model:\n  type: \"simple_cnn\"\n  input_channels: 3\n  num_classes: 10\n\n"
               "data:\n  dataset: \"cifar10\"\n  data_dir: \"./data\"\n  num_workers: 2\n\n"
               "logging:\n  wandb_project: \"model-training-basics\"\n  log_interval: 100\n  save_checkpoint: true\n");
    const Outcome run = run_ktrain(folder.path(), {"run", "training_config.yaml", "--epochs=2"});
    CHECK(run.code == 0);
    CHECK(run.out.find("cifar10: 64 training, 16 validation and 0 test samples, 10 classes") != std::string::npos);
    CHECK(run.out.find("epoch 2  ") != std::string::npos);
    CHECK(run.out.find("epoch 3  ") == std::string::npos);
}

TEST_CASE("a signal while the module is loaded does not kill the program") {
    const TempFolder folder;
    write_spec(folder);
    ::setenv("KTRAIN_TRAINER_MODULE", other_module_path, 1);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT}) {
        ::setenv("KTRAIN_TEST_SIGNAL", std::to_string(signal).c_str(), 1);
        CHECK(run_ktrain(folder.path(), {"run", "train.yaml"}).code == 1);  // it is of another version
    }
    ::unsetenv("KTRAIN_TEST_SIGNAL");
    ::unsetenv("KTRAIN_TRAINER_MODULE");
}

TEST_CASE("SIGTERM, SIGHUP and SIGINT end a run with a checkpoint and its own exit code") {
    for (const auto& [signal, code] : {std::pair{SIGTERM, 143}, {SIGHUP, 143}, {SIGINT, 130}}) {
        const TempFolder folder;
        write_spec(folder);
        // The signal is sent at the first log line, far from the end.
        const Outcome run = run_ktrain(folder.path(), {"run", "train.yaml", "--num_train_epochs=100000", "-o", "json"},
                                       [&](pid_t child, int out) {
                                           wait_for_step(out);
                                           ::kill(child, signal);
                                       });
        CHECK(run.code == code);
        CHECK(run.out.find("\"event\":\"checkpoint\"") != std::string::npos);
        CHECK(!fs::exists(folder / "out/model.safetensors"));
    }
}

TEST_CASE("a second run in the same folder is refused, and a killed one does not stand in the way") {
    const TempFolder folder;
    write_spec(folder);
    Outcome second;
    const Outcome first = run_ktrain(folder.path(), {"run", "train.yaml", "--num_train_epochs=100000", "-o", "json"},
                                     [&](pid_t child, int out) {
                                         wait_for_step(out);
                                         second = run_ktrain(folder.path(), {"run", "train.yaml"});
                                         ::kill(child, SIGKILL);
                                     });
    CHECK(first.code == 128 + SIGKILL);
    CHECK(second.code == 1);  // a pod that replaces another may try again
    CHECK(second.err.find("another run is writing to out: process ") != std::string::npos);
    CHECK(run_ktrain(folder.path(), {"run", "train.yaml"}).code == 0);
}

TEST_CASE("a reader that goes away does not end the training") {
    const TempFolder folder;
    write_spec(folder);
    const Outcome run = run_ktrain(folder.path(), {"run", "train.yaml"}, [](pid_t, int out) { ::close(out); });
    CHECK(run.code == 0);
    CHECK(run.err.find("the training goes on") != std::string::npos);
    CHECK(fs::exists(folder / "out/model.safetensors"));
}

TEST_CASE("the record of a model stays that of the run that made it") {
    const TempFolder folder;
    write_spec(folder);
    REQUIRE(run_ktrain(folder.path(), {"run", "train.yaml", "--save_strategy=epoch"}).code == 0);
    const std::string record = real_files().read(folder / "out/run.json");
    const Outcome again =
        run_ktrain(folder.path(), {"run", "train.yaml", "--save_strategy=epoch", "--learning_rate=0.5"});
    CHECK(again.code == 0);
    CHECK(again.err.find("nothing left to train") != std::string::npos);
    CHECK(real_files().read(folder / "out/run.json") == record);
    REQUIRE(run_ktrain(folder.path(), {"run", "train.yaml", "--learning_rate=0.5", "--output_dir=other"}).code == 0);
    CHECK(real_files().read(folder / "other/run.json") != record);
}

TEST_CASE("problems of the spec and of the data have exit code 2, their place and a remedy") {
    const TempFolder folder;
    write_spec(folder);
    const Outcome channels = run_ktrain(folder.path(), {"run", "train.yaml", "--input_channels=3"});
    CHECK(channels.code == 2);
    CHECK(channels.err.find("model.input_channels is 3, but the images in data have 1 channel\n") != std::string::npos);
    CHECK(channels.err.find("at --input_channels\n") != std::string::npos);
    CHECK(channels.err.find("--set model.input_channels=1") != std::string::npos);
    std::string text = read_file(folder / "train.yaml");
    text.replace(text.find("input_channels: 1"), 17, "input_channels: 3");
    write_file(folder / "wrong.yaml", text);
    CHECK(run_ktrain(folder.path(), {"run", "wrong.yaml"}).err.find("at wrong.yaml:4:") != std::string::npos);
    CHECK(run_ktrain(folder.path(), {"run", "train.yaml", "--learning_rate=fast"}).code == 2);
    CHECK(run_ktrain(folder.path(), {"run", "train.yaml", "--learnin_rate=1"}).err.find("learning_rate") !=
          std::string::npos);
    CHECK(run_ktrain(folder.path(), {"run", "train.yaml", "--spec", "other.yaml"}).err.find("two specs") !=
          std::string::npos);
    CHECK(!fs::exists(folder / "out"));
}

TEST_CASE("a missing or wrong module is explained") {
    const TempFolder folder;
    write_spec(folder);
    const auto with_module = [&](const std::string& path) {
        ::setenv("KTRAIN_TRAINER_MODULE", path.c_str(), 1);
        const Outcome run = run_ktrain(folder.path(), {"run", "train.yaml"});
        ::unsetenv("KTRAIN_TRAINER_MODULE");
        CHECK(run.code == 1);
        return run.err;
    };
    CHECK(with_module(folder / "none.so").find("the trainer module is not installed: no ") != std::string::npos);
    write_file(folder / "text.so", "no library");
    CHECK(with_module(folder / "text.so").find("cannot load ") != std::string::npos);
    CHECK(with_module("text.so").find("cannot load " + (folder / "text.so")) != std::string::npos);
    CHECK(with_module(other_module_path).find("speaks version 0 of the module interface") != std::string::npos);
}
