// What extends the API server: resources, services behind it, and how requests share it.
#include <cmath>
#include <set>

#include "core/base/api_names.h"
#include "core/base/base64.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

// The name of the object is made from two fields of its spec.
void check_derived_name(const Spot& object, const std::string& wanted, std::string_view made_of, Findings& findings) {
    if (wanted.starts_with('.') || wanted == ".") return;  // KT008 reports what is missing
    const Spot metadata = object["metadata"];
    for (const char* field : {"name", "generateName"}) {
        const Spot name = metadata[field];
        if (!name.is(yaml::Kind::string) || name.text().empty() || name.text() == wanted) continue;
        findings.add("KT030", name.place(),
                     "the name must be " + std::string(made_of) + ", " + shown(wanted) + ", got " + shown(name.text()),
                     "write name: " + printable(wanted));
    }
}

void check_deprecation(const Spot& version, Findings& findings) {
    constexpr std::size_t most = 256;
    const Spot warning = version["deprecationWarning"];
    if (!warning.is(yaml::Kind::string)) return;
    if (!version["deprecated"].is_true())
        forbid(findings, warning, "the version is not deprecated");
    else if (warning.text().empty() || warning.text().size() > most)
        findings.add("KT006", warning.place(), "the warning must have 1 to 256 characters", "write one short sentence");
}

// Source: apiextensions-apiserver pkg/apihelpers, GetAPIApprovalState.
void check_approval(const Spot& approval, Findings& findings) {
    const std::string_view text = approval.text();
    if (text.empty()) return require(findings, approval, "groups of Kubernetes are for APIs that it has approved");
    const std::size_t colon = text.find("://");
    const bool url = colon != std::string_view::npos && colon > 0 && colon + 3 < text.size() && text[colon + 3] != '/';
    if (url || text.starts_with("unapproved")) return;
    findings.add("KT006", approval.place(), "the approval " + shown(text) + " is no URL",
                 "write the URL of the pull request, or \"unapproved, experimental-only\"");
}

void check_conversion(const Spot& conversion, Findings& findings) {
    const Spot webhook = conversion["webhook"];
    if (conversion["strategy"].text() == "None") {
        forbid(findings, webhook["clientConfig"], "the strategy is None");
        if (size_of(webhook["conversionReviewVersions"]) > 0)
            forbid(findings, webhook["conversionReviewVersions"], "the strategy is None");
    }
    if (conversion["strategy"].text() != "Webhook") return;
    if (!webhook["clientConfig"]) require(findings, webhook["clientConfig"], "the strategy is Webhook");
    check_review_versions(webhook["conversionReviewVersions"], "ConversionReview", findings);
}

void check_versions_of(const Spot& spec, Findings& findings) {
    const Spot versions = spec["versions"];
    std::set<std::string, std::less<>> names;
    int stored = 0;
    bool unique = true;
    for (const Spot& version : versions.items()) {
        unique = names.emplace(version["name"].text()).second && unique;
        stored += version["storage"].is_true() ? 1 : 0;
        const Spot schema = version["schema"]["openAPIV3Schema"];
        if (!schema) {
            require(findings, schema, "each version has a schema");
        } else {
            check_crd_schema(schema, path_of_schema(spec, schema), findings);
        }
        check_deprecation(version, findings);
        for (const Spot& member : version["subresources"]["status"].members())  // an object that has no fields
            findings.add("KT003", member.key_place(),
                         "unknown field " + shown(field_of(member)) + " in the subresource",
                         "write status: {}; the fields of the status stand in the schema");
        const bool single = size_of(versions) == 1;
        check_selectable_fields(version, join_path(single ? spec.path : version.path, "selectableFields"), findings);
    }
    if (!unique)
        findings.add("KT018", versions.key_place(), "two versions have the same name", "give each its own name");
    if (size_of(versions) > 0 && stored != 1)
        findings.add("KT030", versions.key_place(),
                     std::to_string(stored) + " versions have storage: true, it must be one",
                     "set storage: true in the one that etcd keeps, false in the others");
}

