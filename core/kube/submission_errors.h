// Why a submission is refused before anything is stored.
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/kube/bundle.h"

namespace ktrain::kube {

// One that names all refusals of a bundle of `of` objects.
Error combined(const std::vector<Error>& errors, std::size_t of);
// The name of the job is taken by `there`, with what the two say differently.
Error other_job(const BundleObject& job, const Json& there);
// An object of that name serves somebody else.
Error not_ours(const BundleObject& object);
Error going(const BundleObject& object);

}  // namespace ktrain::kube
