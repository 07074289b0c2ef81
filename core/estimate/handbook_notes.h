// What has to be said about an estimate by the handbook's formulas.
#pragma once

#include <string>
#include <vector>

#include "core/estimate/estimate.h"

namespace ktrain {

std::vector<std::string> handbook_assumptions(const TrainingSpec& spec, const ModelShape& shape);

// The handbook's example for a 7B model adds 1 GB where its formula gives far less. `result`: of adapters whose
// parameters are known.
std::string handbook_lora_warning(const Estimate& result);

}  // namespace ktrain
