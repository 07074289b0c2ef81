// Reporters without a network: event files, logs of W&B, figures for Prometheus, and the names that documents promise.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <regex>
#include <set>

#include "core/base/embedded.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "core/base/yaml.h"
#include "core/spec/idle_settings.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"
#include "trainer/report/live_metrics.h"
#include "trainer/report/metrics.h"
#include "trainer/report/tensorboard.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

Json step_event(int step, double loss) {
    return {{"event", "step"},
            {"epoch", 0.5},
            {"step", step},
            {"steps_total", 1000},
            {"loss", loss},
            {"grad_norm", 1.5},
            {"learning_rate", 0.001},
            {"eta_seconds", 12.0},
            {"samples_per_second", 10.0},
            {"memory", {{"weights", 400}, {"process", 5000}}}};
}

Json evaluation(int step, double loss) {
    return {{"event", "epoch"},  {"epoch", 1},        {"step", step},
            {"train_loss", 2.0}, {"eval_loss", loss}, {"seconds", 1.0}};
}

using Time = LiveMetrics::Time;

double value_of(const LiveMetrics& metrics, std::string_view name, Time now = {}) {
    for (const auto& sample : metrics.samples(now))
        if (sample.row->name == name) return sample.value;
    return -1;
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) found.insert((*it)[1]);
    return found;
}

std::set<std::string> metric_names() {
    std::set<std::string> names;
    for (const MetricRow& row : metric_rows) names.emplace(row.name);
    return names;
}

}  // namespace

TEST_CASE("records of an event file are, byte for byte, those of the tensorboard package") {
    CHECK(hex(version_record(1.5)) ==
          "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c");
    CHECK(hex(session_record(1.5, 8)) == "0f000000000000006d532b0909000000000000f83f10083a0208019571c7d1");
    CHECK(
        hex(scalars_record(2, 300, {{"train/loss", 0.5}, {"eval/loss", -3}})) ==
        "33000000000000000ca7205609000000000000004010ac022a250a110a0a747261696e2f6c6f7373150000003f0a100a096576616c2f6c"
        "6f737315000040c0e11e5ead");
}

TEST_CASE("numbers of events get the names of transformers' callbacks") {
    std::vector<std::string> tags;
    const auto take = [&](const Json& event) {
        for (const auto& [tag, value] : scalars(event)) tags.push_back(fmt::format("{}={}", tag, value));
    };
    take(step_event(7, 2.5));
    take(evaluation(7, 1.5));
    take({{"event", "test"}, {"step", 7}, {"test_loss", 3}, {"test_accuracy", nullptr}});
    take({{"event", "checkpoint"}, {"step", 7}, {"seconds", 1}});
    CHECK(join(tags, " ") ==
          "train/epoch=0.5 train/loss=2.5 train/grad_norm=1.5 train/learning_rate=0.001 train/samples_per_second=10 "
          "memory/weights=400 memory/process=5000 train/epoch=1 train/train_loss=2 eval/loss=1.5 test/loss=3");
}

TEST_CASE("every attempt of a run has an event file of its own that begins with where it goes on") {
    const TempFolder folder;
    for (const std::int64_t step : {0, 5}) {
        TensorBoard board(folder / "runs");
        board.take(step_event(1, 2));  // nothing is written before training begins
        board.begin({step, 0});
        board.take(step_event(static_cast<int>(step) + 1, 2));
    }
    const auto names = real_files().list(folder / "runs");
    REQUIRE(names.size() == 2);
    CHECK(names[0] < names[1]);
    const std::string second = real_files().read(folder / ("runs/" + names[1]));
    CHECK(names[1].starts_with("events.out.tfevents."));
    CHECK(second.find("brain.Event:2") != std::string::npos);
    CHECK(second.find("\x10\x06\x3a\x02\x08\x01") != std::string::npos);  // SessionLog.START at step 6
    CHECK(second.find("train/loss") != std::string::npos);
}

TEST_CASE("metrics.jsonl has the lines of the state that a run goes on from, and no others") {
    const TempFolder folder;
    const std::string path = folder / "metrics.jsonl";
    const auto steps = [&] {
        std::string text;
        for (const auto& line : split(real_files().read(path), '\n'))
            if (!line.empty())
                text += fmt::format("{}{} ", Json::parse(line)["event"].get<std::string>()[0],
                                    Json::parse(line)["step"].get<int>());
        return text;
    };
    {
        MetricsFile file(path);
        file.begin({});
        for (const int step : {2, 4, 5}) file.take(step_event(step, 1));
        file.take({{"event", "eval"}, {"step", 4}, {"eval_loss", 1}});
        file.take({{"event", "checkpoint"}, {"step", 4}});
        file.take(evaluation(4, 1));
        file.take({{"event", "test"}, {"step", 6}});
    }
    CHECK(steps() == "s2 s4 s5 e4 e4 t6 ");
    MetricsFile(path).begin({4, 0});  // within its first epoch: the line of the epoch comes again
    CHECK(steps() == "s2 s4 e4 ");
    // From a checkpoint that was written before the lines of its step.
    MetricsFile(path).begin({.step = 4, .epoch = 0, .logged = 2, .evaluated = -1});
    CHECK(steps() == "s2 ");
    MetricsFile(path).begin({});
    CHECK(steps().empty());
}

