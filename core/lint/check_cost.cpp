// KC801: what a job costs at most, against its budget.
#include <fmt/format.h>

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

// The number at the first of the paths that is there.
std::optional<std::int64_t> first_number(const Workload& workload, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        for (const Spot& spec : {workload.spec, workload.spec["runPolicy"]}) {
            if (const auto value = Value(spec[name]).number()) return value;
        }
    }
    return std::nullopt;
}

// Seconds until the job is stopped: its own deadline holds for all retries together, that of its pods for each.
std::optional<double> longest(const Workload& workload) {
    if (const auto job = first_number(workload, {"activeDeadlineSeconds"})) return static_cast<double>(*job);
    constexpr std::int64_t usual = 6;
    const std::int64_t retries = first_number(workload, {"backoffLimit"}).value_or(usual);
    for (const PodGroup& group : workload.groups) {
        if (const auto pod = Value(group.spec["activeDeadlineSeconds"]).number())
            return static_cast<double>(*pod) * static_cast<double>(retries + 1);
    }
    return std::nullopt;
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
    if (object.templates.empty()) return;
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
                     "set activeDeadlineSeconds");
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
