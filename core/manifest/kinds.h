// What each kind of object looks like; the table that lists them is in kinds.cpp.
#pragma once

#include <vector>

#include "core/manifest/manifest.h"

namespace ktrain {

std::vector<Object> make_config_map(const Plan& plan);
std::vector<Object> make_job(const Plan& plan);
std::vector<Object> make_limit_range(const Plan& plan);
std::vector<Object> make_namespace(const Plan& plan);
std::vector<Object> make_resource_quota(const Plan& plan);
std::vector<Object> make_service(const Plan& plan);
std::vector<Object> make_service_account(const Plan& plan);
std::vector<Object> make_volume_claims(const Plan& plan);

// The template of the job's pods.
Object make_pod_template(const Plan& plan);

// The first members of an object: apiVersion, kind and metadata with name, namespace and labels. `ownership` decides
// whether the labels say which job it belongs to.
Object make_object(const Plan& plan, std::string_view api_version, std::string_view kind, const std::string& name,
                   Ownership ownership);

// Where the processes of a job find each other; torchrun's own default.
inline constexpr int rendezvous_port = 29500;

}  // namespace ktrain
