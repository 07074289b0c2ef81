// What operators refuse of their own kinds, by their webhooks and by the rules of their CRDs: a table of checks by
// kind.
#pragma once

#include "core/lint/together.h"

namespace ktrain::lint {

// Nothing of kinds that are not in the table.
void check_operator_kind(const Object& object, Findings& findings);

// What the API server says of the parts that an operator makes pods, Jobs and claims of. `first`: of the findings on
// the object; what is among them is not said twice. check_parts.cpp
void check_parts(const Object& object, const Bundle& bundle, std::size_t first, Findings& findings);
// One of them, of a type of Kubernetes. structure.cpp
void check_part(const Object& object, const Bundle& bundle, const Spot& part, Type type, Findings& findings);

// Of kinds of Kubernetes as well: what they ask Kueue for. check_kueue_jobs.cpp
void check_kueue_marks(const Object& object, Findings& findings);

// KT021, of kinds of Kubernetes as well. check_made_names.cpp
void check_made_names(const Object& object, Findings& findings);

// The checks, by the file that holds them. Sources: the module beside each row of the table.
using OperatorCheck = void (*)(const Object& object, Findings& findings);
void check_cluster_queue(const Object& object, Findings& findings);  // check_kueue_quotas.cpp
void check_cohort(const Object& object, Findings& findings);
void check_flavor(const Object& object, Findings& findings);  // check_kueue.cpp
void check_kueue_workload(const Object& object, Findings& findings);
void check_multi_kueue_cluster(const Object& object, Findings& findings);
void check_multi_kueue_config(const Object& object, Findings& findings);
void check_topology(const Object& object, Findings& findings);
void check_group_set(const Object& object, Findings& findings);  // check_groups.cpp
void check_mpi_job(const Object& object, Findings& findings);
void check_ray_cluster(const Object& object, Findings& findings);  // check_ray.cpp
void check_ray_cron(const Object& object, Findings& findings);
void check_ray_job(const Object& object, Findings& findings);
void check_ray_service(const Object& object, Findings& findings);
void check_volcano_cron(const Object& object, Findings& findings);  // check_volcano.cpp
void check_volcano_job(const Object& object, Findings& findings);
void check_volcano_topology(const Object& object, Findings& findings);

}  // namespace ktrain::lint
