// The training loop: steps, log lines, evaluation at the end of each epoch, checkpoints, stopping.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/spec/spec.h"
#include "trainer/loop/memory.h"
#include "trainer/loop/task.h"
#include "trainer/optim/schedule.h"
#include "trainer/report/host.h"
#include "trainer/state/train_state.h"

namespace ktrain::trainer {

// How many steps there are, from the spec and the number of samples, as Hugging Face's Trainer counts.
struct Steps {
    std::int64_t per_epoch = 0;  // the last one may have fewer samples
    std::int64_t total = 0;
};
Steps count_steps(const TrainingArgs& args, std::int64_t train_samples);

// The means over a whole pass after `step`; nothing when the host asked to stop meanwhile. Errors: Error{failed} for a
// loss that is no number.
std::optional<Tally> evaluate(const Pass& pass, std::int64_t step, const Host& host);

class Loop {
public:
    // `data` is TrainState::data of this run. All references must outlive the loop.
    Loop(const TrainingSpec& spec, const Task& task, const Host& host, Json data);
    ~Loop();

    // Continues from a checkpoint folder that Checkpoints::problem() finds nothing wrong with. Errors: Error{input}
    // when it is of another model or another order of the data.
    void resume(const std::string& folder);

    // Trains to the end, or until the host asks to stop (then with a checkpoint, if the spec wants one).
    // Returns the signal that stopped it, or 0. Errors: Error{failed} for a loss or gradients that are no number, and
    // what writing files throws.
    int run();

    // Ends the run where it stands, with a checkpoint, if the spec wants one and there is none of this step. Every way
    // out by a signal leads through here. Returns the signal. Errors: what writing files throws.
    int stop(int signal);

    const TrainState& state() const { return state_; }
    const Steps& steps() const { return steps_; }
    const std::optional<Tally>& last_evaluation() const { return last_evaluation_; }
    // What the run keeps in memory so far, as in the log lines: {label: bytes}.
    Json memory() const { return memory_.bytes(); }

private:
    using Clock = std::chrono::steady_clock;

    std::vector<MicroBatch> next_batches();
    Tally compute_gradients();
    void step();
    void log_step();
    void show_progress();
    bool end_epoch();  // false: asked to stop during the evaluation
    bool report_epoch(double epoch);
    void save_if_due(bool epoch_ended);
    void save();
    double epochs_done() const;
    std::int64_t step_samples() const;
    void add_speed(Json& event) const;

    const TrainingSpec& spec_;
    const TrainingArgs& args_;
    const Task& task_;
    const Host& host_;
    Steps steps_;
    Schedule schedule_;
    std::unique_ptr<Optimizer> optimizer_;
    MemoryMeter memory_;
    TrainState state_;
    std::optional<Tally> last_evaluation_;
    Pass pass_;  // of the running epoch; empty: to be begun

    double last_loss_ = 0, last_norm_ = 0, last_rate_ = 0;
    std::int64_t saved_step_ = -1, saved_epoch_ = -1;  // what the newest checkpoint holds
    // Speed: time spent in steps, in all and since the last log line, with the samples of it.
    double step_seconds_ = 0, log_seconds_ = 0, evaluation_seconds_ = 0;
    std::int64_t timed_steps_ = 0, log_samples_ = 0, log_tokens_ = 0;
    Clock::time_point epoch_began_, shown_;
};

}  // namespace ktrain::trainer
