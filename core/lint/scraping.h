// KM704: what the Prometheus operator refuses of monitors.
#pragma once

#include "core/lint/rule.h"

namespace ktrain::lint {

void check_scraping(const Object& object, const Bundle& bundle, Findings& findings);

}  // namespace ktrain::lint
