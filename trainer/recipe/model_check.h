// What a run needs of its model's folder, looked at before anything that takes long: names of modules, and headers of
// weights.
#pragma once

#include <vector>

#include "core/model/tensors.h"
#include "core/spec/spec.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {

// Of a model's tensors those that its folder has: not adapters, not a tied head, which is the embedding, and not a
// `new_head`.
std::vector<TensorDecl> stored_tensors(const std::vector<TensorDecl>& tensors, const ModelShape& shape, bool new_head);

// The head for the next token is not missed where it is the embedding, or where texts are scored.
WeightsWanted weights_wanted(const ModelShape& shape);

// Before the data are read, when a new head may not have its labels yet. Errors: Error{input} for modules that the
// method names and the model does not have, and those of require_weights and check_weights.
void check_model(const TrainingSpec& spec, const ModelFolder& folder);

}  // namespace ktrain::trainer
