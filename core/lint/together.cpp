// The table of checks by type, and the words in which they report.
#include "core/lint/together.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

struct Row {
    std::string_view type;
    TogetherCheck check;
    bool pods = true;  // also in objects that make pods
};

constexpr std::array table{
    Row{"APIService", check_api_service},
    Row{"CSINodeDriver", check_csi_driver},
    Row{"CertificateSigningRequestSpec", check_signing_request},
    Row{"ClusterRole", check_cluster_role},
    Row{"ClusterRoleBinding", check_cluster_binding},
    Row{"ConfigMap", check_config_map},
    Row{"CustomResourceDefinition", check_crd},
    Row{"DeviceClaim", check_device_claim},
    Row{"DeviceConstraint", check_device_constraint},
    Row{"DeviceRequest", check_device_request},
    Row{"DeviceSelector", check_device_selector},
    Row{"DeviceSubRequest", check_device_count},
    Row{"EndpointSlice", check_endpoint_slice},
    Row{"EndpointSubset", check_endpoint_subset},
    Row{"Event", check_event},
    Row{"ExactDeviceRequest", check_device_count},
    Row{"FlowSchema", check_flow_schema},
    Row{"HTTPIngressPath", check_ingress_path},
    Row{"HorizontalPodAutoscalerSpec", check_autoscaler},
    Row{"IPBlock", check_ip_block},
    Row{"Ingress", check_ingress_annotation},
    Row{"IngressBackend", check_ingress_backend},
    Row{"IngressClassParametersReference", check_ingress_class},
    Row{"IngressRule", check_ingress_rule},
    Row{"IngressSpec", check_ingress},
    Row{"LabelSelector", check_selector_keys, false},
    Row{"LabelSelectorRequirement", check_selector_values, false},
    Row{"LimitRangeItem", check_limit_range},
    Row{"LocalSubjectAccessReview", check_access_review},
    Row{"MetricSpec", check_metric},
    Row{"MutatingAdmissionPolicyBindingSpec", check_mutating_binding},
    Row{"MutatingAdmissionPolicySpec", check_mutating_policy},
    Row{"MutatingWebhook", check_webhook_name},
    Row{"NamedRuleWithOperations", check_admission_rule},
    Row{"Namespace", check_namespace},
    Row{"NetworkPolicyPeer", check_policy_peer},
    Row{"NetworkPolicyPort", check_policy_port},
    Row{"NodeSelectorRequirement", check_node_values, false},
    Row{"NodeSpec", check_node},
    Row{"NonResourcePolicyRule", check_flow_rule},
    Row{"ObjectMeta", check_object_meta},
    Row{"ParamKind", check_param_kind},
    Row{"ParamRef", check_params},
    Row{"PersistentVolumeClaimSpec", check_claim},
    Row{"PersistentVolumeSpec", check_volume},
    Row{"PodDisruptionBudgetSpec", check_disruption_budget},
    Row{"PriorityClass", check_priority_class},
    Row{"PriorityLevelConfigurationSpec", check_priority_level},
    Row{"ResourceClaimTemplateSpec", check_claim_template},
    Row{"ResourcePolicyRule", check_flow_rule},
    Row{"ResourceQuotaSpec", check_quota},
    Row{"ResourceSliceSpec", check_resource_slice},
    Row{"Role", check_role},
    Row{"RoleBinding", check_role_binding},
    Row{"RuleWithOperations", check_admission_rule},
    Row{"Scheduling", check_scheduling_of_class},
    Row{"ScopedResourceSelectorRequirement", check_scope},
    Row{"Secret", check_secret},
    Row{"SelfSubjectAccessReview", check_access_review},
    Row{"SelfSubjectRulesReview", check_rules_review},
    Row{"Service", check_service},
    Row{"ServiceCIDRSpec", check_service_ranges},
    Row{"ServiceSpec", check_service_spec},
    Row{"StorageClass", check_topologies},
    Row{"Subject", check_flow_subject},
    Row{"SubjectAccessReview", check_access_review},
    Row{"Toleration", check_toleration, false},
    Row{"ValidatingAdmissionPolicyBindingSpec", check_actions},
    Row{"ValidatingAdmissionPolicySpec", check_admission_policy},
    Row{"ValidatingWebhook", check_webhook_name},
    Row{"WebhookClientConfig", check_webhook_client},
};
static_assert(std::ranges::is_sorted(table, {}, &Row::type));

}  // namespace

void check_together(Findings& findings, const Trail& at, Type type, bool pods) {
    const std::string_view name = type.name();
    if (name.empty()) return;
    const auto found = std::ranges::lower_bound(table, name, {}, &Row::type);
    if (found != table.end() && found->type == name && (found->pods || !pods)) found->check(at.spot(), findings);
}

void refuse(Findings& findings, std::string_view rule, Place at, const Spot& owner, std::string message,
            std::string fix) {
    at.path = owner.path;
    findings.add(rule, std::move(at), std::move(message), std::move(fix));
}

std::string field_of(const Spot& spot) {
    const std::string_view path = spot.path;
    if (path.ends_with("\"]")) {
        const std::size_t open = path.rfind("[\"");
        return std::string(path.substr(open + 2, path.size() - open - 4));
    }
    return std::string(path.substr(path.rfind('.') + 1));
}

void require(Findings& findings, const Spot& absent, std::string_view why) {
    const std::string field = field_of(absent);
    findings.add("KT008", absent.place(), "the field '" + printable(field) + "' is missing: " + std::string(why),
                 "add " + printable(field));
}

void forbid(Findings& findings, const Spot& there, std::string_view why) {
    if (!there) return;
    findings.add("KT030", there.key_place(), "'" + printable(field_of(there)) + "' may not be set: " + std::string(why),
                 "remove it, or change what it contradicts");
}

void contradict(Findings& findings, const Spot& at, std::string message, std::string fix) {
    findings.add("KT030", at.place(), std::move(message), std::move(fix));
}

void forbid_null(const Spot& list, std::string_view why, Findings& findings) {
    for (const Spot& item : all_items(list))
        if (item.is(yaml::Kind::null))
            contradict(findings, item, "the item is null, and " + std::string(why), "remove the item");
}

std::optional<std::int64_t> number_of(const Spot& spot) {
    return Value(spot).number();
}

bool has_item(const Spot& list, std::string_view text) {
    return std::ranges::any_of(list.items(), [&](const Spot& item) { return item.text() == text; });
}

std::vector<Spot> all_items(const Spot& list) {
    std::vector<Spot> found;
    for (std::size_t i = 0; i < size_of(list); ++i) {
        const yaml::Node& item = list.node->items[i];
        found.push_back({&item, nullptr, join_path(list.path, i), item.line, item.column});
    }
    return found;
}

std::size_t size_of(const Spot& list) {
    return list.is(yaml::Kind::sequence) ? list.node->items.size() : 0;
}

}  // namespace ktrain::lint
