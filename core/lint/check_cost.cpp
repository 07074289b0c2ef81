// KC801: what a job costs at most, against its budget.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/text.h"
#include "core/lint/instances.h"
#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = end.ec == std::errc() && end.ptr == text.data() + text.size();
    return whole && std::isfinite(value) && value > 0 ? std::optional(value) : std::nullopt;
}

std::string dollars(double amount) {
    if (amount < 100) return fmt::format("${:.2f}", amount);
    return "$" + grouped(std::llround(amount));
}

constexpr std::int64_t usual_retries = 6;

// Seconds until the pods of a job, or one pod of a group, are stopped: a job's own deadline holds for all retries
// together, that of its pods for each. `job`: the spec of the job that makes the pods.
std::optional<double> longest(Value job, const PodGroup& group) {
    if (const auto seconds = job["activeDeadlineSeconds"].number()) return static_cast<double>(*seconds);
    const auto pod = Value(group.spec["activeDeadlineSeconds"]).number();
    if (!pod) return std::nullopt;
    const std::int64_t retries = job["backoffLimit"].number().value_or(usual_retries);
    return static_cast<double>(*pod) * static_cast<double>(retries + 1);
}

// Of all pods with GPUs; nothing where some may run for ever. Jobs of a JobSet have deadlines of their own, and begin
// anew with each restart of the set.
std::optional<double> longest(const Workload& workload) {
    const Value spec(workload.spec);
    for (Value holder : {spec, spec["runPolicy"]}) {
        if (const auto all = holder["activeDeadlineSeconds"].number()) return static_cast<double>(*all);
    }
    const bool set = workload.is("JobSet", "jobset.x-k8s.io");
    const std::int64_t restarts = set ? spec["failurePolicy"]["maxRestarts"].number().value_or(0) : 0;
    const Value one = spec["backoffLimit"] ? spec : spec["runPolicy"];
    double most = 0;
    for (const PodGroup& group : workload.groups) {
        if (group.gpus() == 0) continue;
        const auto seconds = longest(set ? Value(group.owner)["template"]["spec"] : one, group);
        if (!seconds) return std::nullopt;
        most = std::max(most, *seconds * static_cast<double>(restarts + 1));
    }
    return most;
}

// The least that an hour of all its GPUs costs; nothing where the GPUs are not known.
std::optional<double> per_hour(const Workload& workload) {
    double sum = 0;
    for (const PodGroup& group : workload.groups) {
        if (group.gpus() == 0) continue;
        const auto price = cheapest_gpu_hour(group.spec);
        if (!price) return std::nullopt;
        sum += *price * static_cast<double>(group.gpus() * group.replicas);
    }
    return sum > 0 ? std::optional(sum) : std::nullopt;
}

}  // namespace

void check_cost(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.templates.empty() && object.kind != "TrainJob") return;
    const Spot note = object.root["metadata"]["annotations"]["ktrain.dev/budget"];
    const std::optional<double> budget = note ? number(note.text()) : bundle.target.budget;
    if (note && !budget) {
        findings.add("KC801", note.place(), "the budget " + shown(note.text()) + " is no amount of dollars",
                     "write a number: ktrain.dev/budget: \"250\"");
    }
    if (!budget) return;
    const Workload& workload = workload_of(object, bundle);
    if (!workload.batch() || workload.gpus() == 0) return;
    const Place where = note ? note.place() : workload.spec["activeDeadlineSeconds"].place();
    const auto seconds = longest(workload);
    if (!seconds) {
        findings.add("KC801", where, "there is a budget of " + dollars(*budget) + " and no deadline: nothing keeps it",
                     workload.is("JobSet", "jobset.x-k8s.io") ? "set activeDeadlineSeconds in each job's spec"
                                                              : "set activeDeadlineSeconds");
        return;
    }
    const auto hour = per_hour(workload);
    if (!hour) return;
    const double cost = *hour * *seconds / 3600;
    if (cost <= *budget) return;
    findings.add("KC801", where,
                 std::to_string(workload.gpus()) + " GPUs until the deadline cost " + dollars(cost) +
                     " at the lowest price known, the budget is " + dollars(*budget),
                 "lower activeDeadlineSeconds or backoffLimit, use fewer GPUs, or raise the budget");
}

}  // namespace ktrain::lint