void check_kind_names(const Spot& names, Findings& findings) {
    for (const char* field : {"kind", "listKind"}) {
        const Spot name = names[field];
        const std::string problem = name.text().empty() ? "" : dns_label_1035_problem(lower(name.text()));
        if (!problem.empty())
            findings.add("KT007", name.place(),
                         std::string(field) + " " + shown(name.text()) +
                             " must be letters, digits and '-', and begin with a letter");
    }
    if (!names["kind"].text().empty() && names["kind"].text() == names["listKind"].text())
        contradict(findings, names["listKind"], "kind and listKind are the same",
                   "write listKind: " + printable(names["kind"].text()) + "List");
}

// Requests are dealt to a hand of queues, which a hash of 60 bits chooses. Source: apiserver
// pkg/util/shufflesharding, RequiredEntropyBits.
void check_queues(const Spot& queuing, Findings& findings) {
    constexpr std::int64_t usual_queues = 64, usual_hand = 8;
    constexpr double bits = 60;
    const auto given = [&](const char* field, std::int64_t usual) {
        const std::int64_t number = number_of(queuing[field]).value_or(0);
        return number == 0 ? usual : number;
    };
    const std::int64_t queues = given("queues", usual_queues), hand = given("handSize", usual_hand);
    if (!queuing || queues < 0 || hand < 0) return;  // KT004
    const bool many = std::ceil(std::log2(static_cast<double>(queues)) * static_cast<double>(hand)) > bits;
    if (hand > queues || many)
        contradict(
            findings, queuing["handSize"],
            hand > queues
                ? "handSize " + std::to_string(hand) + " is more than the queues, " + std::to_string(queues)
                : "a hash cannot deal " + std::to_string(queues) + " queues to a handSize of " + std::to_string(hand),
            "lower handSize");
}

}  // namespace

void check_crd(const Spot& crd, Findings& findings) {
    const Spot spec = crd["spec"];
    const Spot group = spec["group"];
    const std::string wanted = std::string(spec["names"]["plural"].text()) + "." + std::string(group.text());
    check_derived_name(crd, wanted, "spec.names.plural + '.' + spec.group", findings);
    const std::string problem = group.text().empty() ? "" : dns_subdomain_problem(group.text());
    if (!group.text().empty() && (!problem.empty() || group.text().find('.') == std::string_view::npos))
        findings.add(
            "KT007", group.place(),
            "the group " + shown(group.text()) + " " + (problem.empty() ? "must be a domain with a dot" : problem));
    check_kind_names(spec["names"], findings);
    check_versions_of(spec, findings);
    if (spec["preserveUnknownFields"].is_true())
        contradict(findings, spec["preserveUnknownFields"], "preserveUnknownFields belongs to v1beta1",
                   "write x-kubernetes-preserve-unknown-fields: true in the schema");
    const bool kubernetes = group.text().ends_with(".k8s.io") || group.text().ends_with(".kubernetes.io");
    const Spot approval = crd["metadata"]["annotations"]["api-approved.kubernetes.io"];
    if (kubernetes) check_approval(approval, findings);
    check_conversion(spec["conversion"], findings);
}

void check_api_service(const Spot& service, Findings& findings) {
    const Spot spec = service["spec"];
    const std::string version(spec["version"].text());
    check_derived_name(service, version + "." + std::string(spec["group"].text()), "spec.version + '.' + spec.group",
                       findings);
    const std::string problem = dns_label_1035_problem(version);
    if (spec && (spec["version"].is(yaml::Kind::string) || !spec["version"]) && !problem.empty())
        findings.add("KT007", spec["version"].place(), "the version " + shown(version) + " " + problem,
                     "write a version such as v1");
    if (spec && spec["group"].text().empty() && version != "v1")
        require(findings, spec["group"], "an API belongs to a group");
    const bool trusting = spec["insecureSkipTLSVerify"].is_true();
    if (spec.is(yaml::Kind::mapping) && !spec["service"]) {
        if (trusting) forbid(findings, spec["insecureSkipTLSVerify"], "the API has no service behind it");
        if (!spec["caBundle"].text().empty()) forbid(findings, spec["caBundle"], "the API has no service behind it");
    }
    if (trusting && !spec["caBundle"].text().empty())
        contradict(findings, spec["insecureSkipTLSVerify"], "caBundle is of no use with insecureSkipTLSVerify",
                   "remove insecureSkipTLSVerify");
}

