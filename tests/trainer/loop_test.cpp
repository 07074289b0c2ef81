// Numbers that are none, anywhere in a run: it ends with an error or goes on without the step, and the weights stay as
// they were.
#include "trainer/loop/loop.h"

#include <ATen/ops/ones.h>
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "tests/trainer/support.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

// A pass of one sample.
Pass one_sample(const std::function<double(double scale)>& loss) {
    return [loss, done = false]() mutable -> std::optional<MicroBatch> {
        if (std::exchange(done, true)) return std::nullopt;
        return MicroBatch{1, 1, 0, [loss](double scale) { return Tally{loss(scale), 1, 1}; }};
    };
}

// One step of a single weight, which begins at zero; then its evaluation.
struct OneStep {
    const TempFolder folder;
    TrainingSpec spec = small_spec(folder.path(), folder.path());
    Parameters parameters{{{"weight", {1}, "float32", Role::linear, true}}};
    at::Tensor weight = parameters.at("weight").value;

    Error error(const std::function<at::Tensor(const at::Tensor&)>& loss, double evaluation_loss) {
        spec.training.num_train_epochs = 1;
        weight.zero_();
        const auto train = [&](double scale) {
            const at::Tensor leaf = weight.detach().requires_grad_(true);
            leaf.mutable_grad() = parameters.at("weight").gradient;
            const at::Tensor value = loss(leaf);
            value.mul(scale).backward();
            return value.item<double>();
        };
        const Task task{.parameters = parameters,
                        .decays = [](const TensorDecl&) { return true; },
                        .train_samples = 1,
                        .train = [&](std::int64_t, std::int64_t) { return one_sample(train); },
                        .evaluate = [&] { return one_sample([&](double) { return evaluation_loss; }); },
                        .weights = parameters.values(false)};
        RecordingHost recording;
        const Host host(recording.host());
        Loop loop(spec, task, host, Json::object());
        return error_of([&] { loop.run(); });
    }
};

}  // namespace

TEST_CASE("a gradient that is no number ends the run before it reaches the weights") {
    const std::pair<std::function<at::Tensor(const at::Tensor&)>, std::string> losses[] = {
        {[](const at::Tensor& w) { return w.sqrt().sum(); }, "inf"},
        {[](const at::Tensor& w) { return w.mul(w).sqrt().sum(); }, "nan"},
    };
    for (const auto& [loss, number] : losses) {
        for (const double limit : {0.0, 1.0}) {
            CAPTURE(number);
            OneStep run;
            run.spec.training.max_grad_norm = limit;
            const Error error = run.error(loss, 0);
            CHECK(error.kind == ErrorKind::failed);
            CHECK(error.message.starts_with("the norm of the gradients is "));
            CHECK(error.message.find(number) != std::string::npos);
            CHECK(error.message.ends_with(" at step 1"));
            CHECK(error.hint.starts_with("lower training.learning_rate"));
            CHECK(run.weight.item<double>() == 0);
        }
    }
}

TEST_CASE("a loss that is no number ends the run before the step") {
    OneStep run;
    const double infinity = std::numeric_limits<double>::infinity();
    const Error error = run.error([&](const at::Tensor& w) { return w.add(infinity).sum(); }, 0);
    CHECK(error.kind == ErrorKind::failed);
    CHECK(error.message == "the loss is inf at step 1");
    CHECK(run.weight.item<double>() == 0);
}

namespace {

// Steps of two weights under AdamW with weight decay, each with the loss that `losses` has for it: a factor of the sum,
// or nothing for a step that has nothing to learn.
struct ManySteps {
    const TempFolder folder;
    TrainingSpec spec = small_spec(folder.path(), folder.path());
    Parameters parameters{{{"weight", {2}, "float32", Role::linear, true}}};
    at::Tensor weight = parameters.at("weight").value;
    RecordingHost recording;

    explicit ManySteps(const std::string& policy) {
        spec.training.per_device_train_batch_size = 1;
        spec.training.num_train_epochs = 1;
        spec.training.weight_decay = 0.1;
        spec.training.logging_steps = 1;
        spec.training.nan_policy = policy;
        weight.fill_(1);
    }

