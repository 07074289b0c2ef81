// Asks the system for the permissions of a file.
#include "core/base/file_mode.h"

#include <sys/stat.h>

namespace ktrain {

unsigned file_mode(const std::string& path, unsigned fallback) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<unsigned>(status.st_mode) & 0777u : fallback;
}

}  // namespace ktrain