void check_flow_schema(const Spot& flow, Findings& findings) {
    const Spot spec = flow["spec"];
    const Spot precedence = spec["matchingPrecedence"];
    if (number_of(precedence) == 1 && flow["metadata"]["name"].text() != "exempt")
        contradict(findings, precedence, "matchingPrecedence 1 is for the schema 'exempt' alone", "write 2 or more");
    for (const Spot& rule : spec["rules"].items()) {
        if (size_of(rule["resourceRules"]) + size_of(rule["nonResourceRules"]) == 0)
            findings.add("KT008", rule.place(), "the rule has neither resourceRules nor nonResourceRules", "add one");
        for (const Spot& resources : rule["resourceRules"].items()) {
            const bool cluster = resources["clusterScope"].is_true();
            if (!cluster && size_of(resources["namespaces"]) == 0)
                require(findings, resources["namespaces"],
                        "the rule is not for resources of the cluster (clusterScope)");
        }
    }
}

void check_flow_rule(const Spot& rule, Findings& findings) {
    for (const char* field : {"verbs", "apiGroups", "resources", "namespaces", "nonResourceURLs"}) {
        const Spot list = rule[field];
        if (has_item(list, "*") && size_of(list) > 1)
            contradict(findings, list, std::string("* stands for all ") + field + ": nothing goes beside it",
                       "keep '*' alone, or the others");
    }
}

void check_signing_request(const Spot& spec, Findings& findings) {
    const Spot request = spec["request"];
    const auto text = base64_decode(request.text());
    if (!request.is(yaml::Kind::string) || !text || text->find("BEGIN CERTIFICATE REQUEST") != std::string::npos)
        return;
    findings.add("KT006", request.place(), "the request is no CERTIFICATE REQUEST in PEM",
                 "make it with: openssl req -new ... | base64 -w0");
}

void check_flow_subject(const Spot& subject, Findings& findings) {
    const std::string_view kind = subject["kind"].text();
    if (!subject["user"] && !subject["group"] && !subject["serviceAccount"] && subject["name"]) return;  // of a binding
    for (const auto& [word, field] :
         {std::pair{"User", "user"}, {"Group", "group"}, {"ServiceAccount", "serviceAccount"}}) {
        const Spot there = subject[field];
        if (kind == word && !there) require(findings, there, "the subject is a " + std::string(word));
        if (kind != word && there && (kind == "User" || kind == "Group" || kind == "ServiceAccount"))
            forbid(findings, there, "the subject is a " + std::string(kind));
    }
}

void check_priority_level(const Spot& spec, Findings& findings) {
    const std::string_view type = spec["type"].text();
    if (type == "Exempt") forbid(findings, spec["limited"], "the type is Exempt");
    if (type != "Limited") return;
    forbid(findings, spec["exempt"], "the type is Limited");
    if (!spec["limited"]) return require(findings, spec["limited"], "the type is Limited");
    const Spot response = spec["limited"]["limitResponse"];
    const Spot queuing = response["queuing"];
    if (response["type"].text() == "Reject") forbid(findings, queuing, "requests are rejected, not queued");
    if (response["type"].text() == "Queue" && !queuing) require(findings, queuing, "requests are queued");
    check_queues(queuing, findings);
}

}  // namespace ktrain::lint
