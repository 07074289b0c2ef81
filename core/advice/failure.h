// The containers of a workload that ended badly and have not been replaced, the first failure first.
#pragma once

#include <vector>

#include "core/advice/snapshot.h"

namespace ktrain::advice {

struct Failure {
    const Json* pod = nullptr;
    Container container;
    const Json* ended = nullptr;  // state.terminated, or lastState.terminated of one that was restarted
    bool restarted = false;
    std::optional<kube::Time> at;

    std::int64_t code() const { return number_at(*ended, {"exitCode"}); }
    std::string reason() const { return string_or(*ended, "reason"); }
};

// By SIGKILL, and not for its own memory limit, or with its node: by whom is not told.
bool was_killed(const Failure& failure);

// Of a pod: its first container that failed; nothing for one that runs again and for one that ended well.
std::optional<Failure> failure_of(const Snapshot& snapshot, const Json& pod);

// The pods that may be in trouble: those that have not been replaced, and the last one of each place at which one pod
// after the other has failed by itself for the same reason, though the next one runs.
std::vector<const Json*> pods_in_question(const Snapshot& snapshot);

// Peers of a process that died end by SIGABRT, SIGKILL or SIGTERM in the same second, so other ends come first.
std::vector<Failure> failures(const Snapshot& snapshot);

}  // namespace ktrain::advice
