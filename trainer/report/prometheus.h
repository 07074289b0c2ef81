// The endpoint that Prometheus scrapes while a run trains.
#pragma once

#include <cstdint>
#include <memory>

#include "trainer/report/reporter.h"

namespace ktrain::trainer {

// Serves /metrics and /healthz from now on, and /readyz from the first step on, on all addresses of the machine.
// Errors: Error{input} when the port cannot be listened on.
std::unique_ptr<Reporter> open_prometheus(std::int64_t port);

}  // namespace ktrain::trainer
