// From what a spec says about its model to the model's shape.
#pragma once

#include "core/base/world.h"
#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

// simple_cnn; a folder with config.json, or that file; a folder of safetensors or GGUF without one, or such a file; a
// catalog name; a path that is not on this machine but ends with a catalog name; or a bare parameter count ("7B"),
// whose shape is not known. Errors: Error{input} with the place in the spec and the nearest catalog name, or as
// read_hf_config, read_weight_shape and Files.
ModelShape find_model(const ModelSpec& model, const Files& files);

}  // namespace ktrain
