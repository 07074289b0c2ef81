// What the configs of families that are only counted say beyond the keys of every family: experts, latent attention,
// switches of their own. Source: configuration_<family>.py of transformers 5.
#pragma once

#include "core/model/config_reader.h"
#include "core/model/shape.h"

namespace ktrain::shape_config {

// Errors of all: Error{input} with the key for what is missing, contradicts itself or is not counted here.
void read_bigcode(const ConfigReader& config, ModelShape& shape);
void read_deepseek(const ConfigReader& config, ModelShape& shape);
void read_falcon(const ConfigReader& config, ModelShape& shape);
void read_gemma3(const ConfigReader& config, ModelShape& shape);
void read_gpt_oss(const ConfigReader& config, ModelShape& shape);
void read_mixtral(const ConfigReader& config, ModelShape& shape);
void read_neox(const ConfigReader& config, ModelShape& shape);
void read_phi(const ConfigReader& config, ModelShape& shape);
void read_qwen_moe(const ConfigReader& config, ModelShape& shape);
void read_stablelm(const ConfigReader& config, ModelShape& shape);
void read_t5(const ConfigReader& config, ModelShape& shape);

}  // namespace ktrain::shape_config
