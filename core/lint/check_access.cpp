// Roles and their bindings: what a rule must name, who may be bound, and to which role.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

void check_rules(const Spot& rules, bool namespaced, Findings& findings) {
    for (const Spot& rule : rules.items()) {
        const Spot urls = rule["nonResourceURLs"];
        if (size_of(urls) > 0) {
            if (namespaced) forbid(findings, urls, "URLs belong to no namespace: they are for a ClusterRole");
            if (size_of(rule["apiGroups"]) + size_of(rule["resources"]) + size_of(rule["resourceNames"]) > 0)
                forbid(findings, urls, "a rule is for resources or for URLs");
            continue;
        }
        for (const char* field : {"apiGroups", "resources"}) {
            const Spot list = rule[field];
            if (size_of(list) == 0 && (!list || list.is(yaml::Kind::sequence)))
                require(findings, list, "a rule for resources names them and their groups ('' is the group of Pod)");
        }
    }
}

void check_subjects(const Spot& subjects, bool namespaced, Findings& findings) {
    for (const Spot& subject : subjects.items()) {
        const std::string_view kind = subject["kind"].text();
        const Spot group = subject["apiGroup"];
        const Spot name = subject["name"];
        if (kind == "ServiceAccount") {
            const std::string problem = name.text().empty() ? "" : dns_subdomain_problem(name.text());
            if (!problem.empty())
                findings.add("KT007", name.place(), "the name of an account " + shown(name.text()) + " " + problem);
            if (!group.text().empty()) forbid(findings, group, "a ServiceAccount has no group");
            if (!namespaced && subject["namespace"].text().empty())
                require(findings, subject["namespace"], "a ServiceAccount is in a namespace");
        }
    }
}

void check_role_name(const Spot& name, Findings& findings) {
    const std::string problem = path_segment_problem(name.text());
    if (!problem.empty())
        findings.add("KT007", name.place(), "the name of a role " + shown(name.text()) + " " + problem);
}

// The server keeps none of them, and wants nothing but a namespace; what it writes itself it has taken out before.
// Source: kubernetes pkg/apis/authorization/validation, and apiserver pkg/registry/rest, WipeObjectMetaSystemFields.
void forbid_metadata(const Spot& review, Findings& findings) {
    constexpr std::array<std::string_view, 7> allowed{"creationTimestamp",
                                                      "deletionGracePeriodSeconds",
                                                      "deletionTimestamp",
                                                      "managedFields",
                                                      "namespace",
                                                      "selfLink",
                                                      "uid"};
    for (const Spot& field : review["metadata"].members()) {
        const std::string name = yaml::key_text(*field.key);
        const bool empty =
            field.is(yaml::Kind::null) ||
            (field.node->is_scalar() ? field.text().empty() : field.node->items.empty() && field.node->entries.empty());
        if (empty || std::ranges::find(allowed, name) != allowed.end()) continue;
        refuse(findings, "KT030", field.key_place(), review["metadata"],
               "'" + printable(name) +
                   "' may not be set: the server answers this question, and keeps no object of a "
                   "name or with labels",
               "remove it");
    }
}

}  // namespace

// Source: kubernetes pkg/registry/authorization/selfsubjectrulesreview.
void check_rules_review(const Spot& review, Findings& findings) {
    const Spot space = review["spec"]["namespace"];
    if (!space || (space.is(yaml::Kind::string) && space.text().empty()))
        require(findings, space, "the rules are those of one namespace");
}

void check_role(const Spot& role, Findings& findings) {
    check_rules(role["rules"], true, findings);
}

void check_cluster_role(const Spot& role, Findings& findings) {
    check_rules(role["rules"], false, findings);
    const Spot aggregation = role["aggregationRule"];
    const Spot selectors = aggregation["clusterRoleSelectors"];
    if (aggregation && size_of(selectors) == 0)
        require(findings, selectors, "an aggregationRule selects the roles that it adds up");
}

void check_role_binding(const Spot& binding, Findings& findings) {
    check_subjects(binding["subjects"], true, findings);
    check_role_name(binding["roleRef"]["name"], findings);
}

void check_cluster_binding(const Spot& binding, Findings& findings) {
    check_subjects(binding["subjects"], false, findings);
    check_role_name(binding["roleRef"]["name"], findings);
    const Spot kind = binding["roleRef"]["kind"];
    if (kind.text() == "Role")
        findings.add("KT006", kind.place(), "a ClusterRoleBinding binds a ClusterRole, not a Role",
                     "write a RoleBinding, or kind: ClusterRole");
}

// What is asked, and on whose behalf. Source: pkg/apis/authorization/validation.
void check_access_review(const Spot& review, Findings& findings) {
    forbid_metadata(review, findings);
    const std::string_view kind = review["kind"].text();
    const Spot spec = review["spec"], resource = spec["resourceAttributes"], url = spec["nonResourceAttributes"];
    if (!spec) return;  // KT008
    if (!resource && !url) require(findings, resource, "a review asks for a resource, or for a URL");
    if (resource || kind == "LocalSubjectAccessReview")
        forbid(findings, url, resource ? "the review asks for a resource" : "a URL is in no namespace");
    if (kind != "SelfSubjectAccessReview" && spec["user"].text().empty() && size_of(spec["groups"]) == 0)
        require(findings, spec["user"], "a review is for a user or groups");
    const Spot space = review["metadata"]["namespace"], asked = resource["namespace"];
    if (kind == "LocalSubjectAccessReview" && resource && space && space.text() != asked.text())
        contradict(findings, asked, "the review is in the namespace " + shown(space.text()),
                   "write that namespace here too");
}

}  // namespace ktrain::lint
