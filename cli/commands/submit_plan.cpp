// What `submit` tells before it does anything: what will run, what it costs, and which objects it writes.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/job_flags.h"
#include "cli/commands/pod_counts.h"
#include "cli/commands/submit_checks.h"
#include "cli/commands/workload_view.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"
#include "core/kube/node_gpus.h"
#include "core/plan/plan.h"

namespace ktrain {
namespace {

// "2 pods with cpu 4, nvidia.com/gpu 1".
std::string pods_text(const kube::PodCount& some) {
    std::vector<std::string> wants;
    for (const auto& [name, amount] : kube::pod_requests(some.spec))
        wants.push_back(fmt::format("{} {}", name, amount.text()));
    return fmt::format("{} {}{}", some.count, some.count == 1 ? "pod" : "pods",
                       wants.empty() ? "" : " with " + join(wants, ", "));
}

}  // namespace

void say_plan(term::Session& session, const Cluster& cluster, const std::vector<Json>& objects) {
    for (const Json& job : objects) {
        const kube::WorkloadKind* kind = kube::workload_kind(job);
        if (kind == nullptr) continue;
        std::vector<std::string> pods;
        double gpus = 0;
        for (const kube::PodCount& some : pods_of(job)) {
            pods.push_back(pods_text(some));
            for (const auto& [name, amount] : kube::pod_requests(some.spec))
                if (kube::is_accelerator(name)) gpus += amount.approximately() * static_cast<double>(some.count);
        }
        const std::string own = kube::meta(job, "namespace");
        session.note(printable(
            fmt::format("plan: {} {} in namespace \"{}\" of {}: {}{}{} object{}", noun(kind), kube::meta(job, "name"),
                        own.empty() ? cluster.connection.namespace_ : own, kube::place_of(cluster.client->server()),
                        pods.empty() ? "" : join(pods, " and ") + "; ",
                        gpus > 0 ? fmt::format("{:.0f} GPU{} in all; ", gpus, gpus == 1 ? "" : "s") : "",
                        objects.size(), objects.size() == 1 ? "" : "s")));
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
    const auto labels = [&](std::initializer_list<kube::Outcome> outcomes) {
        std::vector<std::string> out;
        for (const kube::Step& step : steps)
            if (std::ranges::find(outcomes, step.outcome) != outcomes.end()) out.push_back(step.label);
        return out;
    };
    using enum kube::Outcome;
    std::vector<std::string> parts;
    for (const auto& [some, what] : {std::pair{labels({created}), "to create"},
                                     {labels({configured}), "to change"},
                                     {labels({replaced}), "to replace"},
                                     {labels({unchanged, kept}), "there already"},
                                     {labels({unchecked}), "not to be tried out"}})
        if (!some.empty()) parts.push_back(fmt::format("{} {} ({})", some.size(), what, join(some, ", ")));
    session.note(printable("objects: " + join(parts, "; ")));
}

}  // namespace ktrain
