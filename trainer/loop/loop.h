// The training loop: steps, log lines, evaluations, checkpoints, stopping.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/spec/spec.h"
#include "trainer/loop/memory.h"
#include "trainer/loop/task.h"
#include "trainer/optim/average.h"
#include "trainer/optim/schedule.h"
#include "trainer/report/host.h"
#include "trainer/state/saver.h"
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
    // `data` is TrainState::data of this run. All references must outlive the loop. Errors: Error{input} when there is
    // nothing to evaluate on and the spec cannot do without.
    Loop(const TrainingSpec& spec, const Task& task, const Host& host, Json data);
    ~Loop();

    // Continues from a checkpoint folder that Checkpoints::problem() finds nothing wrong with, and says what of this
    // run could change the last digits. Errors: Error{input} when it is of another model or another order of the data.
    void resume(const std::string& folder);
    // Continues from a checkpoint folder of transformers: with its weights at its step, all else anew. Errors:
    // Error{input} when the model has no such folders or this is none.
    void resume_foreign(const std::string& folder);
    // After either of them, once every checkpoint has its place: finds that of the best evaluation so far, beside
    // `folder`, among those of the output folder or where it was written. Warns when it is nowhere.
    void find_best(const std::string& folder);

    // Trains to the end, or until the host asks to stop (then with a checkpoint, if the spec wants one). The weights of
    // a run that got to its end are those to be kept: the best, or the average, if the spec says so. Returns the signal
    // that stopped it, or 0. Errors: Error{failed} for a loss or gradients that are no number, and what writing files
    // throws, by this thread or beside it.
    int run();

    // Ends the run where it stands, with a checkpoint, if the spec wants one and there is none of this step. Every way
    // out by a signal leads through here. Returns the signal. Errors: what writing files throws.
    int stop(int signal);

    // Whether there is nothing left to train: after the last step, or where early stopping ended the run.
    bool finished() const;

    const TrainState& state() const { return state_; }
    const Steps& steps() const { return steps_; }
    // Of the weights that a finished run ends with.
    const std::optional<Tally>& last_evaluation() const { return last_evaluation_; }
    // What the run keeps in memory so far, as in the log lines: {label: bytes}.
    Json memory() const { return memory_.bytes(); }

private:
    using Clock = std::chrono::steady_clock;
    // What tells two checkpoints of a run apart.
    struct Mark {
        std::int64_t step = -1, epoch = -1, evaluated = -1;
        bool operator==(const Mark&) const = default;
    };

    // One step (loop_step.cpp).
    std::vector<MicroBatch> next_batches();
    std::optional<Tally> compute_gradients();
    void break_off();
    void update(const Tally& tally);
    void refuse_or_skip(const std::string& fault);
    void skip(const std::string& reason);
    bool step();  // false: asked to stop meanwhile, and nothing is done
    std::int64_t step_samples() const;

    // What follows it.
    bool close_step();  // false, here and below: asked to stop meanwhile
    bool evaluate_here();
    bool end_epoch();
    bool report_epoch(double epoch);
    void log_step();
    void show_progress();
    void add_speed(Json& event) const;
    int finish();
    double epochs_done() const;

    // Checkpoints (loop_saving.cpp).
    void save_if_due(bool epoch_ended);
    void save(bool at_once);
    void hear(const std::optional<Saver::Saved>& saved);
    StateFrame frame() const;
    Mark mark() const;
    NamedTensors training_tensors() const;
    bool is_here(const std::string& folder) const;
    void take_best();

    const TrainingSpec& spec_;
    const TrainingArgs& args_;
    const Task& task_;
    const Host& host_;
    Steps steps_;
    Schedule schedule_;
    std::unique_ptr<Optimizer> optimizer_;
    MemoryMeter memory_;
    std::optional<WeightAverage> average_;
    TrainState state_;
    std::optional<Tally> last_evaluation_;
    Pass pass_;  // of the running epoch; empty: to be begun

    double last_loss_ = 0, last_rate_ = 0;
    Mark saved_;  // the newest checkpoint
    // Speed: time spent in steps, in all and since the last log line, with the samples of it.
    double step_seconds_ = 0, log_seconds_ = 0, evaluation_seconds_ = 0;
    std::int64_t timed_steps_ = 0, log_samples_ = 0, log_tokens_ = 0;
    Clock::time_point epoch_began_, shown_;
    Saver saver_;
};

}  // namespace ktrain::trainer
