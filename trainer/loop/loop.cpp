// The order of events of a training run.
#include "trainer/loop/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "trainer/loop/snapshot.h"
#include "trainer/optim/clip.h"
#include "trainer/state/checkpoint.h"

namespace ktrain::trainer {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Training on with such a number would spoil the weights, or lose the step in silence.
void require_finite(std::string_view what, double value, std::int64_t step) {
    if (std::isfinite(value)) return;
    throw Error(ErrorKind::failed, fmt::format("the {} is {} at step {}", what, value, step), {},
                "lower training.learning_rate, or check the data; an earlier checkpoint can be resumed");
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
    require_finite("evaluation loss", tally.loss, step);
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
      memory_(task.parameters, *optimizer_, spec.method.type != "full") {
    state_.data = std::move(data);
}

Loop::~Loop() = default;

void Loop::resume(const std::string& folder) {
    TrainState state = load_state(folder);
    require_same_data(state.data, state_.data, folder);
    load_tensors(folder, task_, *optimizer_);
    task_.parameters.round_trained();
    state_ = std::move(state);
    saved_step_ = state_.step;
    saved_epoch_ = state_.epoch;
    host_.event({{"event", "resume"}, {"path", folder}, {"step", state_.step}, {"epoch", epochs_done()}});
}

int Loop::run() {
    host_.begin({state_.step, state_.epoch});
    epoch_began_ = Clock::now();
    for (;;) {
        const bool epoch_ended = state_.samples_in_epoch >= task_.train_samples;
        if (epoch_ended && !end_epoch()) return stop(host_.stop_signal());
        save_if_due(epoch_ended);
        if (state_.step >= steps_.total) break;
        if (const int signal = host_.stop_signal(); signal != 0) return stop(signal);
        step();
        if (state_.step % args_.logging_steps == 0 || state_.step == steps_.total) log_step();
    }
    // The run ended within an epoch: its line is written, but the state stays within it, so that more steps can follow.
    if (state_.samples_in_epoch > 0 && !report_epoch(epochs_done())) return stop(host_.stop_signal());
    return 0;
}

std::int64_t Loop::step_samples() const {
    return std::min(args_.per_device_train_batch_size * args_.gradient_accumulation_steps,
                    task_.train_samples - state_.samples_in_epoch);
}

double Loop::epochs_done() const {
    return static_cast<double>(state_.epoch) +
           static_cast<double>(state_.samples_in_epoch) / static_cast<double>(task_.train_samples);
}

// The micro-batches of one step.
std::vector<MicroBatch> Loop::next_batches() {
    if (!pass_) pass_ = task_.train(state_.epoch, state_.samples_in_epoch);
    const std::int64_t samples = step_samples();
    std::vector<MicroBatch> batches;
    for (std::int64_t done = 0; done < samples; done += batches.back().samples) {
        auto batch = pass_();
        if (!batch) throw Error(ErrorKind::bug, "the epoch has fewer samples than it says");
        batches.push_back(std::move(*batch));
    }
    return batches;
}

// Every sample or token of the step weighs the same, however the step is cut into micro-batches.
Tally Loop::compute_gradients() {
    const std::vector<MicroBatch> batches = next_batches();
    std::int64_t count = 0;
    for (const MicroBatch& batch : batches) {
        count += batch.count;
        log_tokens_ += batch.tokens;
    }
    Tally tally;
    for (const MicroBatch& batch : batches)
        tally.add(batch.score(1 / static_cast<double>(std::max<std::int64_t>(count, 1))));
    require_finite("loss", tally.loss, state_.step + 1);
    return tally;
}

void Loop::step() {
    const auto began = Clock::now();
    const MemoryMeter::Step measured(memory_);
    if (state_.samples_in_epoch == 0) epoch_began_ = began;
    const std::int64_t samples = step_samples();
    const Tally tally = compute_gradients();
    last_rate_ = schedule_.rate(state_.step);
    last_norm_ = gradient_norm(task_.parameters);
    require_finite("norm of the gradients", last_norm_, state_.step + 1);
    optimizer_->step(last_rate_, clip_factor(last_norm_, args_.max_grad_norm));
    task_.parameters.round_trained();
    last_loss_ = tally.mean_loss();
    state_.in_epoch.add(tally);
    state_.since_log.add(tally);
    state_.samples_in_epoch += samples;
    ++state_.step;
    const double seconds = seconds_since(began);
    step_seconds_ += seconds;
    log_seconds_ += seconds;
    log_samples_ += samples;
    ++timed_steps_;
    show_progress();
}

// Speed since the last log line, and the time left: steps and the evaluations between them.
void Loop::add_speed(Json& event) const {
    const double per_step = timed_steps_ == 0 ? 0 : step_seconds_ / static_cast<double>(timed_steps_);
    const std::int64_t left = steps_.total - state_.step;
    const double epochs_left = static_cast<double>(left) / static_cast<double>(steps_.per_epoch);
    event["samples_per_second"] = log_seconds_ > 0 ? static_cast<double>(log_samples_) / log_seconds_ : 0.0;
    if (log_tokens_ > 0)
        event["tokens_per_second"] = log_seconds_ > 0 ? static_cast<double>(log_tokens_) / log_seconds_ : 0.0;
    event["eta_seconds"] = static_cast<double>(left) * per_step + epochs_left * evaluation_seconds_;
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
                  {"loss", state_.since_log.mean_loss()},
                  {"grad_norm", last_norm_},
                  {"learning_rate", last_rate_}};
    state_.log_history.push_back({{"epoch", epochs_done()},
                                  {"grad_norm", last_norm_},
                                  {"learning_rate", last_rate_},
                                  {"loss", state_.since_log.mean_loss()},
                                  {"step", state_.step}});
    add_speed(event);
    event["memory"] = memory_.bytes();
    host_.event(event);
    state_.since_log = {};
    log_seconds_ = 0;
    log_samples_ = log_tokens_ = 0;
}

bool Loop::report_epoch(double epoch) {
    Json event = {{"event", "epoch"},
                  {"epoch", epoch},
                  {"step", state_.step},
                  {"train_loss", state_.in_epoch.mean_loss()},
                  {"train_accuracy", state_.in_epoch.accuracy()},
                  {"eval_loss", nullptr},
                  {"eval_accuracy", nullptr}};
    if (task_.evaluate) {
        const auto began = Clock::now();
        last_evaluation_ = evaluate(task_.evaluate(), state_.step, host_);
        if (!last_evaluation_) return false;
        evaluation_seconds_ = seconds_since(began);
        event["eval_loss"] = last_evaluation_->mean_loss();
        event["eval_accuracy"] = last_evaluation_->accuracy();
        state_.log_history.push_back({{"epoch", epoch},
                                      {"eval_accuracy", last_evaluation_->accuracy()},
                                      {"eval_loss", last_evaluation_->mean_loss()},
                                      {"step", state_.step}});
    }
    event["seconds"] = seconds_since(epoch_began_);
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

void Loop::save_if_due(bool epoch_ended) {
    const auto& strategy = spec_.checkpoint.save_strategy;
    if (state_.step == 0 || strategy == "no") return;
    const bool due = state_.step >= steps_.total || (strategy == "epoch" && epoch_ended) ||
                     (strategy == "steps" && state_.step % spec_.checkpoint.save_steps == 0);
    if (due) save();
}

void Loop::save() {
    if (saved_step_ == state_.step && saved_epoch_ == state_.epoch) return;
    const Json limits = {{"max_steps", steps_.total},
                         {"num_train_epochs", (steps_.total + steps_.per_epoch - 1) / steps_.per_epoch},
                         {"logging_steps", args_.logging_steps},
                         {"eval_steps", steps_.per_epoch},
                         {"save_steps", spec_.checkpoint.save_steps},
                         {"train_batch_size", args_.per_device_train_batch_size}};
    const auto began = Clock::now();
    Checkpoints checkpoints(real_files(), spec_.output_dir);
    const std::string path =
        checkpoints.save(state_.step, make_snapshot(task_, *optimizer_, encode_state(state_, limits, epochs_done())),
                         spec_.checkpoint.save_total_limit);
    saved_step_ = state_.step;
    saved_epoch_ = state_.epoch;
    host_.event({{"event", "checkpoint"}, {"path", path}, {"step", state_.step}, {"seconds", seconds_since(began)}});
}

int Loop::stop(int signal) {
    if (spec_.checkpoint.on_sigterm && state_.step > 0) save();
    host_.event({{"event", "stopped"},
                 {"signal", signal},
                 {"step", state_.step},
                 {"steps_total", steps_.total},
                 {"saved", saved_step_ == state_.step}});
    return signal;
}

}  // namespace ktrain::trainer
