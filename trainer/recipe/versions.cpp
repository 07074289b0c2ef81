// Where the version numbers come from.
#include "trainer/recipe/versions.h"

#include <torch/headeronly/version.h>

#include "core/base/version.h"

namespace ktrain::trainer {

Json versions() {
    return {{"ktrain", version()}, {"libtorch", TORCH_VERSION}};
}

}  // namespace ktrain::trainer
