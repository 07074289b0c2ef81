// What `submit` tells and checks beyond the server's dry run.
#include "cli/commands/submit_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/job_flags.h"
#include "cli/commands/pod_counts.h"
#include "cli/commands/preflight.h"
#include "cli/commands/workload_view.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"
#include "core/plan/plan.h"

namespace ktrain {
namespace {

// "2 pods with cpu 4, nvidia.com/gpu 1".
std::string pods_text(const kube::PodCount& some) {
    std::vector<std::string> wants;
    for (const auto& [name, amount] : kube::pod_amounts(some.spec))
        if (name.starts_with("requests.")) wants.push_back(fmt::format("{} {}", name.substr(9), amount.text()));
    return fmt::format("{} {}{}", some.count, some.count == 1 ? "pod" : "pods",
                       wants.empty() ? "" : " with " + join(wants, ", "));
}

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

}  // namespace

void say_plan(term::Session& session, const Cluster& cluster, const std::vector<Json>& objects) {
    for (const Json& job : objects) {
        const kube::WorkloadKind* kind = kube::workload_kind(job);
        if (kind == nullptr) continue;
        std::vector<std::string> pods;
        for (const kube::PodCount& some : pods_of(job)) pods.push_back(pods_text(some));
        const std::string own = kube::meta(job, "namespace");
        session.note(printable(fmt::format(
            "plan: {} {} in namespace \"{}\" of {}: {}{} object{}", noun(kind), kube::meta(job, "name"),
            own.empty() ? cluster.connection.namespace_ : own, kube::place_of(cluster.client->server()),
            pods.empty() ? "" : join(pods, " and ") + "; ", objects.size(), objects.size() == 1 ? "" : "s")));
    }
}

void say_estimate(term::Session& session, const TrainingSpec& spec) {
    if (spec.resources.gpus_per_node < 1) return;
    try {
        const auto estimate = estimate_for_plan(spec, session.files);
        if (!estimate) return;
        std::string text = fmt::format("estimate: {} of memory on a GPU", human_bytes(estimate->needed));
        if (estimate->wanted)
            text += fmt::format(", {} {}", estimate->wanted->fits ? "fits" : "DOES NOT FIT", estimate->wanted->gpu.id);
        JobFlags flags;
        const JobAnswer answer = flags.read(session, *estimate, 0);
        if (answer.job) {
            text += fmt::format("; about {}", duration(answer.job->time.figures.total().mid));
            for (const Offer& offer : answer.job->offers) {
                if (!offer.money || !offer.money->total) continue;
                text += fmt::format(", {:.0f} USD on {} ({})", offer.money->total->mid, offer.price->instance,
                                    offer.price->cloud);
                break;
            }
        }
        session.note(printable(text));
    } catch (const Error& error) {  // what cannot be estimated can still run
        if (session.verbosity > 0) session.note("not estimated: " + printable(error.message));
    }
}

void say_steps(term::Session& session, const std::vector<kube::Step>& steps) {
    const auto count = [&](std::initializer_list<kube::Outcome> outcomes) {
        return std::ranges::count_if(
            steps, [&](const kube::Step& step) { return std::ranges::find(outcomes, step.outcome) != outcomes.end(); });
    };
    using enum kube::Outcome;
    std::vector<std::string> parts;
    for (const auto& [number, what] : {std::pair{count({created}), "to create"},
                                       {count({configured}), "to change"},
                                       {count({replaced}), "to replace"},
                                       {count({unchanged, kept}), "there already"},
                                       {count({unchecked}), "not to be tried out"}})
        if (number > 0) parts.push_back(fmt::format("{} {}", number, what));
    session.note("objects: " + join(parts, ", "));
}

void check_cluster(term::Session& session, Cluster& cluster, const kube::Submission& submission) {
    const PreflightReport report = preflight(*cluster.client, submission);
    for (const std::string& why : report.blind) session.note(printable("not checked: " + why));
    if (report.findings.empty()) return;
    session.err.write(term::render_diagnostics(report.findings, session.err_color()));
    if (!has_errors(report.findings)) return;
    throw Error(ErrorKind::denied, "the job would never run as it is: nothing was created", {},
                "mend what is said above; or submit it nevertheless: --no-preflight");
}

void tell_old_jobs(term::Session& session, const kube::Submission& submission) {
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
        session.warn(
            printable(fmt::format("{4} {0} of the same spec has ended ({1}{2}): nothing is started; to run it "
                                  "again: ktrain submit --replace, or ktrain cancel {0} -n {3}, then submit",
                                  job.name, kube::name_of(job.phase), when, job.namespace_, noun(job.kind))));
    }
}

void set_queue(std::vector<Json>& objects, const std::string& queue, const std::string& priority) {
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
