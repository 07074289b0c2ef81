// What a run tells beside its own events, over real files and sockets: endpoint, event files, W&B, memory.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "core/base/text.h"
#include "core/base/world.h"
#include "tests/support/fake_world.h"
#include "tests/support/paths.h"
#include "tests/trainer/support.h"
#include "trainer/report/prometheus.h"
#include "trainer/report/reports.h"

using namespace ktrain;
using namespace ktrain::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* key = "0123456789abcdef0123456789abcdef01234567";

struct Run {
    TempFolder folder;
    TrainingSpec spec;
    RecordingHost host;

    Run() {
        make_idx_folder(folder / "data");
        spec = small_spec(folder / "data", folder / "out");
        spec.training.num_train_epochs = 1;
    }
    std::vector<std::string> warnings() const {
        std::vector<std::string> texts;
        for (const auto& event : host.events)
            if (event["event"] == "warning") texts.push_back(event["message"]);
        return texts;
    }
};

// A port that is listened on while this lives.
class TakenPort {
public:
    TakenPort() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_ANY);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket_, 1) == 0);
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
    }
    ~TakenPort() { ::close(socket_); }
    int port = 0;

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

int free_port() {
    return TakenPort().port;
}

// What curl says of a URL: its body, then the status in a line of its own.
std::string curl(const std::string& url) {
    FILE* pipe = ::popen(("curl --silent --max-time 20 --write-out '%{http_code}' " + url).c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    char buffer[4096];
    for (std::size_t n; (n = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
    ::pclose(pipe);
    return text;
}

// tests/support/wandb_server.py, and this process's environment pointing to it.
class WandbServer {
public:
    explicit WandbServer(const std::string& mode) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const std::string script = source_path("/tests/support/wandb_server.py");
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::execlp("python3", "python3", script.c_str(), log_.c_str(), mode.c_str(), nullptr);
            ::_exit(99);
        }
        ::close(ends[1]);
        std::string port;
        for (char byte; ::read(ends[0], &byte, 1) == 1 && byte != '\n';) port += byte;
        ::close(ends[0]);
        REQUIRE_FALSE(port.empty());
        ::setenv("WANDB_BASE_URL", ("http://127.0.0.1:" + port).c_str(), 1);
        ::setenv("WANDB_API_KEY", key, 1);
    }
    ~WandbServer() {
        ::unsetenv("WANDB_BASE_URL");
        ::unsetenv("WANDB_API_KEY");
        stop();
    }
    void stop() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(std::exchange(child_, 0), nullptr, 0);
    }
    std::vector<Json> requests() const {
        std::vector<Json> all;
        if (!fs::exists(log_)) return all;
        for (const auto& line : split(real_files().read(log_), '\n'))
            if (!line.empty()) all.push_back(Json::parse(line));
        return all;
    }

private:
    TempFolder folder_;
    std::string log_ = folder_ / "requests";
    pid_t child_ = -1;
};

// No event and no file of the run holds the key.
void check_no_key(const Run& run) {
    for (const auto& event : run.host.events) CHECK(event.dump().find(key) == std::string::npos);
    for (const auto& entry : fs::recursive_directory_iterator(run.folder / "out"))
        if (entry.is_regular_file()) CHECK(real_files().read(entry.path()).find(key) == std::string::npos);
}

}  // namespace

TEST_CASE("a run says what it keeps in memory, by the labels of the estimate") {
    Run run;
    REQUIRE(test::run(run.spec, run.host) == 0);
    const Json memory = (*run.host.last("step"))["memory"];
    const auto parameters = (*run.host.last("start"))["parameters"].get<std::int64_t>();
    CHECK(memory["weights"] == 4 * parameters);
    CHECK(memory["gradients"] == 4 * parameters);
    CHECK(memory["optimizer"] >= 8 * parameters);  // and its count of steps
    CHECK(memory["optimizer"] < 8 * parameters + 1000);
    const auto activations = memory["activations"].get<double>();
    CHECK(memory["process"] > memory["weights"]);
    const Json record = Json::parse(real_files().read(run.folder / "out/run.json"));
    CHECK(record["memory"]["weights"] == memory["weights"]);
    CHECK(record["memory"]["activations"] == memory["activations"]);
    Run larger;
    larger.spec.training.per_device_train_batch_size *= 4;
    REQUIRE(test::run(larger.spec, larger.host) == 0);
    const double ratio = (*larger.host.last("step"))["memory"]["activations"].get<double>() / activations;
    CHECK(ratio > 1.3);
    CHECK(ratio < 4);
    const std::string lines = real_files().read(run.folder / "out/metrics.jsonl");
    CHECK(Json::parse(lines.substr(0, lines.find('\n'))).contains("memory"));
}

