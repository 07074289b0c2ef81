// How the GPUs of a job share its work, and which settings go together of those that a search tries.
#pragma once

#include <cstdint>

#include "core/spec/spec.h"

namespace ktrain::spec {

// A node without GPUs counts as one.
std::int64_t gpus_of_job(const TrainingSpec& spec);

bool is_sharded(const ParallelSpec& parallel);      // zero1, zero2, zero3, fsdp
bool shares_weights(const ParallelSpec& parallel);  // zero3, fsdp
// Whether GPUs share weights, states, layers or sequences: anything but data parallelism.
bool shares_work(const ParallelSpec& parallel);

// Each is a rule of docs/spec.md; rules_parallel.cpp says what is wrong where one is not kept.

std::int64_t gpus_of_copy(const ParallelSpec& parallel);   // that have the same samples
std::int64_t gpus_that_share(const TrainingSpec& spec);    // that see other tokens
bool divides_evenly(const TrainingSpec& spec);             // copies of the model on the GPUs
bool divides_experts(const TrainingSpec& spec);            // where copies do
bool has_something_to_share(const TrainingSpec& spec);     // where it is sharded
bool offloads_shares_alone(const ParallelSpec& parallel);  // neither states nor weights that every GPU holds whole
// FSDP moves parameters, gradients and states together. Source: torch.distributed.fsdp, CPUOffload.
bool offloads_together(const ParallelSpec& parallel);
// DeepSpeed's pipeline shares no gradients and no weights. Source: deepspeed/runtime/pipe/engine.py.
bool can_have_pipeline(const ParallelSpec& parallel);

// gradient_checkpointing, where it is on, with the method. Source: PEFT refuses prefixes with it.
bool can_checkpoint(const TrainingSpec& spec);

// All of these.
bool go_together(const TrainingSpec& spec);

}  // namespace ktrain::spec
