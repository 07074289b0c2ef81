// The JSON Schema of the spec, for editors and for checks outside of ktrain.
#pragma once

#include "core/base/json.h"

namespace ktrain::spec {

// Draft 2020-12, strict: fields that are not listed are refused.
Json schema();

}  // namespace ktrain::spec
