// Writes a JSON document that is too long to be held, item by item of its long list.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/term/io.h"
#include "core/base/json.h"

namespace ktrain::term {

// A list of a document, by the keys (of maps) and indexes (of lists, as digits) that lead to it, and its items.
struct LongList {
    std::vector<std::string> path;
    std::size_t count = 0;
    std::function<Json(std::size_t index)> item;
};

// As to_pretty(document) with the items in the list, which is empty in the document.
void write_pretty(Output& out, const Json& document, const LongList& list);

}  // namespace ktrain::term