    // An event for tests that ask a run to stop within a step.
    void tell(const char* what, int number) { Host(recording.host()).event({{"event", what}, {"number", number}}); }
    int prepared = 0, scored = 0;

    MicroBatch batch(const std::optional<double>& factor) {
        tell("prepared", ++prepared);
        return {1, factor ? 1 : 0, 0, [this, factor](double scale) -> Tally {
                    tell("scored", ++scored);
                    if (!factor) return {};
                    parameters.at("weight").gradient.add_(*factor * scale);
                    return {*factor * weight.sum().item<double>(), 0, 1};
                }};
    }

    Task task(const std::vector<std::optional<double>>& losses) {
        return {.parameters = parameters,
                .decays = [](const TensorDecl&) { return true; },
                .train_samples = static_cast<std::int64_t>(losses.size()),
                .train = [&](std::int64_t, std::int64_t first) -> Pass {
                    return [&, next = static_cast<std::size_t>(first)]() mutable -> std::optional<MicroBatch> {
                        return next < losses.size() ? std::optional(batch(losses[next++])) : std::nullopt;
                    };
                },
                .weights = parameters.values(false)};
    }

    // The weights after each step; where a checkpoint is named, of those behind it.
    std::vector<at::Tensor> run(const std::vector<std::optional<double>>& losses, const std::string& checkpoint = "") {
        std::vector<at::Tensor> after;
        recording.stop_when = [&](const Json& event) {
            if (event["event"] == "step") after.push_back(weight.clone());
            return false;
        };
        const Task todo = task(losses);
        const Host host(recording.host());
        Loop loop(spec, todo, host, Json::object());
        if (!checkpoint.empty()) loop.resume(checkpoint);
        const int signal = loop.run();
        REQUIRE(signal == 0);
        skipped = loop.state().skipped.steps;
        return after;
    }
    std::int64_t skipped = 0;
};

const double infinite = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a step with a loss that is no number is skipped when the spec says so, and the next ones are as they were") {
    ManySteps run("skip");
    run.spec.training.lr_scheduler_type = "constant";
    const auto after = run.run({1.0, std::nan(""), 1.0, infinite, 1.0});
    ManySteps without("skip");
    without.spec.training.lr_scheduler_type = "constant";
    const auto expected = without.run({1.0, 1.0, 1.0});
    REQUIRE(after.size() == 5);
    CHECK(after[0].equal(expected[0]));
    CHECK(after[1].equal(expected[0]));
    CHECK(after[2].equal(expected[1]));
    CHECK(after[3].equal(expected[1]));
    CHECK(after[4].equal(expected[2]));
    CHECK(run.skipped == 2);
    CHECK((*run.recording.last("step"))["skipped_steps"] == 2);
    CHECK(run.recording.count("warning") == 2);  // the first, and how many there were
    CHECK((*run.recording.last("warning"))["message"] == "2 of 5 steps were skipped");
    CHECK((*run.recording.last("epoch"))["train_loss"].is_number());
}

TEST_CASE("ten steps in a row without a number end the run, nine do not") {
    const std::vector<std::optional<double>> nine(9, std::nan("")), ten(10, std::nan(""));
    std::vector<std::optional<double>> twice = nine;
    twice.emplace_back(1.0);
    twice.insert(twice.end(), nine.begin(), nine.end());
    ManySteps enough("skip");
    CHECK(enough.run(twice).size() == 19);
    CHECK(enough.skipped == 18);
    ManySteps run("skip");
    const Error error = error_of([&] { run.run(ten); });
    CHECK(error.kind == ErrorKind::failed);
    CHECK(error.message == "the loss is nan at step 10, and each of the 9 steps before was skipped");
    CHECK(run.weight.equal(at::ones({2})));
}

TEST_CASE("a run all of whose steps were skipped has failed") {
    for (const std::optional<double> lost : {std::optional(std::nan("")), std::optional<double>()}) {
        ManySteps run("skip");
        const Error error = error_of([&] { run.run({lost, lost, lost}); });
        CHECK(error.kind == ErrorKind::failed);
        CHECK(error.message == "nothing was learned: all 3 steps were skipped");
        CHECK(!error.hint.empty());
        CHECK(run.weight.equal(at::ones({2})));
    }
}

