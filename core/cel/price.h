// What functions of the rule language cost an API server.
#pragma once

#include "core/cel/functions.h"

namespace ktrain::cel {

// What a function costs besides its values.
enum class Work {
    one,         // nothing that grows
    same,        // and gives what it is given
    walk,        // the first text
    walk_same,   // and gives one as long
    walk_twice,  // once to parse, once to compare
    walk_other,  // the second text
    walk_both,   // the first for each part of the second
    items,       // a list, and the texts in it
    pattern,     // a regular expression
    pattern_text,
    join,
    replace,
    split,
    slice,     // a part of a list
    range,     // a list of as many numbers as it says
    reverse,   // a list as long
    flatten,   // and so for each level
    distinct,  // each item with each other
    sort,
    quote,
    pairs,   // each item of the first with each of the second
    equals,  // and the other way round
    format,  // a Kubernetes name
    address,
    network,
    to_bytes,
    to_text,
};

Work work_of(const Function& function);

}  // namespace ktrain::cel
