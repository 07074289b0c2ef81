// Whoever wants to hear of a run beside the program itself: a file, an endpoint, a service.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "core/base/json.h"

namespace ktrain::trainer {

// The state that training goes on from; 0 and 0 for a new run.
struct Beginning {
    static constexpr auto all = std::numeric_limits<std::int64_t>::max();

    std::int64_t step = 0;         // steps that are done
    std::int64_t epoch = 0;        // epochs whose end was reported
    std::int64_t logged = all;     // the newest step with a log line
    std::int64_t evaluated = all;  // the newest step that was evaluated
};

// All calls come from the thread that trains, and none may wait: what talks over a network does so on its own thread.
// An exception from a reporter is told once, and the run goes on without it (metrics.jsonl excepted).
class Reporter {
public:
    virtual ~Reporter() = default;

    // Training begins: what was reported beyond this state by an earlier attempt no longer holds.
    virtual void begin(const Beginning&) {}

    // An event of docs/trainer.md.
    virtual void take(const Json& event) = 0;

    // Something that went wrong meanwhile and was not told yet.
    virtual std::optional<std::string> trouble() { return std::nullopt; }

    // The run is over, with this exit code; waits a few seconds at most. Returns what the end event says of it, or
    // null.
    virtual Json finish(int exit_code) {
        static_cast<void>(exit_code);
        return nullptr;
    }
};

}  // namespace ktrain::trainer
