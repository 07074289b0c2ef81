// Instances of the price table by GPU.
#include "core/estimate/find_machines.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/spec_conditions.h"

namespace ktrain {
namespace {

// Numbers of GPUs that instances have, or the one that is asked for if an instance has room for it.
std::vector<std::int64_t> sizes_of(const FindInput& input, const std::string& gpu) {
    std::set<std::int64_t> sizes;
    for (const Price& price : input.prices->of_gpu(gpu)) sizes.insert(price.gpu_count);
    if (!input.fixed.gpus_per_node) return {sizes.begin(), sizes.end()};
    const std::int64_t asked = std::max<std::int64_t>(input.spec.resources.gpus_per_node, 1);
    // What is asked for as a whole may be the user's own.
    const bool there = input.fixed.gpu || (!sizes.empty() && *sizes.rbegin() >= asked);
    return there ? std::vector{asked} : std::vector<std::int64_t>{};
}

Machine machine_of(const FindInput& input, Gpu gpu) {
    Machine machine{std::move(gpu), {}, {}};
    machine.speed = gpu_speed(machine.gpu);
    machine.gpus_per_node = sizes_of(input, machine.gpu.id);
    return machine;
}

bool lacks_bfloat16(const FindInput& input, const Gpu& gpu) {
    return needs_bfloat16(input.spec) && !gpu.bf16;
}

Machine asked_for(const FindInput& input) {
    Machine machine = machine_of(input, find_gpu(input.spec.resources.gpu));
    const Gpu& gpu = machine.gpu;
    const auto refuse = [](const std::string& message, const std::string& hint) {
        throw Error(ErrorKind::input, message, {"", 0, 0, "resources.gpu"}, hint);
    };
    if (gpu.memory == 0) refuse(fmt::format("the memory of {} is not known", gpu.id), "name another GPU");
    if (lacks_bfloat16(input, gpu))
        refuse(fmt::format("{} has no bfloat16, which the spec asks for", gpu.id),
               "set model.dtype=float16 and training.bf16=false, or name another GPU");
    if (machine.gpus_per_node.empty())
        refuse(fmt::format("no instance with {} is in the prices", gpu.id), "bring your own with --prices FILE");
    return machine;
}

void note(const char* why, const std::vector<std::string>& gpus, std::vector<std::string>& notes) {
    if (!gpus.empty()) notes.push_back(fmt::format("{}: {}", why, join(gpus, ", ")));
}

}  // namespace

std::vector<Machine> machines_of(const FindInput& input, std::vector<std::string>& notes) {
    if (input.fixed.gpu) return {asked_for(input)};
    std::vector<Machine> machines;
    std::vector<std::string> no_bfloat16, not_known;
    for (Gpu& gpu : all_gpus()) {
        if (input.prices->of_gpu(gpu.id).empty()) continue;
        const bool known = gpu.memory > 0 && training_peak(gpu) > 0;
        if (!known || lacks_bfloat16(input, gpu)) {
            (known ? no_bfloat16 : not_known).push_back(gpu.id);
            continue;
        }
        machines.push_back(machine_of(input, std::move(gpu)));
    }
    note("left out, as they have no bfloat16 (model.dtype=float16 lets them in)", no_bfloat16, notes);
    note("left out, as their memory or speed is not known", not_known, notes);
    return machines;
}

}  // namespace ktrain
