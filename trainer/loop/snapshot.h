// The files of a checkpoint: made from, and put back into, model, optimizer and state.
#pragma once

#include <string>
#include <vector>

#include "trainer/model/named_tensors.h"
#include "trainer/optim/adam.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/train_state.h"

namespace ktrain::trainer {

// model.safetensors, optimizer.safetensors ("<parameter>.exp_avg", ".exp_avg_sq", ".step") and trainer_state.json.
std::vector<CheckpointFile> make_snapshot(const NamedTensors& parameters, const Adam& adam, std::string state);

// Fills the tensors in place and returns the state. Errors: Error{input} when a tensor is missing, left over, or of
// another shape or type.
TrainState load_snapshot(const std::string& folder, const NamedTensors& parameters, const Adam& adam);

// Errors: Error{input} naming the first field of `wanted` (TrainState::data) that differs from that of the checkpoint.
void require_same_data(const Json& saved, const Json& wanted, const std::string& folder);

}  // namespace ktrain::trainer
