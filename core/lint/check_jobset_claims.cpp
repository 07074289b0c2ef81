// The claims that a JobSet makes for its jobs: volumes of their names are in all of its pods.
#include <set>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

bool is_mounted(const Spot& pod, std::string_view name) {
    for (const char* list : {"containers", "initContainers"}) {
        for (const Spot& container : pod[list].items())
            for (const Spot& mount : container["volumeMounts"].items())
                if (mount["name"].text() == name) return true;
    }
    return false;
}

void check_users(const Spot& spec, const Spot& claim, Findings& findings) {
    const std::string_view name = claim.text();
    bool mounted = false;
    for (const Spot& job : spec["replicatedJobs"].items()) {
        const Spot pod = job["template"]["spec"]["template"]["spec"];
        mounted = mounted || is_mounted(pod, name);
        for (const Spot& volume : pod["volumes"].items()) {
            if (volume["name"].text() == name)
                findings.add("KT018", volume["name"].place(), "a claim of the JobSet is called " + shown(name) + " too",
                             "rename one of them");
        }
    }
    if (!mounted)
        refuse(findings, "KT030", claim.place(), spec["replicatedJobs"], "no container mounts the claim " + shown(name),
               "mount it, or remove the template");
}

}  // namespace

void check_jobset_claims(const Spot& spec, Findings& findings) {
    std::set<std::string_view> names;
    forbid_null(spec["volumeClaimPolicies"], "a policy makes claims", findings);
    for (const Spot& policy : spec["volumeClaimPolicies"].items()) {
        if (!policy["templates"]) require(findings, policy["templates"], "a policy makes claims");
        forbid_null(policy["templates"], "a claim has a name", findings);
        for (const Spot& claim : policy["templates"].items()) {
            const Spot name = claim["metadata"]["name"];
            if (name && !name.is(yaml::Kind::string)) continue;  // KT004
            const std::string problem = dns_subdomain_problem(name.text());
            if (!problem.empty())
                findings.add("KT007", name.place(), "the name of a claim " + shown(name.text()) + " " + problem,
                             "write it like scratch");
            else if (!names.insert(name.text()).second)
                findings.add("KT018", name.place(), "another claim is called " + shown(name.text()),
                             "give each its own name");
            else
                check_users(spec, name, findings);
        }
    }
}

}  // namespace ktrain::lint