TEST_CASE("the endpoint knows how long the loss has stalled and how often an evaluation got worse") {
    LiveMetrics metrics;
    const Time now{};
    for (const auto& [step, loss] : {std::pair{10, 3.0}, {20, 2.0}, {30, 2.5}, {1030, 2.1}})
        metrics.take(step_event(step, loss), now);
    CHECK(value_of(metrics, "ktrain_steps_since_best_loss") == 1010);
    CHECK(value_of(metrics, "ktrain_loss") == 2.1);
    metrics.take(step_event(1040, 1.9), now);
    CHECK(value_of(metrics, "ktrain_steps_since_best_loss") == 0);
    metrics.take({{"event", "step"}, {"step", 1050}, {"loss", nullptr}, {"skipped_steps", 1}},
                 now);  // all were skipped
    CHECK(value_of(metrics, "ktrain_loss") == 1.9);
    CHECK(value_of(metrics, "ktrain_skipped_steps_total") == 1);
    for (const auto& [loss, rises] : {std::pair{3.0, 0}, {3.1, 1}, {3.2, 2}, {3.3, 3}, {3.3, 0}, {3.4, 1}, {1.0, 0}}) {
        metrics.take(evaluation(1040, loss), now);
        CHECK(value_of(metrics, "ktrain_eval_loss_rises") == rises);
    }
    CHECK(value_of(metrics, "ktrain_eval_loss") == 1.0);
    CHECK(value_of(metrics, "ktrain_checkpoint_age_seconds") == -1);  // there is none yet, and none is promised
    metrics.take({{"event", "start"}, {"save_strategy", "no"}}, now);
    CHECK(value_of(metrics, "ktrain_checkpoint_age_seconds") == -1);
    metrics.take({{"event", "start"}, {"save_strategy", "epoch"}}, now - std::chrono::seconds(60));
    CHECK(value_of(metrics, "ktrain_checkpoint_age_seconds", now) == 60);
    metrics.take({{"event", "checkpoint"}, {"step", 1040}, {"seconds", 2.5}}, now);
    CHECK(value_of(metrics, "ktrain_checkpoint_age_seconds", now + std::chrono::seconds(90)) == 90);
    CHECK(value_of(metrics, "ktrain_checkpoint_duration_seconds") == 2.5);
    metrics.take({{"event", "progress"}, {"step", 1041}, {"loss", 99.0}}, now);
    CHECK(value_of(metrics, "ktrain_step") == 1041);
    CHECK(value_of(metrics, "ktrain_loss") == 1.9);  // that of log lines, which is a mean
    metrics.take({{"event", "checkpoint"}, {"step", 1030}, {"seconds", 2.5}}, now);  // written beside the steps
    CHECK(value_of(metrics, "ktrain_step") == 1041);
    metrics.take({{"event", "resume"}, {"step", 500}}, now);
    CHECK(value_of(metrics, "ktrain_step") == 500);
    std::string memory;
    for (const auto& sample : metrics.samples(now))
        if (sample.row->name == "ktrain_memory_bytes") memory += fmt::format("{}={} ", sample.component, sample.value);
    CHECK(memory == "process=5000 weights=400 ");
}

TEST_CASE("what is set for a service that is not reported to is said to have no effect") {
    const auto idle = [](const MonitoringSpec& monitoring) {
        TrainingSpec spec;
        spec.monitoring = monitoring;
        std::string found;
        for (const Diagnostic& warning : spec::idle_settings(spec)) found += warning.message + "\n";
        return found;
    };
    const auto unnamed = [](const char* field, const char* service) {
        return fmt::format("monitoring.{}: monitoring.report_to does not name {}, so it has no effect\n", field,
                           service);
    };
    MonitoringSpec all{.run_name = "r",
                       .logging_dir = "l",
                       .metrics_port = 9400,
                       .wandb_project = "p",
                       .wandb_entity = "e",
                       .wandb_mode = "offline"};
    CHECK(idle(all) == unnamed("logging_dir", "tensorboard") + unnamed("run_name", "wandb") +
                           unnamed("wandb_entity", "wandb") + unnamed("wandb_mode", "wandb") +
                           unnamed("wandb_project", "wandb"));
    all.report_to = {"prometheus", "tensorboard", "wandb"};
    CHECK(idle(all).empty());
    all.metrics_port = 0;
    CHECK(idle(all) == "monitoring.report_to: prometheus has no port to scrape, so it has no effect\n");
}

TEST_CASE("the names of docs/trainer.md and of the alert rules are those of the endpoint") {
    const std::string docs = real_files().read(source_path("/docs/trainer.md"));
    CHECK(matches(docs, "\n\\| `(ktrain_[a-z_]+)") == metric_names());
    const std::string rules(embedded("monitoring/rules.yaml"));
    const yaml::Node root = yaml::parse_one(rules, "rules.yaml");
    CHECK(root.find("kind")->text == "PrometheusRule");
    std::size_t alerts = 0;
    for (const yaml::Node& group : root.find("spec")->find("groups")->items)
        for (const yaml::Node& rule : group.find("rules")->items) {
            ++alerts;
            CAPTURE(rule.line);
            for (const char* member : {"alert", "expr", "labels", "annotations"}) CHECK(rule.find(member) != nullptr);
            // The age is there for runs that save alone, from their start on: any other figure is there for all.
            if (rule.find("alert")->text == "KtrainCheckpointIsOld")
                CHECK(rule.find("expr")->text == "ktrain_checkpoint_age_seconds > 7200");
        }
    CHECK(alerts == 10);
    for (const std::string& name : matches(rules, "(ktrain_[a-z_]+)")) {
        CAPTURE(name);
        CHECK(metric_names().contains(name));
    }
}
