// What the loop trains, as functions: it knows nothing of images or text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "trainer/optim/optimizer.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/train_state.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

struct MicroBatch {
    std::int64_t samples = 0;  // of the data set: how far the epoch gets
    std::int64_t count = 0;    // what its loss is the sum over: samples of a classifier, learned tokens of a text
    std::int64_t tokens = 0;   // of a text, learned or not
    // Its loss; in a training pass `scale` times the gradients are added to those of the parameters.
    std::function<Tally(double scale)> score;
};

// Each call gives the next micro-batch; nothing after the last.
using Pass = std::function<std::optional<MicroBatch>()>;

struct Task {
    Parameters& parameters;  // trained in place
    DecayRule decays;
    std::int64_t train_samples = 0;  // of one epoch
    bool graded = true;              // answers are right or wrong, so that there is an accuracy
    // The training pass of an epoch (from 0), beginning at its sample number `first`.
    std::function<Pass(std::int64_t epoch, std::int64_t first)> train;
    // The evaluation pass; empty: the run has none.
    std::function<Pass()> evaluate;
    // What a checkpoint and the finished run keep of the model: these tensors in a file of this name, and other files.
    std::string weights_file = "model.safetensors";
    NamedTensors weights;
    std::function<std::vector<CheckpointFile>()> other_files = {};
    // Throws Error{input} for a checkpoint of ktrain that is of another model than this, in words of its own; empty:
    // the comparison of TrainState::data says enough.
    std::function<void(const std::string& folder)> require_own = {};
    // Fills `weights` from a checkpoint folder that transformers or PEFT wrote; empty: there are none for this model.
    std::function<void(const std::string& folder)> load_foreign = {};
    // TrainState::environment of this run, and its change to what a checkpoint was written with, as far as this machine
    // can. Errors: Error{input} for what this program does not know; `folder` is the checkpoint's.
    std::function<Json()> environment = {};
    std::function<void(const Json& recorded, const std::string& folder)> adopt = {};
};

}  // namespace ktrain::trainer
