// Why a submission is refused before anything is stored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/kube/bundle.h"
#include "core/kube/status.h"

namespace ktrain::kube {

// One that names all refusals of a bundle of `of` objects.
Error combined(const std::vector<Error>& errors, std::size_t of);
// The name of the job is taken, by one that is different in these fields.
Error other_job(const BundleObject& job, const std::vector<std::string>& differences, const ServerName& server);
// An object of that name serves somebody else.
Error not_ours(const BundleObject& object, const ServerName& server);
// An object that others have made would be changed in these fields.
Error not_made(const BundleObject& object, const std::vector<std::string>& differences);
// These differences from what is there are refused, those that the server would refuse whoever asks; nothing when there
// are none of these. What else the server's refusal names stays.
std::optional<Error> cannot_change(const BundleObject& object, const Json& there,
                                   const std::vector<std::string>& differences, const Error& refusal);
Error going(const BundleObject& object);

}  // namespace ktrain::kube
