// A finding about a user's file: a value to collect and report together, never thrown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/place.h"
#include "core/base/shared_text.h"

namespace ktrain {

enum class Severity { info, warning, error };

// How much of a finding's line may be shown.
enum class Excerpt {
    whole,
    key,   // nothing behind its first key: what the document is, and so whether it holds secrets, is not known
    none,  // it may hold a secret
};

// One change to an object that mends a finding. Paths are JSON paths in the object, as in Place.
struct Change {
    enum class Kind { replace, add, remove, rename };
    Kind kind = Kind::replace;
    // Of the value to replace, of the member or item to remove or to rename; of the map or list to add to. Maps that
    // are not there come to be.
    std::string path;
    std::string key;  // add to a map: the new member; empty: at the end of a list. rename: the new name
    Json value;       // replace, add
};

struct Diagnostic {
    std::string_view rule;  // stable id ("KT014") of the table of rules; empty for a spec or a command line
    Severity severity = Severity::error;
    Place where;
    std::string message;  // the thing, what was wanted, what was got: one sentence, lower case, no full stop
    SharedText fix;       // what to write instead, or empty
    SharedText why;       // why it matters and the source, or empty
    Excerpt excerpt = Excerpt::whole;
    std::vector<Change> changes = {};  // all of them together mend it safely; empty: a person must decide
    SharedText object = {};            // what it is about, as Object::identity() says; empty: the file
};

using Diagnostics = std::vector<Diagnostic>;

std::string to_string(Severity severity);
bool has_errors(const Diagnostics& diagnostics);

}  // namespace ktrain
