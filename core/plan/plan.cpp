// Derives the plan from the spec, one aspect after the other.
#include "core/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/find.h"
#include "core/plan/checks.h"
#include "core/spec/load.h"
#include "core/spec/pod_folders.h"
#include "core/spec/read.h"

namespace ktrain {
namespace {

constexpr std::int64_t mib = 1 << 20;

// The texts of a spec that was loaded are amounts and durations.
template <class Value>
Value checked(const std::optional<Value>& value, const std::string& text) {
    if (value) return *value;
    throw Error(ErrorKind::bug, fmt::format("\"{}\" was not checked when the spec was loaded", printable(text)));
}

Quantity amount(const std::string& text) {
    return checked(Quantity::parse(text), text);
}

std::int64_t seconds(const std::string& text) {
    return checked(parse_duration(text), text).count();
}

// An eighth of the memory in whole MiB, between Docker's own 64 MiB and 32 GiB.
Quantity default_shm(const Quantity& memory) {
    const std::int64_t eighth = memory.units_rounded_up() / 8 / mib * mib;
    return Quantity::of_units(std::clamp(eighth, 64 * mib, 32 * 1024 * mib));
}

// What the spec leaves open is as estimated. Its own words stay.
void settle_memory(const std::optional<PodNeeds>& needs, ResourcesSpec& resources) {
    if (!resources.memory.empty()) return;
    resources.memory = Quantity::of_units(needs ? needs->recommended_memory() : PodNeeds::least).text();
    if (needs && resources.shm.empty()) resources.shm = Quantity::of_units(needs->recommended_shm()).text();
}

PodResources resources_of(const ResourcesSpec& spec) {
    PodResources resources;
    resources.cpu = amount(spec.cpu);
    resources.memory = amount(spec.memory);
    if (!resources.memory.whole())
        throw input_error("resources.memory", fmt::format("{} is no whole number of bytes", spec.memory));
    resources.shm = spec.shm.empty() ? default_shm(resources.memory) : amount(spec.shm);
    if (spec.shm.empty() && resources.shm >= resources.memory)
        throw input_error("resources.memory",
                          fmt::format("{} is too little: the /dev/shm of the pod alone takes {} of it", spec.memory,
                                      resources.shm.text()),
                          "raise it, or set resources.shm");
    resources.gpus = spec.gpus_per_node;
    return resources;
}

// Pods go to nodes with the GPU that the spec names.
StringMap node_selector(const TrainingSpec& spec, Diagnostics& warnings) {
    StringMap labels = spec.cluster.node_selector;
    if (spec.resources.gpus_per_node == 0 || spec.resources.gpu.empty()) return labels;
    const Gpu gpu = find_gpu(spec.resources.gpu);
    if (gpu.vendor != "NVIDIA")
        throw input_error("resources.gpu",
                          fmt::format("{} is made by {}, and pods ask for nvidia.com/gpu", gpu.id, gpu.vendor));
    if (gpu.product_label.empty())
        warnings.push_back(spec::warning(
            "resources.gpu", fmt::format("the node label of {} is not known: pods may start on any GPU", gpu.id),
            "set cluster.node_selector"));
    else
        labels.try_emplace("nvidia.com/gpu.product", gpu.product_label);
    return labels;
}

}  // namespace

std::optional<Estimate> estimate_for_plan(const TrainingSpec& spec, const Files& files) {
    try {
        return estimate(spec, find_model(spec.model, files));
    } catch (const Error& error) {
        if (error.kind == ErrorKind::bug) throw;
        return std::nullopt;
    }
}

Plan make_plan(const TrainingSpec& spec, const std::optional<Estimate>& estimate) {
    Plan plan;
    check_names(spec);
    check_volumes(spec);
    plan.spec = spec;
    if (estimate) plan.needs = pod_needs(*estimate);
    settle_memory(plan.needs, plan.spec.resources);
    plan.warnings = plan_warnings(spec);
    if (estimate)
        for (Diagnostic& warning : need_warnings(*estimate, *plan.needs)) plan.warnings.push_back(std::move(warning));
    plan.digest = spec::digest(plan.spec);
    plan.name = spec.metadata.name;
    plan.namespace_ = spec.metadata.namespace_;
    plan.config_map = fmt::format("{}-spec-{}", plan.name, plan.digest.substr(0, 8));
    plan.service = spec.resources.nodes > 1 ? plan.name : "";
    plan.scratch_path = volume_of(spec, spec.output_dir) == nullptr ? path_in_pod(spec.output_dir) : "";
    plan.pods = spec.resources.nodes;
    plan.processes_per_pod = std::max<std::int64_t>(1, spec.resources.gpus_per_node);
    plan.global_batch_size =
        plan.processes() * spec.training.per_device_train_batch_size * spec.training.gradient_accumulation_steps;
    plan.resources = resources_of(plan.spec.resources);
    plan.node_selector = node_selector(spec, plan.warnings);
    plan.deadline_seconds = seconds(spec.cluster.deadline);
    plan.ttl_seconds = seconds(spec.cluster.ttl_after_finished);
    plan.grace_seconds = seconds(spec.cluster.termination_grace_period);
    for (const auto& [name, amount] : spec.cluster.quota)
        if (!counts_nothing(name)) plan.quota[name] = amount;
    check_quota(plan);
    return plan;
}

}  // namespace ktrain
