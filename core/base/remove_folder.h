// Removing a folder with all that is in it.
#pragma once

#include <filesystem>
#include <string>

namespace ktrain {

// Without errors: what stays is litter, and there is a better error to tell, or a next time.
inline void remove_folder(const std::string& path) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

}  // namespace ktrain
