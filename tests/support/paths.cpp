// The paths that CMake knows.
#include "tests/support/paths.h"

#ifndef KTRAIN_MODULE
#define KTRAIN_MODULE ""
#define KTRAIN_OTHER_MODULE ""
#endif

namespace ktrain::test {

std::string source_path(std::string_view path) {
    return std::string(KTRAIN_SOURCE_DIR).append(path);
}

const char* const program_path = KTRAIN_BINARY;
const char* const module_path = KTRAIN_MODULE;
const char* const other_module_path = KTRAIN_OTHER_MODULE;

}  // namespace ktrain::test
