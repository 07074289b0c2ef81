// What will run where: everything that follows from a TrainingSpec before anything is written or sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/quantity.h"
#include "core/base/world.h"
#include "core/estimate/pod_needs.h"
#include "core/spec/spec.h"

namespace ktrain {

// What every pod of the job asks for; requests and limits are equal.
struct PodResources {
    Quantity cpu;
    Quantity memory;        // bytes, /dev/shm included
    Quantity shm;           // bytes of /dev/shm
    std::int64_t gpus = 0;  // nvidia.com/gpu
};

struct Plan {
    TrainingSpec spec;   // with the memory that it left open
    std::string digest;  // SHA-256 of the resolved spec, hexadecimal
    std::string name;    // of the job, its ServiceAccount and its Service
    std::string namespace_;
    std::string config_map;    // holds the resolved spec as spec.yaml; the name ends with the digest's start
    std::string service;       // headless Service for the pods to find each other; empty for a single pod
    std::string scratch_path;  // where a folder that lives as long as its pod is mounted for output_dir; empty when a
                               // volume holds output_dir

    std::int64_t pods = 1;
    std::int64_t processes_per_pod = 1;  // one for each GPU; one on the CPU
    std::int64_t global_batch_size = 1;  // samples of one optimizer step over all processes
    PodResources resources;              // of one pod
    StringMap node_selector;
    StringMap quota;  // of the namespace, without what Kubernetes does not count

    std::int64_t deadline_seconds = 0;
    std::int64_t ttl_seconds = 0;
    std::int64_t grace_seconds = 0;

    std::optional<PodNeeds> needs;  // as estimated; empty where the model is not known
    Diagnostics warnings;           // what works but is probably not wanted; never of severity error

    std::int64_t processes() const { return pods * processes_per_pod; }
};

// What a spec needs on its GPUs, as far as it can be told here: nothing where the model is in no catalog and its folder
// only in the pods.
std::optional<Estimate> estimate_for_plan(const TrainingSpec& spec, const Files& files);

// `spec` has passed spec::load(). Does no I/O. `estimate`, of profile detailed: what amounts that the spec leaves open
// follow from, and the warnings about those that are too small.
// Errors: Error{input} with the path in the spec for what could never run: no image, a quota smaller than the job,
// volumes where the pod has its own, a GPU that is unknown or cannot be asked for.
Plan make_plan(const TrainingSpec& spec, const std::optional<Estimate>& estimate = std::nullopt);

}  // namespace ktrain