TEST_CASE("a step that has nothing to learn moves neither weights nor moments, whatever the policy") {
    for (const char* policy : {"stop", "skip"}) {
        ManySteps run(policy);
        run.spec.training.lr_scheduler_type = "constant";
        const auto after = run.run({1.0, std::nullopt, std::nullopt, 1.0});
        ManySteps without(policy);
        without.spec.training.lr_scheduler_type = "constant";
        const auto expected = without.run({1.0, 1.0});
        CHECK(after[1].equal(expected[0]));
        CHECK(after[2].equal(expected[0]));
        CHECK(after[3].equal(expected[1]));
        CHECK(run.skipped == 2);
        CHECK((*run.recording.last("step"))["loss"].is_number());
    }
}

TEST_CASE("a run goes on from a checkpoint of a step that was skipped for its gradients") {
    const std::vector<std::optional<double>> losses{1.0, 1e39, 1.0};  // beyond float32, but for the loss
    const auto prepare = [](TrainingSpec& spec) {
        spec.training.lr_scheduler_type = "constant";
        spec.checkpoint.save_strategy = "steps";
        spec.checkpoint.save_steps = 1;
    };
    ManySteps whole("skip");
    prepare(whole.spec);
    const auto expected = whole.run(losses);
    REQUIRE(whole.skipped == 1);
    const std::string checkpoint = whole.folder / "checkpoint-2", state = checkpoint + "/trainer_state.json";
    Json written = Json::parse(read_file(state));
    Json& norm = written["stateful_callbacks"]["ktrain"]["last_norm"];
    CHECK(norm == 0);
    for (const bool older : {false, true}) {  // which wrote what is no number as null
        CAPTURE(older);
        if (older) norm = nullptr;
        write_file(state, written.dump());
        ManySteps resumed("skip");
        prepare(resumed.spec);
        const auto after = resumed.run(losses, checkpoint);
        REQUIRE(after.size() == 1);
        CHECK(after[0].equal(expected[2]));
        CHECK(resumed.skipped == 1);
    }
}

TEST_CASE("an evaluation loss that is no number ends the run") {
    for (const double number : {std::numeric_limits<double>::infinity(), std::nan("")}) {
        OneStep run;
        const Error error = run.error([](const at::Tensor& w) { return w.mul(2).sum(); }, number);
        CHECK(error.kind == ErrorKind::failed);
        CHECK(error.message.starts_with("the evaluation loss is "));
        CHECK(error.message.ends_with(" at step 1"));
    }
}

TEST_CASE("a step that is asked to stop between its batches is broken off, and comes again whole") {
    const std::vector<std::optional<double>> losses{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0};
    ManySteps whole("stop");
    whole.spec.training.gradient_accumulation_steps = 4;
    const auto expected = whole.run(losses);
    REQUIRE(expected.size() == 2);
    for (const char* moment : {"prepared", "scored"}) {
        CAPTURE(moment);
        ManySteps run("stop");
        run.spec.training.gradient_accumulation_steps = 4;
        run.recording.stop_when = [&](const Json& event) { return event["event"] == moment && event["number"] == 6; };
        const Task task = run.task(losses);
        const Host host(run.recording.host());
        Loop loop(run.spec, task, host, Json::object());
        REQUIRE(loop.run() == 15);
        CHECK((moment == std::string("scored") ? run.scored : run.prepared) == 6);
        CHECK(loop.state().step == 1);
        CHECK(loop.state().samples_in_epoch == 4);
        CHECK(run.weight.equal(expected[0]));
        CHECK(run.parameters.gradients().count_nonzero().item<std::int64_t>() == 0);
        CHECK((*run.recording.last("stopped"))["saved"] == true);
        ManySteps rest("stop");
        rest.spec = run.spec;
        const Task left = rest.task(losses);
        const Host other(rest.recording.host());
        Loop further(rest.spec, left, other, Json::object());
        further.resume(run.folder / "checkpoint-1");
        CHECK(further.run() == 0);
        CHECK(rest.prepared == 4);
        CHECK(rest.weight.equal(expected[1]));
    }
}
