// LimitRange and ResourceQuota: the resources that they know, limits that fit each other, scopes.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/api_names.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/quantities.h"
#include "core/lint/together.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

// What a quota may count or limit besides domain/name, and what may be in a LimitRange of claims.
constexpr std::array<std::string_view, 19> counted{"configmaps",
                                                   "cpu",
                                                   "ephemeral-storage",
                                                   "limits.cpu",
                                                   "limits.ephemeral-storage",
                                                   "limits.memory",
                                                   "memory",
                                                   "persistentvolumeclaims",
                                                   "pods",
                                                   "replicationcontrollers",
                                                   "requests.cpu",
                                                   "requests.ephemeral-storage",
                                                   "requests.memory",
                                                   "requests.storage",
                                                   "resourcequotas",
                                                   "secrets",
                                                   "services",
                                                   "services.loadbalancers",
                                                   "services.nodeports"};
static_assert(std::is_sorted(counted.begin(), counted.end()));

constexpr std::array<std::string_view, 9> whole{"configmaps",
                                                "persistentvolumeclaims",
                                                "pods",
                                                "replicationcontrollers",
                                                "resourcequotas",
                                                "secrets",
                                                "services",
                                                "services.loadbalancers",
                                                "services.nodeports"};
static_assert(std::is_sorted(whole.begin(), whole.end()));

constexpr std::array<std::string_view, 7> of_pods{"cpu",  "limits.cpu",   "limits.memory",  "memory",
                                                  "pods", "requests.cpu", "requests.memory"};
static_assert(std::is_sorted(of_pods.begin(), of_pods.end()));

bool has(std::span<const std::string_view> words, std::string_view word) {
    return std::binary_search(words.begin(), words.end(), word);
}

bool is_counted(std::string_view name) {
    return has(counted, name) || name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}

// Resources that are counted in whole numbers: objects, and all that has a domain of its own.
bool is_whole(std::string_view name) {
    const bool own = name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
    return has(whole, name) || (!own && !name.starts_with("requests."));
}

void check_names(const Spot& item, const Spot& amounts, Findings& findings) {
    const std::string_view type = item["type"].text();
    const bool of_pod = type == "Pod" || type == "Container";
    for (const Spot& amount : amounts.members()) {
        const std::string name = yaml::key_text(*amount.key);
        const std::string problem = qualified_name_problem(name);
        if (!problem.empty()) {
            findings.add("KT007", amount.key_place(), "the resource name " + shown(name) + " " + problem);
        } else if (name.find('/') == std::string::npos &&
                   !(of_pod ? may_be_resource(name) : is_counted(name) || name == "storage")) {
            findings.add("KT003", amount.key_place(), "unknown resource " + shown(name),
                         of_pod ? "write cpu, memory, ephemeral-storage or domain/name" : "write storage");
        }
    }
}

// An amount of the list, null or not.
Spot entry_of(const Spot& list, const std::string& resource) {
    for (const Spot& entry : entries_of(list)) {
        if (yaml::key_text(*entry.key) == resource) return entry;
    }
    return {};
}

// Reports where the amount of `less` is more than that of `more`.
void check_order(const Spot& item, const char* less, const char* more, bool at_more, const std::string& resource,
                 Findings& findings) {
    const Spot low = entry_of(item[less], resource);
    const Spot high = entry_of(item[more], resource);
    const std::optional<Quantity> a = entry_amount(low);
    const std::optional<Quantity> b = entry_amount(high);
    if (!a || !b || *a <= *b) return;
    contradict(findings, at_more ? high : low,
               std::string(less) + " of " + printable(resource) + " is " + shown(low.text()) + ", more than " + more +
                   ", " + shown(high.text()),
               "write " + std::string(less) + " <= " + more);
}

void check_resource(const Spot& item, const std::string& resource, bool defaults, Findings& findings) {
    check_order(item, "min", "max", false, resource, findings);
    if (defaults) {
        check_order(item, "min", "defaultRequest", true, resource, findings);
        check_order(item, "defaultRequest", "max", false, resource, findings);
        check_order(item, "defaultRequest", "default", false, resource, findings);
        check_order(item, "min", "default", true, resource, findings);
        check_order(item, "default", "max", false, resource, findings);
    }
    const Spot ratio = entry_of(item["maxLimitRequestRatio"], resource);
    const std::optional<Quantity> factor = entry_amount(ratio);
    if (factor && *factor < Quantity::of_units(1))
        contradict(findings, ratio, "the ratio of limit and request is at least 1, got " + shown(ratio.text()),
                   "write 1 or more");
    const std::optional<Quantity> low = amount_of(item["min"][resource]);
    const std::optional<Quantity> high = amount_of(item["max"][resource]);
    if (factor && low && high && *low > Quantity() &&
        static_cast<double>(factor->milli_rounded_up()) * static_cast<double>(low->milli_rounded_up()) >
            1000 * static_cast<double>(high->milli_rounded_up()))
        contradict(findings, ratio, "the ratio " + shown(ratio.text()) + " is more than max / min", "write less");
    const Spot request = item["defaultRequest"][resource];
    const std::optional<Quantity> a = amount_of(request);
    const std::optional<Quantity> b = amount_of(item["default"][resource]);
    const bool device =
        (is_whole(resource) && resource.find('/') != std::string::npos) || resource.starts_with("hugepages-");
    if (defaults && device && a && b && *a < *b)
        contradict(findings, request, "defaultRequest and default of " + printable(resource) + " must be equal",
                   "write default alone");
}

