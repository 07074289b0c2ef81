// The order of events of a training run.
#include "trainer/loop/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/estimate/labels.h"
#include "trainer/loop/selection.h"
#include "trainer/tensors/bytes.h"

namespace ktrain::trainer {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Nothing where every step was skipped.
Json mean_loss(const Tally& tally) {
    return tally.count == 0 ? Json() : Json(tally.mean_loss());
}

}  // namespace

Steps count_steps(const TrainingArgs& args, std::int64_t train_samples) {
    const std::int64_t samples = args.per_device_train_batch_size * args.gradient_accumulation_steps;
    Steps steps;
    steps.per_epoch = (train_samples + samples - 1) / samples;
    steps.total =
        args.max_steps > 0
            ? args.max_steps
            : static_cast<std::int64_t>(std::ceil(args.num_train_epochs * static_cast<double>(steps.per_epoch)));
    return steps;
}

std::optional<Tally> evaluate(const Pass& pass, std::int64_t step, const Host& host) {
    Tally tally;
    while (const auto batch = pass()) {
        tally.add(batch->score(0));
        if (host.stop_signal() != 0) return std::nullopt;
    }
    if (!std::isfinite(tally.loss))
        throw Error(ErrorKind::failed, fmt::format("the evaluation loss is {} at step {}", tally.loss, step), {},
                    "lower training.learning_rate, or check the data; an earlier checkpoint can be resumed");
    return tally;
}

Loop::Loop(const TrainingSpec& spec, const Task& task, const Host& host, Json data)
    : spec_(spec),
      args_(spec.training),
      task_(task),
      host_(host),
      steps_(count_steps(args_, task.train_samples)),
      schedule_(make_schedule(args_, steps_.total)),
      optimizer_(make_optimizer(args_, task.parameters, task.decays)),
      memory_(task.parameters, *optimizer_, spec.method.type != "full"),
      saver_(real_files(), spec.output_dir, spec.checkpoint.async_save) {
    require_evaluation(spec, static_cast<bool>(task.evaluate), task.graded);
    state_.data = std::move(data);
    if (args_.ema_decay > 0) {
        average_.emplace(task.parameters, args_.ema_decay);
        memory_.keeps(std::string(labels::average), task.parameters.bytes(true));
        state_.data["training.ema_decay"] = args_.ema_decay;
    }
    if (task.environment) state_.environment = task.environment();
}

Loop::~Loop() = default;

bool Loop::finished() const {
    return state_.step >= steps_.total || out_of_patience(args_, state_);
}

int Loop::run() {
    host_.begin({state_.step, state_.epoch, state_.logged(), state_.evaluation ? state_.evaluation->step : -1});
    if (spec_.checkpoint.save_strategy != "no") {
        saver_.reserve(static_cast<std::size_t>(bytes_of(task_.weights) + bytes_of(training_tensors())));
        memory_.keeps(std::string(labels::checkpoint_copy), static_cast<std::int64_t>(saver_.held()));
    }
    epoch_began_ = Clock::now();
    while (close_step()) {
        if (finished()) return finish();
        if (const int signal = host_.stop_signal(); signal != 0) return stop(signal);
        if (!step()) break;
        if (state_.step % args_.logging_steps == 0 || state_.step == steps_.total) log_step();
        hear(saver_.poll());
    }
    return stop(host_.stop_signal());
}

// What is due where the run stands: after a step, or again where a run was interrupted.
bool Loop::close_step() {
    const bool epoch_ended = state_.samples_in_epoch >= task_.train_samples;
    if (evaluates_at(args_, state_.step, steps_.total) && !evaluate_here()) return false;
    if (epoch_ended && !end_epoch()) return false;
    // A run that ends within an epoch has its line too, but the state stays within it, so that more steps can follow.
    if (finished() && state_.samples_in_epoch > 0 && !report_epoch(epochs_done())) return false;
    if (finished() && state_.since_log.count > 0) log_step();  // early stopping does not wait for the end of a window
    save_if_due(epoch_ended);
    return true;
}

double Loop::epochs_done() const {
    return static_cast<double>(state_.epoch) +
           static_cast<double>(state_.samples_in_epoch) / static_cast<double>(task_.train_samples);
}

