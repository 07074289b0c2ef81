// Webhooks and admission policies: what they look at, whom they ask, names that are unique.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

void check_star(const Spot& list, Findings& findings) {
    if (has_item(list, "*") && size_of(list) > 1)
        contradict(findings, list, "* stands for all of " + field_of(list) + ": nothing goes beside it",
                   "keep '*' alone, or the others");
}

void check_resources_of(const Spot& resources, Findings& findings) {
    if (has_item(resources, "*/*") && size_of(resources) > 1)
        contradict(findings, resources, "*/* stands for all resources: nothing goes beside it", "keep '*/*' alone");
    bool plain = false;
    for (const Spot& resource : resources.items()) {
        const std::string_view text = resource.text();
        plain = plain || (text != "*" && text.find('/') == std::string_view::npos);
        const std::size_t slash = text.find('/');
        if (slash == std::string_view::npos || text == "*/*") continue;
        const bool covered =
            (text.substr(slash) != "/*" && has_item(resources, std::string(text.substr(0, slash)) + "/*")) ||
            (text.substr(0, slash) != "*" && has_item(resources, "*" + std::string(text.substr(slash))));
        if (covered)
            contradict(findings, resource, shown(text) + " is a part of another item with *", "remove one of them");
    }
    if (plain && has_item(resources, "*"))
        contradict(findings, resources, "* stands for all resources: no other goes beside it", "keep '*' alone");
}

// The path of a webhook's service. Source: apiserver pkg/util/webhook, ValidateWebhookService.
void check_service_path(const Spot& path, Findings& findings) {
    std::string_view text = path.text();
    if (text.empty() || text == "/") return;
    std::string problem = text.starts_with('/') ? "" : "does not begin with /";
    if (text.starts_with('/')) text.remove_prefix(1);
    if (text.ends_with('/')) text.remove_suffix(1);
    for (const std::string& step : split(text, '/'))
        if (problem.empty() && !dns_subdomain_problem(step).empty())
            problem = step.empty() ? "has an empty part" : "has a part that " + dns_subdomain_problem(step);
    if (!problem.empty())
        findings.add("KT006", path.place(), "the path " + shown(path.text()) + " " + problem, "write it like /check");
}

}  // namespace

// Null is the empty text.
void check_review_versions(const Spot& versions, const std::string& what, Findings& findings) {
    if (size_of(versions) > 0 && !has_item(versions, "v1") && !has_item(versions, "v1beta1"))
        findings.add("KT006", versions.place(), "the API server knows none of these versions of " + what, "add v1");
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < size_of(versions); ++i) {
        const yaml::Node& item = versions.node->items[i];
        const Spot version{&item, nullptr, join_path(versions.path, i), item.line, item.column};
        const std::string_view text = item.kind == yaml::Kind::null ? std::string_view() : version.text();
        const std::string problem = dns_label_1035_problem(text);
        if (!seen.insert(text).second)
            findings.add("KT018", version.place(), "the version " + shown(text) + " is there twice",
                         "keep one of them");
        else if (!problem.empty() && (item.kind == yaml::Kind::null || item.kind == yaml::Kind::string))
            findings.add("KT007", version.place(), "the version " + shown(text) + " " + problem, "write v1");
    }
}

namespace {

void check_match_constraints(const Spot& constraints, Findings& findings) {
    const Spot rules = constraints["resourceRules"];
    if (constraints && size_of(rules) == 0 && (!rules || rules.is(yaml::Kind::sequence)))
        require(findings, rules, "a policy says which objects it looks at");
}

// One that is not there at all is KT008 of the table of types.
void check_expression_text(const Spot& expression, Findings& findings) {
    if (expression.is(yaml::Kind::string) && !expression.text().empty() && trim(expression.text()).empty())
        findings.add("KT008", expression.place(), "the expression is empty", "write a condition in CEL");
}

void check_expressions_of(const Spot& spec, std::initializer_list<const char*> lists, Findings& findings) {
    for (const char* list : lists)
        for (const Spot& item : spec[list].items()) check_expression_text(item["expression"], findings);
}

// Objects are changed when they are made or written, not when they go. The server names no rule.
void check_mutable_operations(const Spot& resources, Findings& findings) {
    const Spot rules = resources["resourceRules"];
    for (const Spot& rule : rules.items())
        for (const Spot& operation : rule["operations"].items())
            if (operation.text() == "DELETE") {
                Place at = operation.place();
                at.path = join_path(rules.path, "operations");
                findings.add("KT006", std::move(at), "a policy that mutates cannot look at DELETE",
                             "write CREATE, UPDATE or CONNECT");
            }
}

// The one patch that the type asks for, and not the other.
void check_mutation(const Spot& mutation, Findings& findings) {
    const std::string_view type = mutation["patchType"].text();
    constexpr std::array patches{std::pair{"ApplyConfiguration", "applyConfiguration"},
                                 std::pair{"JSONPatch", "jsonPatch"}};
    if (std::ranges::none_of(patches, [&](const auto& patch) { return patch.first == type; })) return;
    for (const auto& [name, field] : patches) {
        const Spot patch = mutation[field];
        if (name != type)
            forbid(findings, patch, "patchType is " + std::string(type));
        else if (!patch)
            require(findings, patch, "patchType is " + std::string(type));
        else
            check_expression_text(patch["expression"], findings);
    }
}

}  // namespace

void check_admission_rule(const Spot& rule, Findings& findings) {
    for (const char* field : {"apiGroups", "apiVersions", "operations", "resources"}) {
        const Spot list = rule[field];
        if (size_of(list) == 0 && (!list || list.is(yaml::Kind::sequence)))
            require(findings, list, "a rule says what it looks at ('*' is everything)");
    }
    for (const char* field : {"apiGroups", "apiVersions", "operations"}) check_star(rule[field], findings);
    check_resources_of(rule["resources"], findings);
}

