// Rules of security: images, secrets, privileges (KX).
#pragma once

#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {

inline constexpr std::array security_rules{
    Rule{"KX601", "image-tag", Severity::warning, "pod templates", "images with the tag latest or none",
         "a retry or the next run may train with other code, and no result can be reproduced",
         "name a version, or a digest: image@sha256:DIGEST", "Kubernetes documentation, Images", check_image_tags},
};

}  // namespace ktrain::lint
