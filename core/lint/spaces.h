// What the quotas and limits of each namespace of a bundle allow, and what its objects ask for. Made once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/lint/claim_users.h"
#include "core/lint/quantities.h"

namespace ktrain::lint {

struct Bundle;
struct Container;
struct PodGroup;
struct Workload;

// One bound of a LimitRange: its map ("max") by resource, and the object that has it.
struct Bound {
    const Object* object = nullptr;
    Value item;  // of spec.limits
};

// The smallest amount that a quota of the namespace allows of something.
struct Quota {
    const Object* object = nullptr;
    Value at;
    Quantity hard;
};

// Of one resource of a quota ("requests.nvidia.com/gpu").
struct Usage {
    Quantity services;  // what runs for ever, together
    Quantity batch;     // what ends, together
    Quantity largest;   // of one object that ends
    const Object* largest_of = nullptr;
    const Object* a_service = nullptr;
    std::size_t jobs = 0;  // that ask for it
};

struct Space {
    std::map<std::string, Quota, std::less<>> quotas;  // by what they count; without scopes: for all pods
    std::vector<Bound> limits;
    std::map<std::string, Usage, std::less<>> usage;  // of the resources that the quotas name

    // What a container has when the API server has filled in the defaults: its own, or that of a LimitRange.
    std::optional<Quantity> request(const Container& container, std::string_view resource) const;
    std::optional<Quantity> limit(const Container& container, std::string_view resource) const;
    // What a pod counts for in a quota ("limits.cpu", "pods"); nothing for what is not counted by pods.
    std::optional<Quantity> of_pod(const PodGroup& group, std::string_view counted) const;
};

class Spaces {
public:
    Spaces() = default;
    // The bundle's index and objects must be complete, and stay.
    explicit Spaces(const Bundle& bundle);
    // nullptr for a namespace without quotas and limits.
    const Space* find(std::string_view space) const;
    const ClaimUsers& claims() const { return claims_; }

private:
    std::unordered_map<std::string_view, Space> spaces_;
    ClaimUsers claims_;
};

// "gpu" of "requests.gpu", "cpu" of "cpu"; `limit`: whether it counts limits.
std::string_view resource_of(std::string_view counted, bool& limit);

}  // namespace ktrain::lint
