// What the fields of one object must be together, by the name of its type: no single value is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/lint/rule.h"
#include "core/lint/trail.h"

namespace ktrain::lint {

// Runs the check of the type, where there is one. `at` may be null: an item that is read as an object without fields.
// `pods`: the object makes pods, and what is in them has checks of its own (check_pods.cpp).
void check_together(Findings& findings, const Trail& at, Type type, bool pods);

// KT008: a field that is needed because of what stands beside it, which `why` says ("of type ExternalName").
void require(Findings& findings, const Spot& absent, std::string_view why);
// KT030: a field that is there and may not be, because of what stands beside it. Nothing where it is not there.
void forbid(Findings& findings, const Spot& there, std::string_view why);
// KT030: values that contradict each other.
void contradict(Findings& findings, const Spot& at, std::string message, std::string fix);

// At the place, under the path of `owner`: of rules of CRDs the server names what they are on, and no more.
void refuse(Findings& findings, std::string_view rule, Place at, const Spot& owner, std::string message,
            std::string fix);

// "port" of "spec.ports[1].port".
std::string field_of(const Spot& spot);
// A whole number; nothing for what KT004 reports.
std::optional<std::int64_t> number_of(const Spot& spot);
// Whether the item of a list of texts is there.
bool has_item(const Spot& list, std::string_view text);
// The items, null ones included; and their number.
std::vector<Spot> all_items(const Spot& list);
std::size_t size_of(const Spot& list);

// What the operators of custom resources refuse, by kind.
void check_training_job(const Object& object, Findings& findings);       // check_training_jobs.cpp
void check_jobs_of_operators(const Object& object, Findings& findings);  // check_jobsets.cpp
// What a HorizontalPodAutoscaler scales. check_scaling.cpp
// KT030 for each item that is null, where that cannot be: "no range is ''".
void forbid_null(const Spot& list, std::string_view why, Findings& findings);
void check_scale_target(const Object& object, const Target& target, Findings& findings);
void check_jobset_claims(const Spot& spec, Findings& findings);  // check_jobset_claims.cpp

// The checks, by the file that holds them.
using TogetherCheck = void (*)(const Spot& object, Findings& findings);
void check_node_values(const Spot& requirement, Findings& findings);  // check_label_selectors.cpp
void check_scheduling_of_class(const Spot& scheduling, Findings& findings);
void check_selector_keys(const Spot& selector, Findings& findings);
void check_selector_values(const Spot& requirement, Findings& findings);
void check_toleration(const Spot& toleration, Findings& findings);
void check_service(const Spot& service, Findings& findings);  // check_services.cpp
void check_service_spec(const Spot& spec, Findings& findings);
void check_endpoint_slice(const Spot& slice, Findings& findings);
void check_endpoint_subset(const Spot& subset, Findings& findings);
void check_ingress(const Spot& spec, Findings& findings);  // check_network.cpp
void check_ingress_annotation(const Spot& ingress, Findings& findings);
void check_ingress_backend(const Spot& backend, Findings& findings);
void check_ingress_class(const Spot& parameters, Findings& findings);
void check_ingress_path(const Spot& path, Findings& findings);
void check_ingress_rule(const Spot& rule, Findings& findings);
void check_ip_block(const Spot& block, Findings& findings);
void check_policy_peer(const Spot& peer, Findings& findings);
void check_service_ranges(const Spot& spec, Findings& findings);
void check_policy_port(const Spot& port, Findings& findings);
void check_claim(const Spot& spec, Findings& findings);  // check_storage.cpp
void check_volume(const Spot& spec, Findings& findings);
void check_csi_driver(const Spot& driver, Findings& findings);
void check_topologies(const Spot& storage_class, Findings& findings);
void check_limit_range(const Spot& item, Findings& findings);  // check_quotas.cpp
void check_quota(const Spot& spec, Findings& findings);
void check_scope(const Spot& requirement, Findings& findings);
void check_access_review(const Spot& review, Findings& findings);  // check_access.cpp
void check_cluster_binding(const Spot& binding, Findings& findings);
void check_cluster_role(const Spot& role, Findings& findings);
void check_role(const Spot& role, Findings& findings);
void check_rules_review(const Spot& review, Findings& findings);
void check_role_binding(const Spot& binding, Findings& findings);
void check_autoscaler(const Spot& spec, Findings& findings);  // check_scaling.cpp
void check_disruption_budget(const Spot& spec, Findings& findings);
void check_metric(const Spot& metric, Findings& findings);
void check_device_claim(const Spot& claim, Findings& findings);  // check_devices.cpp
void check_claim_template(const Spot& spec, Findings& findings);
void check_device_constraint(const Spot& constraint, Findings& findings);
void check_device_count(const Spot& request, Findings& findings);
void check_device_request(const Spot& request, Findings& findings);
void check_resource_slice(const Spot& spec, Findings& findings);    // check_slices.cpp
void check_admission_policy(const Spot& spec, Findings& findings);  // check_admission.cpp
void check_admission_rule(const Spot& rule, Findings& findings);
void check_actions(const Spot& spec, Findings& findings);
void check_mutating_binding(const Spot& spec, Findings& findings);
void check_mutating_policy(const Spot& spec, Findings& findings);
void check_param_kind(const Spot& params, Findings& findings);
void check_params(const Spot& reference, Findings& findings);
// `what`: AdmissionReview, as the message calls it.
void check_review_versions(const Spot& versions, const std::string& what, Findings& findings);
void check_webhook_client(const Spot& client, Findings& findings);
void check_webhook_name(const Spot& webhook, Findings& findings);
void check_api_service(const Spot& service, Findings& findings);  // check_extensions.cpp
void check_crd(const Spot& crd, Findings& findings);
// `path`: of the schema as the server names it. Not in the table: check_crd() calls it.
// What the server calls the schema of a version: where there is one version, that of all.
std::string path_of_schema(const Spot& spec, const Spot& schema);                        // check_crd_schema.cpp
void check_crd_schema(const Spot& schema, const std::string& path, Findings& findings);  // check_crd_schema.cpp
// A part of a schema, by itself; what rules it has: crd_rules.h. `root`: of the resource itself.
void check_crd_structure(const Spot& schema, const std::string& path, bool root, Findings& findings);
// `path`: of the list as the server names it.
void check_selectable_fields(const Spot& version, const std::string& path, Findings& findings);
void check_device_selector(const Spot& selector, Findings& findings);
void check_policy_expressions(const Spot& spec, Findings& findings);
void check_webhook_conditions(const Spot& webhook, Findings& findings);
void check_flow_rule(const Spot& rule, Findings& findings);
void check_flow_schema(const Spot& flow, Findings& findings);
void check_flow_subject(const Spot& subject, Findings& findings);
void check_signing_request(const Spot& spec, Findings& findings);
void check_priority_level(const Spot& spec, Findings& findings);
void check_config_map(const Spot& map, Findings& findings);  // check_config.cpp
void check_event(const Spot& event, Findings& findings);
void check_namespace(const Spot& space, Findings& findings);
void check_node(const Spot& spec, Findings& findings);
void check_object_meta(const Spot& metadata, Findings& findings);
void check_priority_class(const Spot& priority, Findings& findings);
void check_secret(const Spot& secret, Findings& findings);

}  // namespace ktrain::lint
