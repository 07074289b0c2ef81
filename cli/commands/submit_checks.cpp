// What `submit` checks beyond the server's dry run.
#include "cli/commands/submit_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/preflight.h"
#include "cli/commands/workload_view.h"
#include "core/base/api_names.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// In every template of pods below `at`; false when there is none.
bool set_pod_priority(Json& at, const std::string& priority) {
    bool any = false;
    if (at.is_array())
        for (Json& part : at) any = set_pod_priority(part, priority) || any;
    if (!at.is_object()) return any;
    if (at.contains("containers") && at["containers"].is_array()) {
        at["priorityClassName"] = priority;
        return true;
    }
    for (auto& [key, part] : at.items()) any = set_pod_priority(part, priority) || any;
    return any;
}

void check_name(const std::string& flag, const std::string& name) {
    std::string problem = name.empty() ? "" : dns_subdomain_problem(name);
    if (problem.empty()) problem = label_value_problem(name);  // a queue is named in a label
    if (!problem.empty())
        throw Error(ErrorKind::usage,
                    fmt::format("\"{}\" of {} can be the name of nothing: {}", brief(name), flag, problem));
}

}  // namespace

void check_cluster(term::Session& session, Cluster& cluster, const kube::Submission& submission) {
    const PreflightReport report = preflight(*cluster.client, submission);
    for (const std::string& why : report.blind) session.note(printable("not checked: " + why));
    if (report.findings.empty()) return;
    session.err.write(term::render_diagnostics(report.findings, session.err_color()));
    if (!has_errors(report.findings)) return;
    throw Error(ErrorKind::denied, "the job would never run as it is: nothing was created", {},
                "mend what is said above; or submit it nevertheless: --no-preflight");
}

bool any_failed(const kube::Submission& submission) {
    return std::ranges::any_of(submission.old_jobs(),
                               [](const Json& job) { return kube::workload_state(job).phase == kube::Phase::failed; });
}

void tell_old_jobs(term::Session& session, const kube::Submission& submission, const std::string& words) {
    for (const Json& object : submission.old_jobs()) {
        const kube::WorkloadState job = kube::workload_state(object);
        if (!job.ended()) {
            session.note(printable(fmt::format("{}/{} of the same spec is there already ({}): nothing new is started",
                                               noun(job.kind), job.name, job.status())));
            continue;
        }
        const std::string when =
            job.finished ? fmt::format(" {} ago", human_duration(std::chrono::duration_cast<std::chrono::seconds>(
                                                      session.clock.now() - *job.finished)))
                         : "";
        const bool failed = job.phase == kube::Phase::failed;
        const std::string how = failed && !job.reason.empty() ? job.reason : std::string(kube::name_of(job.phase));
        session.warn(printable(fmt::format(
            "{} {} of the same spec has {} ({}{}): nothing is started; to run it again: ktrain submit "
            "--replace{}, or ktrain cancel {} -n {}{}, then submit",
            noun(job.kind), job.name, failed ? "failed" : "ended", how, when, words, job.name, job.namespace_, words)));
    }
}

void give_namespace(Json& object, const std::string& in_namespace) {
    if (in_namespace.empty() || !kube::meta(object, "namespace").empty()) return;
    const auto kind = kube::built_in_resource(string_or(object, "apiVersion"), string_or(object, "kind"));
    if (kind ? kind->namespaced : kube::workload_kind(object) != nullptr)
        object["metadata"]["namespace"] = in_namespace;
}

void set_queue(std::vector<Json>& objects, const std::string& queue, const std::string& priority) {
    check_name("--queue", queue);
    check_name("--priority", priority);
    for (Json& job : objects) {
        const kube::WorkloadKind* kind = kube::workload_kind(job);
        if (kind == nullptr) continue;
        const bool volcano = kind->shape == kube::StatusShape::volcano;
        if (!queue.empty() && !volcano && !kind->can_suspend())
            throw Error(ErrorKind::usage, fmt::format("a {} is in no queue", noun(kind)), {}, "leave --queue out");
        if (!queue.empty() && volcano) job["spec"]["queue"] = queue;
        if (!queue.empty() && !volcano) {
            job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = queue;
            job.merge_patch(kube::suspend_patch(*kind, true));  // Kueue lets it go
        }
        if (priority.empty()) continue;
        if (volcano) {
            job["spec"]["priorityClassName"] = priority;
        } else if (!set_pod_priority(job["spec"], priority)) {
            throw Error(ErrorKind::usage, fmt::format("the {} has no pods of its own to give a priority", noun(kind)),
                        {}, "leave --priority out");
        }
    }
}

}  // namespace ktrain
