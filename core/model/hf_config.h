// Reads the shape of a model from the config.json of Hugging Face.
#pragma once

#include <string>
#include <string_view>

#include "core/model/shape.h"

namespace ktrain {

// All families of core/model/family.h, as transformers 4 and 5 write them: those that are trained and those that are
// only counted. `name` is shown for the model. Errors: Error{input} with `file` and the key: not JSON, another family,
// a size that is missing, no whole number, not positive, or beyond every real model.
ModelShape read_hf_config(std::string_view text, const std::string& file, const std::string& name);

}  // namespace ktrain
