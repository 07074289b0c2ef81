// Numbers that are none, anywhere in a run: it ends with an error, and the weights stay as they were.
#include "trainer/loop/loop.h"

#include <ATen/ops/zeros.h>
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

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

TEST_CASE("an evaluation loss that is no number ends the run") {
    for (const double number : {std::numeric_limits<double>::infinity(), std::nan("")}) {
        OneStep run;
        const Error error = run.error([](const at::Tensor& w) { return w.mul(2).sum(); }, number);
        CHECK(error.kind == ErrorKind::failed);
        CHECK(error.message.starts_with("the evaluation loss is "));
        CHECK(error.message.ends_with(" at step 1"));
    }
}
