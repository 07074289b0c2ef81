// The plan of a spec that a command has read, with its warnings on stderr.
#pragma once

#include "cli/commands/spec_input.h"
#include "core/plan/plan.h"

namespace ktrain {

// Amounts that the spec leaves open follow from an estimate, where its model is known here; where it is not, -v says
// so. Warnings are shown. Errors: as make_plan, with their place in the file.
Plan plan_of(term::Session& session, const SpecInput& input, const TrainingSpec& spec);

}  // namespace ktrain
