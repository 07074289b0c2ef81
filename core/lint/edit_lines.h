// What edits must not lose: the lines of literal blocks, and comments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/lint/edit.h"

namespace ktrain::lint {

// The edits that give a literal block ("|") another text, of the lines that differ. Nothing where the block is not
// written line by line as its text is, or the new one cannot be (it ends in more or fewer empty lines).
std::optional<std::vector<TextEdit>> edits_of_block(const yaml::Extents& extents, const yaml::Extent& block,
                                                    const std::string& text);

// A value of several lines that is folded or quoted, as a literal block below its key; nothing where something else
// stands beside it.
std::optional<TextEdit> edit_to_block(const yaml::Extents& extents, const yaml::Extent& key, const yaml::Extent& old,
                                      const std::string& text);

// Whether a comment begins in [begin, end) of the text.
bool has_comment(const yaml::Extents& extents, const yaml::Extent& document, std::size_t begin, std::size_t end);

// Whether a comment speaks of what stands in [begin, end), which begins its line, or does so behind the mark of an
// item: on the line above, as far to the right; or on the line below, and further to the right.
bool has_comment_around(const yaml::Extents& extents, std::size_t begin, std::size_t end, bool item);

}  // namespace ktrain::lint
