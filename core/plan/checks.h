// What a spec that is right in itself must hold to become a job; each check throws Error{input} with its path.
#pragma once

#include <string>
#include <string_view>

#include "core/base/diagnostic.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

namespace ktrain {

// Its message begins with the path, as a spec::warning's does.
Error input_error(const std::string& path, const std::string& message, std::string hint = "");

void check_names(const TrainingSpec& spec);    // the image is named, and no label of ours is set
void check_volumes(const TrainingSpec& spec);  // claims and the output keep clear of the pod's own
void check_quota(const Plan& plan);            // the whole job fits the quota of its namespace

// Kubernetes counts only requests of extended resources: limits.nvidia.com/gpu has no effect in a quota.
bool counts_nothing(std::string_view quota_name);

// What works but is probably not wanted.
Diagnostics plan_warnings(const TrainingSpec& spec);

// GPUs, memory and claims that are smaller than what was estimated.
Diagnostics need_warnings(const Estimate& estimate, const PodNeeds& needs);

}  // namespace ktrain
