// The files that `ktrain validate` reads: those named, those of folders, and standard input.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/term/session.h"
#include "core/base/error.h"
#include "core/lint/object.h"

namespace ktrain {

// Whether a file that was found in a folder or by a glob is left out.
using Excluded = std::function<bool(const std::string& path)>;

struct Sources {
    std::vector<lint::Source> read;
    std::vector<Error> unread;  // of files that were found, not named: the others are read all the same
};

// Reads files, folders with their subfolders, globs, and "-" for standard input (also where nothing is named and no
// person would have to type it); many with several threads. Each file is read once, under whatever names it is given or
// found. Errors: Error{usage} without input, Error{input} for what is named and cannot be read and for globs that match
// nothing.
Sources read_sources(term::Session& session, const std::vector<std::string>& paths, const Excluded& excluded,
                     unsigned threads);

}  // namespace ktrain
