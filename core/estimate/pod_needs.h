// What a job needs beside its GPUs: memory of a pod, /dev/shm, and disk for what it writes.
#pragma once

#include <cstdint>
#include <string>

#include "core/estimate/estimate.h"
#include "core/estimate/memory.h"

namespace ktrain {

// Bytes. Source: docs/estimate.md, "Beside the GPU".
struct PodNeeds {
    MemoryBreakdown memory;        // of one pod; /dev/shm, which counts against it, is a line of it
    MemoryBreakdown shm;           // of one pod
    MemoryBreakdown checkpoint;    // the files of one checkpoint
    std::int64_t finished = 0;     // the files of the finished model, or adapter
    std::int64_t checkpoints = 0;  // that are there at the same time at most; 0: all that are written are kept

    // A fifth more than the sum, in whole GiB, and no less than `least`.
    std::int64_t recommended_memory() const;
    // In whole MiB.
    std::int64_t recommended_shm() const;
    // The checkpoints that are kept, the one being written, and the finished model; of checkpoints that are all kept,
    // two and the model, which is the least that works.
    std::int64_t disk() const;

    static constexpr std::int64_t least = std::int64_t{4} << 30;
};

// `estimate` is of profile detailed. Errors: Error{input} when the numbers do not fit 63 bits.
PodNeeds pod_needs(const Estimate& estimate);

// That resources.memory is less than the sum, without what is recommended beyond it; empty where it is enough, or left
// open.
std::string memory_shortage(const TrainingSpec& spec, const PodNeeds& needs);

}  // namespace ktrain
