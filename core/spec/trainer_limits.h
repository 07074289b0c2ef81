// What this version's trainer cannot do yet, for those who plan a job that it would refuse or run otherwise.
#pragma once

#include "core/base/diagnostic.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

// A warning about a field, with its path; the message begins with it.
Diagnostic warning(const std::string& path, const std::string& message, std::string fix);

// The trainer says the same when it starts.
Diagnostics trainer_warnings(const TrainingSpec& spec);

}  // namespace ktrain::spec
