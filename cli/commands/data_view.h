// What a person or a program sees of `ktrain data` and of `ktrain run --dry-run`.
#pragma once

#include <string>

#include "cli/term/progress.h"
#include "cli/term/session.h"
#include "core/base/json.h"

namespace ktrain {

class DataView {
public:
    // `format`: table, json or yaml.
    DataView(term::Session& session, std::string format)
        : session_(session), format_(std::move(format)), progress_(session) {}

    // Progress and warnings go to stderr, the answer to standard output. Errors: those of writing there.
    void show(const Json& event);

private:
    term::Session& session_;
    std::string format_;
    term::Progress progress_;
};

// The answer of a dry run, for people.
std::string dry_run_text(const Json& event, std::size_t width);

}  // namespace ktrain