TEST_CASE("the endpoint is scraped while a run trains") {
    Run run;
    run.spec.monitoring.metrics_port = free_port();
    const std::string url = fmt::format("http://127.0.0.1:{}", run.spec.monitoring.metrics_port);
    std::string metrics, health, ready, early;
    run.host.stop_when = [&](const Json& event) {
        if (event["event"] == "start") early = curl(url + "/readyz");
        if (event["event"] == "step" && metrics.empty()) {
            metrics = curl(url + "/metrics");
            health = curl(url + "/healthz");
            ready = curl(url + "/readyz");
        }
        return false;
    };
    REQUIRE(test::run(run.spec, run.host) == 0);
    CHECK(early.ends_with("404"));
    CHECK(health.ends_with("200"));
    CHECK(ready.ends_with("200"));
    CHECK_MESSAGE(metrics.ends_with("200"), metrics);
    CHECK(metrics.find("# TYPE ktrain_loss gauge\nktrain_loss ") != std::string::npos);
    CHECK(metrics.find("\nktrain_step 5\n") != std::string::npos);
    CHECK(metrics.find("\nktrain_planned_steps 12\n") != std::string::npos);
    CHECK(metrics.find("\nktrain_memory_bytes{component=\"gradients\"} ") != std::string::npos);
    CHECK(curl(url + "/metrics") == "000");  // closed with the run
}

TEST_CASE("a run whose port is taken trains without the endpoint, and says so") {
    Run run;
    const TakenPort taken;
    run.spec.monitoring.metrics_port = taken.port;
    REQUIRE(test::run(run.spec, run.host) == 0);
    REQUIRE(run.warnings().size() == 1);
    CHECK(run.warnings()[0] == fmt::format("cannot serve metrics on port {}: Address already in use; the training "
                                           "goes on without prometheus",
                                           taken.port));
}

TEST_CASE("a port is waited for while a run before it ends") {
    auto taken = std::make_unique<TakenPort>();
    const int port = taken->port;
    class Ending final : public FakeClock {
    public:
        std::unique_ptr<TakenPort>& held;
        explicit Ending(std::unique_ptr<TakenPort>& port_in) : held(port_in) {}
        bool sleep(std::chrono::milliseconds duration) override {
            if (sleeps.size() == 2) held.reset();
            return FakeClock::sleep(duration);
        }
    } clock(taken);
    CHECK(trainer::open_prometheus(port, std::chrono::seconds(3), clock) != nullptr);
    CHECK(clock.sleeps.size() == 3);
    const TakenPort other;
    FakeClock patient;
    const Error error =
        error_of([&] { trainer::open_prometheus(other.port, std::chrono::milliseconds(500), patient); });
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.where.path == "monitoring.metrics_port");
    CHECK(patient.sleeps.size() == 5);
}

TEST_CASE("event files are written on request, and one that cannot be written does not end the run") {
    Run run;
    run.spec.monitoring.report_to = {"tensorboard"};
    REQUIRE(test::run(run.spec, run.host) == 0);
    const auto names = names_in(run.folder / "out/runs");
    REQUIRE(names.size() == 1);
    const std::string content = real_files().read(run.folder / ("out/runs/" + names[0]));
    for (const char* tag : {"train/loss", "train/learning_rate", "train/grad_norm", "eval/loss", "memory/activations"})
        CHECK(content.find(tag) != std::string::npos);

    Run other;
    other.spec.monitoring.report_to = {"tensorboard"};
    other.spec.monitoring.logging_dir = other.folder / "data/train-images-idx3-ubyte/runs";  // below a file
    CHECK(test::run(other.spec, other.host) == 0);
    const auto warnings = other.warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].ends_with("; the training goes on without tensorboard"));
}

TEST_CASE("a reporter that cannot take an event is let go with one warning") {
    Run run;
    run.spec.monitoring.report_to = {"tensorboard"};
    fs::create_directories(run.spec.output_dir);
    const trainer::Host program(run.host.host());
    trainer::Reports reports(run.spec, program);
    const trainer::Host host(program, reports);
    host.begin({});
    for (int i = 0; i < 2; ++i) host.event({{"event", "step"}, {"loss", 1.0}});  // without its step
    CHECK(run.warnings().size() == 1);
    CHECK(run.warnings()[0].ends_with("; the training goes on without tensorboard"));
    CHECK(run.host.count("step") == 2);
}

