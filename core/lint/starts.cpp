// Walks the tree of an object.
#include "core/lint/starts.h"

#include <tuple>

namespace ktrain::lint {
namespace {

void add(const Spot& spot, const Object& object, bool hidden, Starts& starts) {
    hidden = hidden || object.is_private(spot.path);
    if (spot.key != nullptr) starts.push_back({spot.key->line, spot.key->column, hidden});
    starts.push_back({spot.node->line, spot.node->column, hidden});
    for (const Spot& item : spot.items()) add(item, object, hidden, starts);
    for (const Spot& member : spot.members()) add(member, object, hidden, starts);
}

}  // namespace

bool operator<(const Start& a, const Start& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
}

void add_starts(const Object& object, Starts& starts) {
    add(object.root, object, object.may_be_secret(), starts);
}

}  // namespace ktrain::lint