void check_webhook_client(const Spot& client, Findings& findings) {
    if (static_cast<bool>(client["url"]) == static_cast<bool>(client["service"]))
        findings.add(client["url"] ? "KT030" : "KT008", client.place(),
                     client["url"] ? "a webhook has a url and a service" : "a webhook has neither a url nor a service",
                     "write one of them");
    const Spot url = client["url"];
    if (url.is(yaml::Kind::string) && !url.text().starts_with("https://"))
        findings.add("KT006", url.place(), "the url " + shown(url.text()) + " is not of https",
                     "begin it with https://");
    const Spot service = client["service"];
    if (!service.is(yaml::Kind::mapping)) return;
    check_service_path(service["path"], findings);
    for (const char* field : {"name", "namespace"}) {
        if (service[field].text().empty() && (!service[field] || service[field].is(yaml::Kind::string))) {
            Spot absent = service[field];
            // The server takes the one for the other.
            absent.path = service[field == std::string_view("name") ? "namespace" : "name"].path;
            findings.add("KT008", absent.place(), std::string("the service of the webhook has no ") + field,
                         std::string("add ") + field);
        }
    }
}

void check_webhook_name(const Spot& webhook, Findings& findings) {
    check_webhook_conditions(webhook, findings);
    check_review_versions(webhook["admissionReviewVersions"], "AdmissionReview", findings);
    const Spot name = webhook["name"];
    if (!name.is(yaml::Kind::string) || name.text().empty()) return;
    const std::string problem = dns_subdomain_problem(name.text());
    const std::size_t dots = split(name.text(), '.').size();
    if (!problem.empty() || dots < 3)
        findings.add("KT007", name.place(),
                     "the name of a webhook " + shown(name.text()) + " " +
                         (problem.empty() ? "must be a domain of three parts at least" : problem),
                     "write it like check.example.org");
}

void check_actions(const Spot& spec, Findings& findings) {
    const Spot actions = spec["validationActions"];
    if (has_item(actions, "Deny") && has_item(actions, "Warn"))
        contradict(findings, actions, "Deny says all that Warn says", "remove Warn");
}

void check_params(const Spot& reference, Findings& findings) {
    const Spot selector = reference["selector"];
    const Spot name = reference["name"];
    if (selector && !name.text().empty()) {
        forbid(findings, name, "a selector chooses the parameters");
        forbid(findings, selector, "a name chooses the parameters");
    } else if (!selector && name.text().empty() && reference.is(yaml::Kind::mapping)) {
        findings.add("KT008", reference.place(), "paramRef has neither a name nor a selector", "add one of them");
    }
    if (reference["parameterNotFoundAction"].text().empty())
        require(findings, reference["parameterNotFoundAction"], "paramRef says what happens without parameters");
}

void check_admission_policy(const Spot& spec, Findings& findings) {
    check_policy_expressions(spec, findings);
    if (size_of(spec["validations"]) + size_of(spec["auditAnnotations"]) == 0)
        require(findings, spec["validations"], "a policy has validations or auditAnnotations");
    for (const Spot& annotation : spec["auditAnnotations"].items()) {  // its key gets the name of the policy in front
        const Spot key = annotation["key"];
        const std::string problem = qualified_name_problem("a/" + std::string(key.text()));
        if (key.is(yaml::Kind::string) && !key.text().empty() && !problem.empty())
            findings.add("KT007", key.place(), "the key " + shown(key.text()) + " " + problem, "write it like pods");
    }
    check_match_constraints(spec["matchConstraints"], findings);
    for (const Spot& validation : spec["validations"].items()) {
        const Spot message = validation["message"];
        if (message.is(yaml::Kind::string) && message.text().find_first_of("\n\r") != std::string_view::npos &&
            trim(message.text()).find('\n') != std::string_view::npos)
            findings.add("KT006", message.place(), "the message has more than one line", "write it in one line");
    }
    check_expressions_of(spec, {"validations", "variables", "matchConditions"}, findings);
}

void check_mutating_policy(const Spot& spec, Findings& findings) {
    check_policy_expressions(spec, findings);
    check_match_constraints(spec["matchConstraints"], findings);
    check_mutable_operations(spec["matchConstraints"], findings);
    check_expressions_of(spec, {"variables", "matchConditions"}, findings);
    for (const Spot& mutation : spec["mutations"].items()) check_mutation(mutation, findings);
}

void check_mutating_binding(const Spot& spec, Findings& findings) {
    check_mutable_operations(spec["matchResources"], findings);
}

void check_param_kind(const Spot& params, Findings& findings) {
    const Spot api = params["apiVersion"], kind = params["kind"];
    const std::size_t slash = api.text().find('/');
    const bool named = slash != std::string_view::npos;
    const std::string_view group = named ? api.text().substr(0, slash) : "";
    std::string problem = group.empty() ? "" : dns_subdomain_problem(group);
    if (problem.empty()) problem = dns_label_1035_problem(api.text().substr(named ? slash + 1 : 0));
    if (api.is(yaml::Kind::string) && !api.text().empty() && !problem.empty())
        findings.add("KT007", api.place(), "the apiVersion " + shown(api.text()) + " " + problem,
                     "write it like example.org/v1");
    const std::string wrong = dns_label_1035_problem(lower(kind.text()));
    if (kind.is(yaml::Kind::string) && !kind.text().empty() && !wrong.empty())
        findings.add("KT007", kind.place(), "the kind " + shown(kind.text()) + ", in small letters, " + wrong,
                     "write it like ConfigMap");
}

}  // namespace ktrain::lint
