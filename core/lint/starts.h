// Where the keys and values of an object begin: a value ends before the next one.
#pragma once

#include <vector>

#include "core/lint/object.h"

namespace ktrain::lint {

struct Start {
    int line;
    int column;
    bool hidden;  // what begins there may be a secret by its path or kind
};

// By place alone.
bool operator<(const Start& a, const Start& b);

using Starts = std::vector<Start>;

// In the order of the tree, in which keys come before their values; not sorted.
void add_starts(const Object& object, Starts& starts);

}  // namespace ktrain::lint
