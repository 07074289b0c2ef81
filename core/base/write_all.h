// Writes pieces of memory to an open file, large ones past the page cache.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ktrain {

// Writes the pieces one behind the other and waits until the disk has them. A large regular file goes past the page
// cache where its file system can do that: the processor copies once instead of twice, which the steps of a training
// beside it feel. `path` is for errors: those of system_error().
void write_all(int descriptor, std::span<const std::string_view> pieces, const std::string& path);

}  // namespace ktrain
