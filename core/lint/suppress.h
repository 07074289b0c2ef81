// Suppressions: findings that somebody has looked at and wants to keep, with the reason.
//
// An annotation of the object or of its pod template, ktrain.dev/ignore: "KD207: one GPU, no workers; KX601: local", or
// a comment, "# ktrain:ignore KD207: reason", at the end of a line or on a line of its own above: it holds for the
// value that begins on that line and for what is in it; above the first key of a document, for the document.
#pragma once

#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "core/lint/object.h"
#include "core/lint/rule.h"

namespace ktrain::lint {

using RuleIds = std::set<std::string_view>;

// Takes the findings from `first` on that annotations of the object suppress out of `findings`, and adds KT090 and
// KT091. `selected`: of suppressions of other rules nothing can be said. Returns how many were taken.
std::size_t suppress_by_annotations(const Object& object, const RuleIds& selected, std::size_t first,
                                    Diagnostics& findings);

// The same for the comments of a file, with its findings; `objects` are the file's in their order.
std::size_t suppress_by_comments(const Source& source, std::span<const Object* const> objects, const RuleIds& selected,
                                 Diagnostics& findings);
// Whether the file has such comments at all.
bool has_suppressions(const Source& source);

}  // namespace ktrain::lint
