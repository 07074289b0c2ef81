// Where a run stands: everything but the tensors that is needed to go on exactly.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/json.h"

namespace ktrain::trainer {

// Sums over what a loss is the mean of: samples of a classifier, learned tokens of a text.
struct Tally {
    double loss = 0;
    std::int64_t correct = 0;
    std::int64_t count = 0;

    void add(const Tally& other) {
        loss += other.loss;
        correct += other.correct;
        count += other.count;
    }
    double mean_loss() const { return count == 0 ? 0 : loss / static_cast<double>(count); }
    double accuracy() const { return count == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(count); }
};

struct TrainState {
    std::int64_t step = 0;              // optimizer steps done
    std::int64_t epoch = 0;             // epochs finished and evaluated
    std::int64_t samples_in_epoch = 0;  // samples of the running epoch that are used up
    Tally in_epoch;                     // since the epoch began
    Tally since_log;                    // since the last log line
    Json log_history = Json::array();   // as Hugging Face keeps it

    // What decides the data and their order, by the field of the spec. A checkpoint only continues a run that has the
    // same.
    Json data = Json::object();
};

// Hugging Face's trainer_state.json: keys sorted, two spaces. The members it has no name for are in
// stateful_callbacks.ktrain. `limits` are its max_steps, logging_steps, ... as they are.
std::string encode_state(const TrainState& state, const Json& limits, double epochs_done);

// Errors: Error{input} naming `file`.
TrainState decode_state(const std::string& text, const std::string& file);

}  // namespace ktrain::trainer
