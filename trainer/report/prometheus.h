// The endpoint that Prometheus scrapes while a run trains.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/base/world.h"
#include "trainer/report/reporter.h"

namespace ktrain::trainer {

// Serves /metrics and /healthz from now on, and /readyz from the first step on, on all addresses of the machine. A port
// that is taken is tried again for that long: the run that a restarted one follows may still be ending. Errors:
// Error{conflict} when it stays taken, Error{input} when it can never be listened on.
std::unique_ptr<Reporter> open_prometheus(std::int64_t port,
                                          std::chrono::milliseconds patience = std::chrono::seconds(3),
                                          Clock& clock = real_clock());

}  // namespace ktrain::trainer
