// ClusterQueue and Cohort: what Kueue's webhooks and the rules of its CRDs say of quotas.
#include <set>

#include "core/base/api_names.h"
#include "core/lint/operators.h"
#include "core/lint/quantities.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

using Names = std::set<std::string, std::less<>>;

// Whose quotas they are.
struct Owner {
    Spot spec;
    Spot parent;  // the cohort that is borrowed from
    bool queue = true;
};

// Limits are for those who borrow from each other. One is enough to say so.
void check_parent(const Owner& owner, Findings& findings) {
    const std::string parent = field_of(owner.parent);
    const std::string_view names[] = {parent};
    if (!owner.parent.text().empty() || is_misspelt(Value(owner.spec), names)) return;
    for (const char* other : {"cohort", "cohortName", "parent", "parentName"}) {
        if (other != parent && owner.spec[other]) return;  // KT003: the name of another version
    }
    const auto report = [&](const Spot& limit, const Spot& at) {
        refuse(findings, "KT030", limit.key_place(), at, field_of(limit) + " is set, and there is no " + parent,
               "remove it, or add " + parent);
    };
    Spot first;
    for (const Spot& group : owner.spec["resourceGroups"].items()) {
        for (const Spot& flavor : group["flavors"].items()) {
            for (const Spot& resource : flavor["resources"].items()) {
                const Spot borrowing = resource["borrowingLimit"];
                // A rule of the CRD knows of this limit alone, and does not look at an empty name.
                if (borrowing && owner.queue && !owner.parent) return report(borrowing, owner.spec);
                if (!first) first = borrowing ? borrowing : resource["lendingLimit"];
            }
        }
    }
    if (first) report(first, first);
}

void check_sign(const Spot& amount, Findings& findings) {
    const auto value = amount_of(amount);
    if (value && value->negative()) contradict(findings, amount, field_of(amount) + " is negative", "write 0 or more");
}

void check_resource(const Owner& owner, const Spot& resource, Findings& findings) {
    for (const char* field : {"nominalQuota", "borrowingLimit", "lendingLimit"}) check_sign(resource[field], findings);
    const Spot lending = resource["lendingLimit"];
    const auto nominal = amount_of(resource["nominalQuota"]);
    const auto lent = amount_of(lending);
    if (owner.queue && nominal && !nominal->negative() && lent && *nominal < *lent)
        contradict(findings, lending, "lendingLimit is more than nominalQuota",
                   "write " + nominal->text() + " or less");
}

// `ordered`: whether coveredResources are right, so that the order can be compared with theirs.
void check_amounts(const Owner& owner, const Spot& flavor, const std::vector<Spot>& covered, bool ordered,
                   Findings& findings) {
    const std::vector<Spot> amounts = flavor["resources"].items();
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        const Spot name = amounts[i]["name"];
        check_resource(owner, amounts[i], findings);
        if (!ordered || !name || name.text() == covered[i].text()) continue;
        ordered = false;  // the others are the same cause
        contradict(
            findings, name,
            "the resource " + shown(name.text()) + " stands where coveredResources has " + shown(covered[i].text()),
            "write the resources in the order of coveredResources");
    }
}

void check_group(const Owner& owner, const Spot& group, Names& resources, Names& flavors, Findings& findings) {
    const std::vector<Spot> covered = group["coveredResources"].items();
    const std::size_t before = findings.count();
    if (owner.queue) forbid_null(group["coveredResources"], "a resource has a name", findings);
    const bool nulls = findings.count() != before;
    for (const Spot& name : covered) {
        const std::string problem = name.is(yaml::Kind::string) ? qualified_name_problem(name.text()) : "";
        if (!problem.empty()) findings.add("KT007", name.place(), "the resource " + shown(name.text()) + " " + problem);
        if (!resources.emplace(name.text()).second)
            findings.add("KT018", name.place(), "the resource " + shown(name.text()) + " is covered twice",
                         "keep it in one place");
    }
    const bool clean = findings.count() == before;
    Names own;
    for (const Spot& flavor : group["flavors"].items()) {
        const Spot name = flavor["name"];
        if (name && flavors.contains(name.text()))
            findings.add("KT018", name.place(), "another group has the flavor " + shown(name.text()),
                         "keep it in one of the groups");
        own.emplace(name.text());
        const std::size_t count = size_of(flavor["resources"]);
        if (flavor["resources"].is(yaml::Kind::sequence) && !nulls && count != covered.size()) {
            refuse(findings, "KT030", flavor["resources"].key_place(), group,
                   "the flavor has " + std::to_string(count) + " resources, coveredResources has " +
                       std::to_string(covered.size()),
                   "give each flavor all of coveredResources, in their order");
            continue;
        }
        check_amounts(owner, flavor, covered, clean, findings);
    }
    flavors.merge(own);
}

