// What the program may ask of the module: one row for each action.
#pragma once

#include "core/base/json.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// Does what "action" of the request says, "run" when it says none (core/run/trainer_api.h has the forms). Returns the
// signal that stopped it, or 0. Errors: Error{bug} for an unknown action, and those of the action.
int act(const Json& request, const Host& host);

}  // namespace ktrain::trainer
