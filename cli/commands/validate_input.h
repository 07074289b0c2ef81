// The files that `ktrain validate` reads: those named, those of folders, and standard input.
#pragma once

#include <string>
#include <vector>

#include "cli/term/session.h"
#include "core/lint/object.h"

namespace ktrain {

// Reads files, folders with their subfolders, and "-" for standard input (also where nothing is named and no person
// would have to type it). Each file is read once, under whatever names it is given or found.
// Errors: Error{usage} without input, Error{input} for what cannot be read.
std::vector<lint::Source> read_sources(term::Session& session, const std::vector<std::string>& paths);

}  // namespace ktrain
