// What an object runs: groups of like pods with their containers, GPUs and commands, for all kinds alike.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/quantity.h"
#include "core/lint/launch.h"
#include "core/lint/pods.h"

namespace ktrain {
struct Gpu;
}

namespace ktrain::lint {

// A container that the group's pods run. Ephemeral ones are left out.
struct Container {
    Spot spot;
    Role role = Role::main;
    Value resources;
    std::string_view device;  // the first resource that is a GPU or a part of one; empty: none
    std::int64_t gpus = 0;    // of all such resources: limits, or requests where there is none
    bool claims = false;      // devices by resource claims: how many is not known here
    Launch launch;

    std::string_view name() const { return spot["name"].text(); }
    bool has_gpu() const { return gpus > 0 || claims; }
    bool is_mig() const { return device.starts_with("nvidia.com/mig-"); }
    Value env(std::string_view name) const;                  // the entry
    std::string_view env_text(std::string_view name) const;  // its literal value, or ""
    // What the variable is for the program that trains: by its command, or by `env`. The spot is absent where it is
    // set nowhere, or by what is not known here.
    struct Told {
        std::string value;
        Spot at;
    };
    Told told(std::string_view name) const;
    std::optional<Quantity> limit(std::string_view resource) const;  // or the request
    Value mount_over(std::string_view path) const;                   // the volumeMount with the longest path above it
    Spot entry(std::size_t item) const;                              // of command and args together
    Spot at(const Option& flag) const { return entry(flag.item); }
};

// Pods that are made from one template.
struct PodGroup {
    std::string name;           // of the replica type, task or template ("Worker"); empty: the only one
    Spot owner;                 // what holds the template: a replica spec, a task, the spec of a Job
    Spot replicas_at;           // where their number is written, or is missing
    std::int64_t replicas = 1;  // defaults as the API has them
    Spot metadata;              // of the template
    Spot spec;                  // of the pod; absent where the kind has none (TrainJob)
    bool argo = false;          // `spec` is a template of a Workflow
    Spot volumes;               // of the pod, or of the Workflow
    std::vector<Container> containers;

    std::int64_t gpus() const;  // of one pod
    bool claims() const;        // whether devices are claimed
    bool has_gpu() const { return gpus() > 0 || claims(); }
    const Container* trainer() const;  // the main container that trains, or has the GPUs, or the first
    Value volume(std::string_view name) const;
};

// How the object ends.
enum class Course { batch, service };

struct Workload {
    const Object* object = nullptr;
    Course course = Course::service;  // batch: runs to completion
    bool distributed = false;         // an operator makes the processes of its pods find each other
    std::vector<PodGroup> groups;
    Spot spec;            // of the object; of a CronJob that of its Job
    bool trains = false;  // a launcher or a kind says so, or a script's name

    std::int64_t pods() const;  // of all groups
    std::int64_t gpus() const;  // of all pods
    bool has_gpu() const;
    bool batch() const { return course == Course::batch; }
    // Rules of training are for it: it trains, or it is a batch job with GPUs.
    bool is_training() const { return trains || (batch() && has_gpu()); }
    bool is(std::string_view kind, std::string_view group) const;  // ("Job", "batch")
};

// Empty (no groups) for kinds without pods. Reads the object, not the bundle.
Workload read_workload(const Object& object);

// The same, kept until that of another object is asked for: threads that check one bundle need a `last` each.
const Workload& workload_of(const Object& object, const Bundle& bundle);

struct Needs;
using NeedsByCommand = std::unordered_map<std::string, std::shared_ptr<std::optional<Needs>>>;

using GpusByName = std::unordered_map<std::string, std::shared_ptr<const Gpu>>;  // empty: none of the catalog

// What is kept from one check to the next.
struct LastWorkload {
    const Object* object = nullptr;
    Workload workload;
    NeedsByCommand needs;  // see needs.h
    GpusByName gpus;       // see training_needs.cpp
};

}  // namespace ktrain::lint
