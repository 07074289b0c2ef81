// The files of a checkpoint: made from, and put back into, model, optimizer and state.
#pragma once

#include <string>
#include <vector>

#include "trainer/loop/task.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {

// The files of the model: its weights, in shards of at most `max_shard` bytes, and what stands beside them.
std::vector<CheckpointFile> model_files(const Task& task, std::uint64_t max_shard = max_shard_size);

// The model, optimizer.safetensors with the tensors of `training`, and trainer_state.json.
std::vector<CheckpointFile> make_snapshot(const Task& task, const NamedTensors& training, std::string state);

// Errors: those of decode_state.
TrainState load_state(const std::string& folder);

// Fills the tensors of the model, or those of `training`, in place. Errors: Error{input} when a tensor is missing, left
// over, or of another shape or type.
void load_model(const std::string& folder, const Task& task);
void load_training(const std::string& folder, const NamedTensors& training);

// The position of a run of transformers: step and history alone. Errors: Error{input} for a file that is not its
// trainer_state.json.
TrainState load_foreign_state(const std::string& folder);

// Errors: Error{input} naming the first field that differs between what the checkpoint has (TrainState::data) and what
// this run wants.
void require_same_data(const Json& saved, const Json& wanted, const std::string& folder);

// What differs between the environment of a checkpoint and that of this run, in words; empty: nothing.
std::string difference(const Json& saved, const Json& current);

}  // namespace ktrain::trainer
