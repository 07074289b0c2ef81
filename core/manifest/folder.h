// Writes manifests into a folder, one file for each object, and touches nothing that somebody else wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/world.h"
#include "core/manifest/manifest.h"

namespace ktrain {

// Paths, each beginning with the folder.
struct FolderChange {
    std::vector<std::string> written;  // in the order of applying: "00-namespace.yaml", ...
    std::vector<std::string> removed;  // of an earlier bundle, of this job or another
    std::vector<std::string> foreign;  // manifests of others beside the bundle, left as they are
};

// Makes `folder` hold the bundle of this plan and no other, so that it can be applied as a whole. Each file appears
// whole, none before all are written, and when one cannot be written everything stays as it was; what cannot be put
// back then is named in the hint.
// Errors: Error{conflict} for a file in the way that generate did not write (nothing is changed then), and as Files.
FolderChange write_folder(const Plan& plan, const std::string& folder, Files& files);

// Whether `kubectl apply -f FOLDER` takes a file of this name.
bool is_manifest_name(std::string_view name);

}  // namespace ktrain
