// Where a run stands: everything but the tensors that is needed to go on exactly.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/json.h"

namespace ktrain::trainer {

// Sums over what a loss is the mean of: samples of a classifier, learned tokens of a text.
struct Tally {
    double loss = 0;
    std::int64_t correct = 0;
    std::int64_t count = 0;
    std::map<std::string, double> sums = {};  // of further figures of the objective, by the name of their mean

    void add(const Tally& other) {
        loss += other.loss;
        correct += other.correct;
        count += other.count;
        for (const auto& [name, sum] : other.sums) sums[name] += sum;
    }
    double mean_loss() const { return count == 0 ? 0 : loss / static_cast<double>(count); }
    std::map<std::string, double> means() const;  // nothing without a count
    double accuracy() const { return count == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(count); }
};

// An evaluation of the weights after `step`.
struct Evaluation {
    std::int64_t step = 0;
    Tally tally;
};

// The best evaluation so far.
struct Best {
    double metric = 0;
    std::optional<std::int64_t> step;  // where it was; nothing when the run writes no checkpoints
    std::string checkpoint;            // the folder of the newest one that was the best when it was written, or empty
};

// Steps that left the weights as they were.
struct Skipped {
    std::int64_t steps = 0;
    std::int64_t faulty_in_row = 0;  // up to now: those with a loss or gradients that are no number
};

struct TrainState {
    std::int64_t step = 0;              // optimizer steps done, or skipped
    std::int64_t epoch = 0;             // epochs finished and evaluated
    std::int64_t samples_in_epoch = 0;  // samples of the running epoch that are used up
    Tally in_epoch;                     // since the epoch began
    Tally since_log;                    // since the last log line
    double last_norm = 0;               // of the gradients of the last step, before clipping
    Json log_history = Json::array();   // as Hugging Face keeps it

    std::optional<Evaluation> evaluation;  // the last one
    std::optional<Best> best;
    std::int64_t worse_in_row = 0;  // evaluations that were not better than the best by the threshold
    Skipped skipped;

    // What decides the data and their order, by the field of the spec. A checkpoint only continues a run that has the
    // same.
    Json data = Json::object();
    // What decides the last digits: versions, threads, kinds of kernels.
    Json environment = Json::object();

    // The step of the newest log line, or 0.
    std::int64_t logged() const;
};

// What trainer_state.json says beside the state: its max_steps, logging_steps, ... as they are in `limits`; with
// `patience` also the state of EarlyStoppingCallback.
struct StateFrame {
    Json limits;
    double epochs_done = 0;
    std::int64_t patience = 0;
    double threshold = 0;
};

// Hugging Face's trainer_state.json: keys sorted, two spaces. The members it has no name for are in
// stateful_callbacks.ktrain.
std::string encode_state(const TrainState& state, const StateFrame& frame);

// Errors: Error{input} naming `file`.
TrainState decode_state(const std::string& text, const std::string& file);

}  // namespace ktrain::trainer
