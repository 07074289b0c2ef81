// Names of models and GPUs: how they are compared, and those that the compiled-in tables know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/csv.h"

namespace ktrain {

std::string lower(std::string_view text);  // ASCII letters only

// "/models/llama-2-7b-hf" -> "llama-2-7b-hf"
inline std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// The names of one row of models.csv, in lower case: id, Hugging Face name and aliases, the latter two also without the
// organisation before their "/".
std::vector<std::string> model_names(const Csv& models, std::size_t row);
std::vector<std::string> model_names();  // of all rows
std::vector<std::string> catalog_ids();  // of the rows that people are offered, in their order
std::vector<std::string> gpu_ids();      // of gpus.csv

// The id in gpus.csv of a GPU that is named by id, with or without its maker in front, or by the label that its nodes
// have (column product_label); in any case. Nothing for an unknown name.
std::optional<std::string> gpu_id(std::string_view name);
// What somebody who wrote this unknown name may mean: "a100-40gb, a100-80gb" of "A100", the nearest id, or all of them.
std::vector<std::string> likely_gpus(std::string_view name);

// "7B", "1.5b", "350M", "7000000000": a number of parameters, at most 10^15.
std::optional<std::int64_t> parameter_count(std::string_view text);

// "nvidia-t4" -> "t4"
std::string without_vendor(std::string_view gpu);

}  // namespace ktrain
