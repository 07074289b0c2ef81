// Versions and abilities of this module, for the start event, run.json and describe().
#pragma once

#include "core/base/json.h"

namespace ktrain::trainer {

Json versions();  // {"ktrain", "libtorch"}

}  // namespace ktrain::trainer
