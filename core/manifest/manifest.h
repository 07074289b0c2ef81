// Renders a Plan as Kubernetes objects: deterministic, offline, in the order in which they can be applied.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/labels.h"
#include "core/plan/plan.h"

namespace ktrain {

// A Kubernetes object; keys in the customary order (apiVersion, kind, metadata, spec).
using Object = Json;

// What becomes of an object when the job is deleted.
enum class Ownership {
    job,     // it is the job
    owned,   // serves this job alone: gets an ownerReference to the job and goes with it
    shared,  // belongs to the namespace and outlives the job: created when missing, never deleted
};

// A row of the table in kinds.cpp; its order is the order of applying, the reverse that of deleting.
struct Kind {
    std::string_view name;
    Ownership ownership;
    bool (*wanted)(const Plan& plan);
    std::vector<Object> (*make)(const Plan& plan);
};

std::span<const Kind> kinds();

// All objects of the plan in the order of applying.
std::vector<Object> render(const Plan& plan);

// Errors: Error{bug} for an object of a kind that is not in the table.
Ownership ownership(const Object& object);

inline constexpr std::string_view container_name = "trainer";

}  // namespace ktrain
