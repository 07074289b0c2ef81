// The version, as CMake knows it.
#include "core/base/version.h"

namespace ktrain {

std::string_view version() { return KTRAIN_VERSION; }

}  // namespace ktrain
