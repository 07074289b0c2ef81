// Files of weights, of which only the headers are read: safetensors, whole or in shards, and GGUF, whole or in parts.
#pragma once

#include <optional>
#include <string>

#include "core/base/world.h"
#include "core/model/shape.h"

namespace ktrain {

// Whether a name is that of such a file.
bool is_weight_file(const std::string& path);

// The shape that the header of a whole model tells, named `name`. `path`: a file as above, or
// model.safetensors.index.json; of GGUF in parts, the first. Errors: Error{input} naming the file for one that is not
// whole, not well formed, or not of a model; one shard of several; an index that names files elsewhere; those of Files.
ModelShape read_weight_shape(const std::string& path, const std::string& name, const Files& files);

// The same of a folder with such files: all that the index names, all safetensors, or one GGUF file. nullopt: there are
// none. Errors: as above; Error{input} for shards that are missing, several GGUF files, and an adapter alone.
std::optional<ModelShape> read_weight_folder(const std::string& folder, const std::string& name, const Files& files);

}  // namespace ktrain
