// Applies --set and flags to the fields of a spec.
#pragma once

#include "core/spec/bound.h"
#include "core/spec/load.h"
#include "core/spec/read.h"

namespace ktrain::spec {

// Sets one field by its path ("cluster.volumes[0].size"; the index behind the last adds one). An empty value or null
// sets it back to its default. Lists of words may be written as a,b,c.
void apply_override(const Override& change, const Group& root, Report& report);

}  // namespace ktrain::spec
