// The files that a finished run leaves: the model, what it was trained on, and the record of the run.
#pragma once

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/loop/loop.h"
#include "trainer/loop/task.h"

namespace ktrain::trainer {

// Versions of this module: {"ktrain", "libtorch"}.
Json versions();

// TrainState::environment of every run: {"cpu", "threads", "ktrain", "libtorch"}.
Json environment(int threads);

// What the "start" event of every run says: device, threads, steps, output and versions.
Json begin_event(const TrainingSpec& spec, const Loop& loop, int threads);

// What the record says beside the files.
struct RunFacts {
    Json dataset_info;
    Json metrics;  // of the trained model
    Json memory;   // Loop::memory()
    std::int64_t steps = 0;
};

// Writes the model's files, dataset_info.json and run.json (last) into output_dir, and removes those of another model
// that a run has left there, once its own are in place. Returns run.json: the one that is there when it is of the same
// model.
// Errors: those of Files::write and Files::remove; files are then whole or absent.
Json write_results(const TrainingSpec& spec, const Task& task, const RunFacts& facts);

}  // namespace ktrain::trainer
