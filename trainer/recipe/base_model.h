// Which base an adapter was trained on: recorded beside it, and compared where the two come together again.
#pragma once

#include <string>

#include "trainer/report/host.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/file_names.h"

namespace ktrain::trainer {

// Stands beside the files of PEFT, which does not look at it: {"base_model_name_or_path", "weights": {"dtypes",
// "sha256"}}. The digest is over names, shapes and samples of the weights, rounded to bfloat16, so that a base in
// float32 and its copy in bfloat16 are the same, however they are cut into files. Heads do not count: a tied one may be
// written or not, and adapters bring their own.
inline constexpr std::string_view base_file_name = "base_model.json";

// `name`: of the base in the spec; `folder`: with config.json and the weights. Errors: those of weight_files,
// parse_safetensors and Files.
CheckpointFile base_file(const std::string& name, const std::string& folder);

// How an adapter comes to its base.
struct BaseUse {
    std::string adapter;     // folder
    std::string base;        // folder that is used
    std::string remedy;      // how another base is named
    std::string field = {};  // of the spec that named the base, for messages
};

// Whether the adapter in the folder says more of its base than the name.
bool records_base(const std::string& adapter);

// Errors: Error{input} where the adapter records other weights than those of the base; those of base_file. Warns where
// only names can be compared and differ: an adapter of PEFT records nothing else.
void require_base(const BaseUse& use, const Host& host);

// Errors: Error{input} where the adapter in the folder has other settings than `config`, the text of an
// adapter_config.json.
void require_same_adapter(const std::string& folder, const std::string& config);

}  // namespace ktrain::trainer
