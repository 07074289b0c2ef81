// Where a run begins: at the start, or at a checkpoint.
#pragma once

#include "core/spec/spec.h"
#include "trainer/loop/loop.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// Before anything that takes long. Errors: Error{input} for a checkpoint to go on from that is neither a word nor a
// folder.
void require_checkpoint_folder(const TrainingSpec& spec);

// Puts the loop where spec.checkpoint.resume_from_checkpoint says, and moves the checkpoints of output_dir that do not
// lead there out of the way. Says so, and says when there is nothing left to train. Errors: Error{input} when the
// wanted checkpoint is not valid or of another run, or when there are checkpoints and none is wanted.
void resume(const TrainingSpec& spec, Loop& loop, const Host& host);

// Before it, for a run on texts that holds the lock of output_dir: the day that the checkpoint tells it to take for
// today (TextEncoding::day_member), so that it sees the same tokens; empty where none does. What is wrong with
// checkpoints is said by resume().
std::string recorded_day(const TrainingSpec& spec);

}  // namespace ktrain::trainer
