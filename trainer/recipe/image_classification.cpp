// From a spec to a trained image classifier.
#include "trainer/recipe/image_classification.h"

#include <fmt/format.h>

#include "trainer/loop/loop.h"
#include "trainer/loop/runtime.h"
#include "trainer/model/simple_cnn.h"
#include "trainer/recipe/image_data.h"
#include "trainer/recipe/results.h"
#include "trainer/recipe/resume.h"
#include "trainer/state/output_lock.h"

namespace ktrain::trainer {
namespace {

Json start_event(const TrainingSpec& spec, const ImageData& data, const Loop& loop, const Parameters& parameters,
                 int threads) {
    Json event = begin_event(spec, loop, threads);
    event["model"] = spec.model.type;
    event["parameters"] = parameters.trainable().numel();
    event.update(data.info());
    return event;
}

// Loss and accuracy on the test set; nothing when there is none or the host asked to stop.
std::optional<Tally> final_test(const ImageData& data, const SimpleCnn& model, const Loop& loop, const Host& host) {
    if (data.evaluates_test_set() && loop.last_evaluation()) return loop.last_evaluation();
    const auto pass = data.test(model);
    if (!pass) return std::nullopt;
    const auto tally = evaluate(*pass, loop.state().step, host);
    if (!tally) return std::nullopt;
    const Json event = {{"event", "test"},
                        {"step", loop.state().step},
                        {"test_loss", tally->mean_loss()},
                        {"test_accuracy", tally->accuracy()}};
    host.event(event);
    return tally;
}

Json final_metrics(const Loop& loop, const std::optional<Tally>& test) {
    Json metrics = Json::object();
    if (const auto& last = loop.last_evaluation()) {
        metrics["eval_loss"] = last->mean_loss();
        metrics["eval_accuracy"] = last->accuracy();
    }
    if (test) {
        metrics["test_loss"] = test->mean_loss();
        metrics["test_accuracy"] = test->accuracy();
    }
    metrics["skipped_steps"] = loop.state().skipped.steps;
    return metrics;
}

}  // namespace

int train_image_classifier(const TrainingSpec& spec, const Host& host) {
    const int threads = prepare_runtime(spec.training.full_determinism);
    const ImageData data(spec);
    Parameters parameters = simple_cnn_parameters(spec.model.input_channels, spec.model.num_classes,
                                                  static_cast<std::uint64_t>(spec.training.seed));
    const SimpleCnn model(parameters);
    Task task = data.task(parameters, model);
    task.environment = [threads] { return environment(threads); };
    const OutputLock lock(spec.output_dir);
    Loop loop(spec, task, host, data.identity());
    host.event(start_event(spec, data, loop, parameters, threads));
    if (!task.evaluate)
        host.warn("there is neither a test set nor data.validation_split: only the training accuracy is known");
    resume(spec, loop, host);
    if (const int signal = loop.run(); signal != 0) return signal;
    const auto test = final_test(data, model, loop, host);
    if (const int signal = host.stop_signal(); signal != 0) return loop.stop(signal);
    const Json run =
        write_results(spec, task, {data.info(), final_metrics(loop, test), loop.memory(), loop.state().step});
    Json event = {{"event", "end"}, {"output_dir", spec.output_dir}};
    event.update(run);
    host.event(event);
    return 0;
}

}  // namespace ktrain::trainer
