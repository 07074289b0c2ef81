// Warning headers: what an API server says beside its answer, such as that a version is deprecated.
#pragma once

#include <string>
#include <vector>

#include "core/kube/http.h"

namespace ktrain::kube {

// The texts of code 299 of all Warning headers, unquoted and fit to be shown; several may stand in one header.
std::vector<std::string> warnings_of(const HttpReply& reply);

}  // namespace ktrain::kube
