// What `submit` tells and checks beyond the server's dry run: the plan in a line, and the quotas.
#include "cli/commands/submit_checks.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/kube/job.h"
#include "core/kube/quota.h"

namespace ktrain {

void say_plan(term::Session& session, const Cluster& cluster, const std::vector<Json>& objects) {
    for (const Json& job : objects) {
        if (string_or(job, "kind") != "Job") continue;
        const std::int64_t pods = kube::pods_of(job);
        std::vector<std::string> wants;
        for (const auto& [name, amount] : kube::pod_amounts(at_path(job, {"spec", "template", "spec"})))
            if (name.starts_with("requests.")) wants.push_back(fmt::format("{} {}", name.substr(9), amount.text()));
        const std::string own = kube::meta(job, "namespace");
        session.note(printable(fmt::format("plan: job {} in namespace \"{}\" of {}: {} {}{}; {} objects",
                                           kube::meta(job, "name"), own.empty() ? cluster.connection.namespace_ : own,
                                           kube::place_of(cluster.client->server()), pods, pods == 1 ? "pod" : "pods",
                                           wants.empty() ? "" : " with " + join(wants, ", "), objects.size())));
    }
}

void check_quotas(term::Session& session, Cluster& cluster, const kube::Submission& submission) {
    const kube::Resource kind = *kube::built_in_resource("v1", "ResourceQuota");
    for (const Json& job : submission.new_jobs()) {
        const std::string where = kube::meta(job, "namespace");
        std::vector<Json> quotas;
        try {
            quotas = cluster.client->list(kind, where, {}).items;
        } catch (const Error& error) {
            if (error.kind != ErrorKind::denied) throw;
            session.note(fmt::format("not checked: the quotas of namespace \"{}\" may not be read", where));
        }
        for (const kube::QuotaFinding& finding :
             kube::check_quotas(job, kube::quotas_after(std::move(quotas), submission.objects(), where))) {
            if (finding.never)
                throw Error(ErrorKind::denied, fmt::format("the pods would never be let in: {}", finding.message), {},
                            "ask for less in resources, or have the quota raised");
            session.warn(finding.message + ": the pods wait until others have ended");
        }
    }
}

void tell_old_jobs(term::Session& session, const kube::Submission& submission) {
    for (const Json& object : submission.old_jobs()) {
        const kube::WorkloadState job = kube::workload_state(object);
        if (!job.ended()) continue;
        const std::string when =
            job.finished ? fmt::format(" {} ago", human_duration(std::chrono::duration_cast<std::chrono::seconds>(
                                                      session.clock.now() - *job.finished)))
                         : "";
        session.warn(
            printable(fmt::format("job {0} of the same spec has ended ({1}{2}): nothing is started; to run it "
                                  "again: ktrain cancel {0} -n {3}, then submit",
                                  job.name, kube::name_of(job.phase), when, job.namespace_)));
    }
}

}  // namespace ktrain