// Returns the names of all flavors.
Names check_groups(const Owner& owner, Findings& findings) {
    Names resources;
    Names flavors;
    check_parent(owner, findings);
    const Spot groups = owner.spec["resourceGroups"];
    std::size_t count = 0;
    std::size_t covered = 0;
    constexpr std::size_t most = 256;
    for (const Spot& group : groups.items()) {
        check_group(owner, group, resources, flavors, findings);
        count += size_of(group["flavors"]);
        covered += size_of(group["coveredResources"]);
    }
    if (owner.queue && (count > most || covered > most))
        contradict(findings, groups, "the groups have more than 256 flavors or resources", "use a second ClusterQueue");
    return flavors;
}

void check_weight(const Spot& sharing, Findings& findings) {
    const Spot weight = sharing["weight"];
    const auto amount = amount_of(weight);
    if (!amount) return;
    const auto least = Quantity::parse("1n");
    if (amount->negative() || (Quantity() < *amount && !(*least < *amount)))
        refuse(findings, "KT030", weight.place(), sharing, "the weight " + shown(weight.text()) + " is too small",
               "write 0, or more than 1n");
}

void check_preemption(const Spot& spec, Findings& findings) {
    const Spot preemption = spec["preemption"];
    const Spot policy = preemption["borrowWithinCohort"]["policy"];
    const Spot reclaim = preemption["reclaimWithinCohort"];
    if (!policy.text().empty() && policy.text() != "Never" && (!reclaim || reclaim.text() == "Never"))
        refuse(findings, "KT030", policy.place(), preemption,
               "borrowWithinCohort takes what reclaimWithinCohort, which is Never, may not take",
               "write reclaimWithinCohort: LowerPriority or Any, or policy: Never");
    const Spot fungible = spec["flavorFungibility"];
    const Spot preference = fungible["preference"];
    if (!preference) return;
    const Spot borrow = fungible["whenCanBorrow"];
    const Spot preempt = fungible["whenCanPreempt"];
    if (borrow.text() != "TryNextFlavor" || (preempt && preempt.text() != "TryNextFlavor"))
        refuse(findings, "KT030", preference.key_place(), fungible,
               "preference is for whenCanBorrow and whenCanPreempt TryNextFlavor",
               "write both as TryNextFlavor, or remove preference");
}

}  // namespace

void check_cluster_queue(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Owner owner{spec, spec[object.api_version.ends_with("/v1beta1") ? "cohort" : "cohortName"]};
    const Names flavors = check_groups(owner, findings);
    check_preemption(spec, findings);
    check_weight(spec["fairSharing"], findings);
    for (const Spot& check : spec["admissionChecksStrategy"]["admissionChecks"].items()) {
        for (const Spot& flavor : check["onFlavors"].items()) {
            if (flavor.is(yaml::Kind::string) && !flavors.contains(flavor.text()))
                contradict(findings, flavor, "the queue has no flavor " + shown(flavor.text()),
                           "name a flavor of resourceGroups");
        }
    }
}

void check_cohort(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    check_weight(spec["fairSharing"], findings);
    check_groups({spec, spec[spec["parent"] ? "parent" : "parentName"], false}, findings);
}

}  // namespace ktrain::lint