// Names of a scope and resources that it does not count.
bool fits(std::string_view scope, std::string_view resource) {
    if (!is_counted(resource)) return true;
    if (scope == "BestEffort") return resource == "pods";
    if (scope == "VolumeAttributesClass") return resource == "persistentvolumeclaims" || resource == "requests.storage";
    return has(of_pods, resource);
}

void check_scopes(const Spot& spec, const Spot& list, const std::vector<std::string>& scopes, Findings& findings) {
    for (const auto& [one, other] : {std::pair{"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"}}) {
        const auto there = [&](const char* word) {
            return std::find(scopes.begin(), scopes.end(), word) != scopes.end();
        };
        if (there(one) && there(other)) {
            Place where = list.place();
            where.path = join_path(spec.path, "scopes");
            findings.add("KT030", where, std::string("no pod has both scopes, ") + one + " and " + other,
                         "keep one of them");
        }
    }
    for (const std::string& scope : scopes) {
        for (const Spot& amount : spec["hard"].members()) {
            const std::string name = yaml::key_text(*amount.key);
            if (fits(scope, name)) continue;
            contradict(findings, list, "the scope " + printable(scope) + " counts no " + shown(name),
                       "remove the scope or the resource");
            return;
        }
    }
}

}  // namespace

void check_limit_range(const Spot& item, Findings& findings) {
    const bool of_pod = item["type"].text() == "Pod";
    std::set<std::string> resources;
    for (const char* list : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"}) {
        if (of_pod && std::string_view(list).starts_with("default")) {
            if (!item[list].members().empty()) forbid(findings, item[list], "a limit of type Pod has no defaults");
            continue;
        }
        check_names(item, item[list], findings);
        for (const Spot& amount : entries_of(item[list])) resources.insert(yaml::key_text(*amount.key));
    }
    if (item["type"].text() == "PersistentVolumeClaim" && !item["min"]["storage"] && !item["max"]["storage"]) {
        Spot absent = item["limits"];
        findings.add("KT008", absent.place(), "a limit of claims has neither min.storage nor max.storage",
                     "add one of them");
    }
    for (const std::string& resource : resources) check_resource(item, resource, !of_pod, findings);
}

void check_quota(const Spot& spec, Findings& findings) {
    for (const Spot& amount : spec["hard"].members()) {
        const std::string name = yaml::key_text(*amount.key);
        const std::string problem = qualified_name_problem(name);
        if (!problem.empty()) {
            findings.add("KT007", amount.key_place(), "the resource name " + shown(name) + " " + problem);
        } else if (name.find('/') == std::string::npos && !is_counted(name)) {
            const std::string near = nearest(name, counted);
            findings.add("KT003", amount.key_place(), "a quota knows no resource " + shown(name),
                         near.empty() ? "write requests.DOMAIN/NAME for devices, count/RESOURCE.GROUP for objects"
                                      : "did you mean '" + near + "'?");
        }
        const std::optional<Quantity> value = amount_of(amount);
        if (is_whole(name) && value && !value->whole())
            findings.add("KT005", amount.place(),
                         printable(name) + " is counted in whole numbers, got " + shown(quantity_text(*amount.node)),
                         "write " + std::to_string(value->units_rounded_up()));
    }
    std::vector<std::string> scopes;
    for (const Spot& scope : spec["scopes"].items()) scopes.emplace_back(scope.text());
    if (!scopes.empty()) check_scopes(spec, spec["scopes"], scopes, findings);
    std::vector<std::string> selected;
    const Spot expressions = spec["scopeSelector"]["matchExpressions"];
    for (const Spot& expression : expressions.items()) selected.emplace_back(expression["scopeName"].text());
    if (!selected.empty()) check_scopes(spec, expressions, selected, findings);
}

// The server names these without the number of the entry.
void check_scope(const Spot& requirement, Findings& findings) {
    const std::string operation(requirement["operator"].text());
    const std::string_view scope = requirement["scopeName"].text();
    const auto named = [&](Spot spot) {
        const std::string list = requirement.path.substr(0, requirement.path.rfind('['));
        spot.path = join_path(list, field_of(spot));
        return spot;
    };
    const Spot values = requirement["values"];
    if ((operation == "In" || operation == "NotIn") && size_of(values) == 0)
        require(findings, named(values), "the operator " + operation + " compares with values");
    if ((operation == "Exists" || operation == "DoesNotExist") && size_of(values) > 0)
        forbid(findings, named(values), "the operator " + operation + " takes no values");
    const bool plain = scope != "PriorityClass" && scope != "VolumeAttributesClass" && !scope.empty();
    if (plain && !operation.empty() && operation != "Exists")
        contradict(findings, named(requirement["operator"]),
                   "the scope " + shown(scope) + " takes the operator Exists alone, got " + shown(operation),
                   "write operator: Exists");
}

}  // namespace ktrain::lint
