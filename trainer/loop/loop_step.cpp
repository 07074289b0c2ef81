// One step of training: its batches, their gradients, and the update, or why there is none.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "trainer/loop/loop.h"
#include "trainer/optim/clip.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t most_faulty_in_row = 10;

// Training on with such a number would spoil the weights.
std::string fault(std::string_view what, double value) {
    return std::isfinite(value) ? "" : fmt::format("the {} is {}", what, value);
}

}  // namespace

std::int64_t Loop::step_samples() const {
    return std::min(args_.per_device_train_batch_size * args_.gradient_accumulation_steps,
                    task_.train_samples - state_.samples_in_epoch);
}

// The micro-batches of one step; none when asked to stop meanwhile.
std::vector<MicroBatch> Loop::next_batches() {
    if (!pass_) pass_ = task_.train(state_.epoch, state_.samples_in_epoch);
    const std::int64_t samples = step_samples();
    std::vector<MicroBatch> batches;
    for (std::int64_t done = 0; done < samples; done += batches.back().samples) {
        if (done > 0 && host_.stop_signal() != 0) return {};
        auto batch = pass_();
        if (!batch) throw Error(ErrorKind::bug, "the epoch has fewer samples than it says");
        batches.push_back(std::move(*batch));
    }
    return batches;
}

// Every sample or token of the step weighs the same, however the step is cut into micro-batches. Nothing when asked to
// stop between two of them: a step may take longer than a pod is given to end.
std::optional<Tally> Loop::compute_gradients() {
    const std::vector<MicroBatch> batches = next_batches();
    if (batches.empty()) return std::nullopt;
    std::int64_t count = 0, tokens = 0;
    for (const MicroBatch& batch : batches) {
        count += batch.count;
        tokens += batch.tokens;
    }
    Tally tally;
    for (const MicroBatch& batch : batches) {
        if (&batch != &batches.front() && host_.stop_signal() != 0) return std::nullopt;
        tally.add(batch.score(1 / static_cast<double>(std::max<std::int64_t>(count, 1))));
    }
    log_tokens_ += tokens;
    return tally;
}

// Leaves the run as it was before the step, which comes again whole when the run goes on.
void Loop::break_off() {
    task_.parameters.gradients().zero_();
    pass_ = nullptr;
}

// A step is counted whether it moves the weights or not: the schedule and the order of the data go on.
void Loop::update(const Tally& tally) {
    state_.last_norm = 0;
    // Else momentum and weight decay would move the weights by themselves.
    if (tally.count == 0) return skip("nothing in it is to be learned");
    if (const std::string bad = fault("loss", tally.loss); !bad.empty()) return refuse_or_skip(bad);
    state_.last_norm = gradient_norm(task_.parameters);
    if (const std::string bad = fault("norm of the gradients", state_.last_norm); !bad.empty())
        return refuse_or_skip(bad);
    optimizer_->step(last_rate_, clip_factor(state_.last_norm, args_.max_grad_norm));
    task_.parameters.round_trained();
    if (average_) average_->update();
    state_.skipped.faulty_in_row = 0;
    state_.in_epoch.add(tally);
    state_.since_log.add(tally);
    last_loss_ = tally.mean_loss();
}

void Loop::refuse_or_skip(const std::string& fault) {
    const std::int64_t number = ++state_.skipped.faulty_in_row;
    const bool stops = args_.nan_policy == "stop";
    if (!stops && number < most_faulty_in_row) return skip(fault);
    throw Error(ErrorKind::failed,
                fmt::format("{} at step {}{}", fault, state_.step + 1,
                            stops ? "" : fmt::format(", and each of the {} steps before was skipped", number - 1)),
                {}, "lower training.learning_rate, or check the data; an earlier checkpoint can be resumed");
}

void Loop::skip(const std::string& reason) {
    task_.parameters.gradients().zero_();
    if (++state_.skipped.steps == 1)
        host_.warn(
            fmt::format("step {} is skipped: {}; skipped steps are counted from here on", state_.step + 1, reason));
}

bool Loop::step() {
    const auto began = Clock::now();
    const MemoryMeter::Step measured(memory_);
    if (state_.samples_in_epoch == 0) epoch_began_ = began;
    const std::int64_t samples = step_samples();
    const auto tally = compute_gradients();
    if (!tally) {
        break_off();
        return false;
    }
    last_rate_ = schedule_.rate(state_.step);
    update(*tally);
    state_.samples_in_epoch += samples;
    ++state_.step;
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    step_seconds_ += seconds;
    log_seconds_ += seconds;
    log_samples_ += samples;
    ++timed_steps_;
    show_progress();
    return true;
}

}  // namespace ktrain::trainer
