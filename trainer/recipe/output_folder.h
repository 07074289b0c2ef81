// What an earlier run has left in output_dir: no model is to stand there beside the files of another one.
#pragma once

#include <optional>
#include <string>

#include "core/base/json.h"
#include "core/spec/spec.h"

namespace ktrain::trainer {

// run.json of the folder, if there is one that can be read.
std::optional<Json> run_record(const std::string& output_dir);

// Errors: Error{input} when output_dir holds an adapter where the run makes a whole model, or the other way round, that
// run.json does not record: who reads the folder would take the one for the other, and only what a run has written is
// removed.
void require_own_model(const TrainingSpec& spec);

// Once the files of a model are in output_dir, `written` by name: removes those that run.json records of an earlier
// one, and weights in the form of a whole model, one file or shards, that was written in the other. Errors: those of
// Files::remove.
void remove_earlier_model(const std::string& output_dir, const Json& written);

}  // namespace ktrain::trainer
