// What the checks of Karpenter's kinds share (KT023).
#pragma once

#include <string>

#include "core/lint/together.h"

namespace ktrain::lint {

// KT023 at the place, under the path of `owner`.
inline void refuse(Findings& findings, Place at, const Spot& owner, std::string message, std::string fix) {
    refuse(findings, "KT023", std::move(at), owner, std::move(message), std::move(fix));
}

void check_node_class(const Spot& spec, Findings& findings);  // check_node_classes.cpp

}  // namespace ktrain::lint
