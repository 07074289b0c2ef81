// A finding about a user's file: a value to collect and report together, never thrown.
#pragma once

#include <string>
#include <vector>

#include "core/base/place.h"

namespace ktrain {

enum class Severity { info, warning, error };

struct Diagnostic {
    std::string rule;  // stable id ("KT014"), or empty for problems of a spec or a command line
    Severity severity = Severity::error;
    Place where;
    std::string message;  // the thing, what was wanted, what was got: one sentence, lower case, no full stop
    std::string fix;      // what to write instead, or empty
    std::string why;      // why it matters and the source, or empty
    bool is_private = false;  // its line may hold a secret and is not to be shown
};

using Diagnostics = std::vector<Diagnostic>;

std::string to_string(Severity severity);
bool has_errors(const Diagnostics& diagnostics);

}  // namespace ktrain
