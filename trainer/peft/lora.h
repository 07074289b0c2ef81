// LoRA as PEFT keeps it on disk.
#pragma once

#include <string>

#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain::trainer {

// adapter_config.json: keys sorted, two spaces, the fields that every version of PEFT knows.
// Source: peft/tuners/lora/config.py and peft/config.py.
std::string lora_config(const TrainingSpec& spec, const ModelShape& shape);

}  // namespace ktrain::trainer
