// Who may read a file: kept where its content is replaced.
#pragma once

#include <string>

namespace ktrain {

// The permission bits of the file, or `fallback` where there is none.
unsigned file_mode(const std::string& path, unsigned fallback);

}  // namespace ktrain