TEST_CASE("a run is reported to W&B, and the key is nowhere else") {
    WandbServer server("ok");
    Run run;
    run.spec.monitoring.report_to = {"wandb"};
    run.spec.monitoring.wandb_project = "cats";
    REQUIRE(test::run(run.spec, run.host) == 0);
    const auto requests = server.requests();
    REQUIRE(requests.size() >= 3);
    CHECK(requests[0]["path"] == "/graphql");
    CHECK(requests[0]["user"] == std::string("api:") + key);
    CHECK(requests[0]["body"]["variables"]["project"] == "cats");
    CHECK(requests[1]["path"].get<std::string>().starts_with("/files/team/project/"));
    std::vector<Json> history;
    for (const auto& request : requests)
        for (const auto& line : at_path(request, {"body", "files", "wandb-history.jsonl", "content"}))
            history.push_back(Json::parse(line.get<std::string>()));
    REQUIRE(history.size() == 4);  // log steps 5, 10 and 12, and the epoch
    CHECK(history[0]["train/global_step"] == 5);
    CHECK(history[0]["train/loss"].is_number());
    CHECK(history[3]["eval/loss"].is_number());
    CHECK(history[3]["_step"] == 3);
    CHECK(requests.back()["body"] == Json({{"complete", true}, {"exitcode", 0}}));
    const Json report = (*run.host.last("end"))["reports"]["wandb"];
    CHECK(report["sent"] == 4);
    CHECK(report["dropped"] == 0);
    CHECK(run.warnings().empty());
    check_no_key(run);
}

TEST_CASE("a W&B that refuses, hangs or is away costs a warning and what to do later, and the run nothing") {
    for (const auto& [mode, warning] : {std::pair{"unauthorized", "W&B: the key is refused (HTTP 401); nothing more"},
                                        {"hanging", "W&B: 4 lines of the run were not sent there; to send it later"},
                                        {"away", "W&B: "},
                                        {"failing_once", "W&B: HTTP 500; it is tried again"}}) {
        CAPTURE(mode);
        WandbServer server(mode);
        if (std::string_view(mode) == "away") server.stop();
        Run run;
        run.spec.monitoring.report_to = {"wandb"};
        REQUIRE(test::run(run.spec, run.host) == 0);
        const auto warnings = run.warnings();
        REQUIRE(!warnings.empty());
        CHECK_MESSAGE(warnings[0].starts_with(warning), warnings[0]);
        const bool arrived = std::string_view(mode) == "failing_once";
        const std::string later = "W&B: 4 lines of the run were not sent there; to send it later, whole: wandb sync ";
        CHECK(warnings.size() <= 2);
        CHECK_MESSAGE(warnings.back().starts_with(later) != arrived, warnings.back());
        if (!arrived) CHECK(fs::is_directory(warnings.back().substr(later.size())));
        const Json report = (*run.host.last("end"))["reports"]["wandb"];
        CHECK(report["sent"] == (arrived ? 4 : 0));
        CHECK(report["dropped"] == (arrived ? 0 : 4));
        check_no_key(run);
    }
}

TEST_CASE("a run that fails or is stopped says so at W&B") {
    WandbServer server("ok");
    Run run;
    run.spec.monitoring.report_to = {"wandb"};
    run.host.stop_when = [](const Json& event) { return event["event"] == "step"; };
    CHECK(test::run(run.spec, run.host) == 15);
    CHECK(server.requests().back()["body"]["exitcode"] == 143);
    Run failing;
    failing.spec.monitoring.report_to = {"wandb"};
    failing.spec.training.learning_rate = 1e30;
    error_of([&] { test::run(failing.spec, failing.host); });
    CHECK(server.requests().back()["body"]["exitcode"] == 1);
}

TEST_CASE("offline, W&B gets a folder and no request") {
    WandbServer server("ok");
    Run run;
    run.spec.monitoring.report_to = {"wandb"};
    run.spec.monitoring.wandb_mode = "offline";
    REQUIRE(test::run(run.spec, run.host) == 0);
    CHECK(server.requests().empty());
    const std::string path = (*run.host.last("end"))["reports"]["wandb"]["path"];
    CHECK(fs::exists(path));
    check_no_key(run);
}

TEST_CASE("a run that goes back to an older checkpoint is another run at W&B") {
    Run run;
    run.spec.monitoring.report_to = {"wandb"};
    run.spec.monitoring.wandb_mode = "offline";
    run.spec.checkpoint.save_strategy = "steps";
    run.spec.checkpoint.save_steps = 6;
    const auto id = [&] { return real_files().read(run.folder / "out/wandb/run-id"); };
    REQUIRE(test::run(run.spec, run.host) == 0);
    const std::string first = id();
    run.spec.training.num_train_epochs = 2;
    REQUIRE(test::run(run.spec) == 0);
    CHECK(id() == first);
    run.spec.checkpoint.resume_from_checkpoint = run.folder / "out/checkpoint-6";
    REQUIRE(test::run(run.spec) == 0);
    CHECK(id() != first);
    CHECK(real_files().read(run.folder / "out/superseded-1/wandb/run-id") == first);
}
