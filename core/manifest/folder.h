// Writes manifests into a folder, one file for each object, and touches nothing that somebody else wrote.
#pragma once

#include <string>
#include <vector>

#include "core/base/world.h"
#include "core/manifest/manifest.h"

namespace ktrain {

// The paths written, in the order of applying ("00-namespace.yaml", ...). Files of an earlier call for the same job
// are replaced, those that are no longer needed removed; each appears whole, and when one cannot be written the new
// ones before it are taken back.
// Errors: Error{conflict} for a file that was not written for this job (nothing is changed then), and as Files.
std::vector<std::string> write_folder(const Plan& plan, const std::string& folder, Files& files);

}  // namespace ktrain
