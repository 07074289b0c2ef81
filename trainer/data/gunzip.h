// Decompresses gzip data in memory, no further than asked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ktrain::trainer {

bool is_gzip(std::string_view data);

// At most `limit` bytes of the content: a longer content is cut there, so that a small file cannot fill the memory.
// Errors: Error{input} naming `file` for damaged or truncated data.
std::string gunzip(std::string_view data, const std::string& file, std::size_t limit);

}  // namespace ktrain::trainer
