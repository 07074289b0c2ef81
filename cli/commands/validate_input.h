// The files that `ktrain validate` reads: those named, those of folders, and standard input.
#pragma once

#include <functional>
#include <optional>
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
    std::vector<Error> unread;     // of files that were found, not named: the others are read all the same
    std::optional<Error> failure;  // the first of a file that was named: nothing can be said without it
};

// Reads files, folders with their subfolders, globs, and "-" for standard input (also where nothing is named and no
// person would have to type it); many with several threads. Each file is read once, under whatever names it is given or
// found. Errors: Error{usage} without input, Error{input} for folders without a manifest and globs that match nothing.
Sources read_sources(term::Session& session, const std::vector<std::string>& paths, const Excluded& excluded,
                     unsigned threads);

}  // namespace ktrain