// Speed since the last log line, and the time left: steps and the evaluations between them.
void Loop::add_speed(Json& event) const {
    const double per_step = timed_steps_ == 0 ? 0 : step_seconds_ / static_cast<double>(timed_steps_);
    const std::int64_t left = steps_.total - state_.step;
    const double evaluations_left =
        static_cast<double>(left) /
        static_cast<double>(args_.eval_strategy == "steps" ? args_.eval_steps : steps_.per_epoch);
    event["samples_per_second"] = log_seconds_ > 0 ? static_cast<double>(log_samples_) / log_seconds_ : 0.0;
    if (log_tokens_ > 0)
        event["tokens_per_second"] = log_seconds_ > 0 ? static_cast<double>(log_tokens_) / log_seconds_ : 0.0;
    event["eta_seconds"] = static_cast<double>(left) * per_step + evaluations_left * evaluation_seconds_;
}

// Between log lines, for a progress bar: not more often than people can see, and in no file.
void Loop::show_progress() {
    const auto now = Clock::now();
    if (state_.step != 1 && now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    Json event = {{"event", "progress"}, {"step", state_.step}, {"steps_total", steps_.total}, {"loss", last_loss_}};
    add_speed(event);
    host_.event(event);
}

void Loop::log_step() {
    Json event = {{"event", "step"},
                  {"epoch", epochs_done()},
                  {"step", state_.step},
                  {"steps_total", steps_.total},
                  {"loss", mean_loss(state_.since_log)},
                  {"grad_norm", state_.last_norm},
                  {"learning_rate", last_rate_},
                  {"skipped_steps", state_.skipped.steps}};
    const Json means = state_.since_log.means();
    event.update(means);
    Json entry = {{"epoch", epochs_done()},
                  {"grad_norm", state_.last_norm},
                  {"learning_rate", last_rate_},
                  {"loss", mean_loss(state_.since_log)},
                  {"step", state_.step}};
    entry.update(means);
    state_.log_history.push_back(entry);
    add_speed(event);
    event["memory"] = memory_.bytes();
    host_.event(event);
    state_.since_log = {};
    log_seconds_ = 0;
    log_samples_ = log_tokens_ = 0;
}

// Once for each step, however often a run comes by.
bool Loop::evaluate_here() {
    if (!task_.evaluate || (state_.evaluation && state_.evaluation->step == state_.step)) return true;
    const auto began = Clock::now();
    const auto tally = [&] {
        const ShownAverage shown(average_);
        return evaluate(task_.evaluate(), state_.step, host_);
    }();
    if (!tally) return false;
    evaluation_seconds_ = seconds_since(began);
    note_evaluation(spec_, *tally, state_);
    Json numbers = {{"epoch", epochs_done()}, {"eval_loss", tally->mean_loss()}, {"step", state_.step}};
    if (task_.graded) numbers["eval_accuracy"] = tally->accuracy();
    for (const auto& [name, mean] : tally->means()) numbers["eval_" + name] = mean;
    state_.log_history.push_back(numbers);
    if (args_.eval_strategy != "steps") return true;  // the line of the epoch has them
    Json event = {{"event", "eval"}};
    event.update(numbers);
    event["seconds"] = evaluation_seconds_;
    host_.event(event);
    return true;
}

bool Loop::report_epoch(double epoch) {
    const bool evaluates = args_.eval_strategy == "epoch" && task_.evaluate;
    if (evaluates && !evaluate_here()) return false;
    const auto accuracy = [this](const Tally& tally) { return task_.graded ? Json(tally.accuracy()) : Json(); };
    Json event = {{"event", "epoch"},
                  {"epoch", epoch},
                  {"step", state_.step},
                  {"train_loss", mean_loss(state_.in_epoch)},
                  {"train_accuracy", accuracy(state_.in_epoch)},
                  {"eval_loss", evaluates ? Json(state_.evaluation->tally.mean_loss()) : Json()},
                  {"eval_accuracy", evaluates ? accuracy(state_.evaluation->tally) : Json()},
                  {"seconds", seconds_since(epoch_began_)}};
    if (evaluates)
        for (const auto& [name, mean] : state_.evaluation->tally.means()) event["eval_" + name] = mean;
    host_.event(event);
    return true;
}

bool Loop::end_epoch() {
    if (!report_epoch(static_cast<double>(state_.epoch + 1))) return false;
    ++state_.epoch;
    state_.samples_in_epoch = 0;
    state_.in_epoch = {};
    pass_ = nullptr;
    return true;
}

}  // namespace ktrain::trainer
