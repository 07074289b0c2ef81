// From files, --set and flags to a TrainingSpec: all problems together, each with its place.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/json.h"
#include "core/base/yaml.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

// "training.learning_rate" = "2e-4", from --set or a flag; values are read as YAML. `source` names the flag in errors.
struct Override {
    std::string path;
    std::string value;
    std::string source;
    bool unless_said = false;  // what the file or an override before it said stays
};

// Where each field was said that the file or an override names: its line, or the flag. By path.
using Places = std::map<std::string, Place>;

// Where the field was said, else where the group around it begins; its path alone when neither was said.
Place place_of(const Places& places, const std::string& path);

struct Loaded {
    TrainingSpec spec;
    Places places;
    Diagnostics problems;  // usable only when !has_errors(problems); warnings may be there
};

// Reads one document of apiVersion ktrain.dev/v1, kind TrainingJob, or the handbook's training_config.yaml (no
// apiVersion; its own key names, see core/spec/aliases.cpp). Later overrides win. Unknown keys, wrong types, ranges,
// choices and cross-field rules are all reported with the nearest name.
Loaded load(std::string_view text, const std::string& file, const std::vector<Override>& overrides = {});

// The same for a document that has been read already.
Loaded load(yaml::Node document, const std::string& file, const std::vector<Override>& overrides = {});

// A spec made of defaults and overrides only (`ktrain run --learning_rate=... ` without a file).
Loaded from_overrides(const std::vector<Override>& overrides);

// Whether the document of this apiVersion is ktrain's own, whatever its version: no API server knows it.
bool is_spec_version(std::string_view api_version);

// The full path of a leaf's Hugging Face name ("learning_rate" -> "training.learning_rate"); empty when unknown or
// ambiguous. Aliases of the handbook ("epochs", "batch_size") are known too.
std::string path_of_leaf(std::string_view leaf);

// The resolved spec: every field that has a value, in document order, with apiVersion and kind. load(emit(x)) == x.
Json to_json(const TrainingSpec& spec);
// Only what differs from the defaults.
Json to_json_minimal(const TrainingSpec& spec);

// The reverse of to_json for the trainer module. Errors: Error{input} with the first problem.
TrainingSpec from_json(const Json& resolved);

// SHA-256 of the canonical resolved spec: the identity of what will be trained.
std::string digest(const TrainingSpec& spec);

}  // namespace ktrain::spec
