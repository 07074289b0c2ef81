// The files of a checkpoint: made from, and put back into, model, optimizer and state.
#pragma once

#include <string>
#include <vector>

#include "trainer/loop/task.h"

namespace ktrain::trainer {

// The files of the model: its weights and what stands beside them.
std::vector<CheckpointFile> model_files(const Task& task);

// The model, optimizer.safetensors (Optimizer::state) and trainer_state.json.
std::vector<CheckpointFile> make_snapshot(const Task& task, const Optimizer& optimizer, std::string state);

// Errors: those of decode_state.
TrainState load_state(const std::string& folder);

// Fills the tensors in place. Errors: Error{input} when a tensor is missing, left over, or of another shape or type.
void load_tensors(const std::string& folder, const Task& task, const Optimizer& optimizer);

// Errors: Error{input} naming the first field of `wanted` (TrainState::data) that differs from that of the checkpoint.
void require_same_data(const Json& saved, const Json& wanted, const std::string& folder);

}  // namespace ktrain::trainer
