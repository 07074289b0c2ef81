// Looks instances up in the tables of GPUs and prices.
#include "core/lint/instances.h"

#include <algorithm>
#include <map>

#include "core/base/names.h"
#include "core/estimate/gpus.h"
#include "core/estimate/prices.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

struct Tables {
    PriceTable prices = builtin_prices();
    std::map<std::string, Gpu, std::less<>> gpus;

    Tables() {
        for (Gpu& gpu : all_gpus()) gpus.emplace(gpu.id, std::move(gpu));
    }
};

// Read once, and only where a rule needs them.
const Tables& tables() {
    static const Tables made;
    return made;
}

std::string gpu_of_instance(std::string_view name) {
    const std::string family = std::string(name) + ".";
    for (const Price& price : tables().prices.rows()) {
        if (price.instance == name || price.instance.starts_with(family)) return price.gpu;
    }
    return "";
}

// All texts by which a pod chooses its GPU.
std::vector<std::string_view> chosen(const Spot& pod) {
    constexpr std::array<std::string_view, 4> labels{"node.kubernetes.io/instance-type",
                                                     "karpenter.k8s.aws/instance-gpu-name",
                                                     "karpenter.k8s.aws/instance-family", "nvidia.com/gpu.product"};
    const auto is_choice = [&](std::string_view key) { return std::ranges::find(labels, key) != labels.end(); };
    std::vector<std::string_view> names;
    for (const yaml::Entry& label : Value(pod)["nodeSelector"].members()) {
        if (is_choice(label.key.text)) names.push_back(Value(label.value).text());
    }
    const Value required = Value(pod)["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    for (const yaml::Node& term : required["nodeSelectorTerms"].items()) {
        for (const yaml::Node& expression : Value(term)["matchExpressions"].items()) {
            const Value one(expression);
            if (!is_choice(one["key"].text()) || one["operator"].text() != "In") continue;
            for (const yaml::Node& value : one["values"].items()) names.push_back(Value(value).text());
        }
    }
    return names;
}

std::optional<double> price_of(std::string_view name) {
    std::optional<double> best;
    const auto gpu = gpu_of(name);
    const bool instance =
        std::ranges::any_of(tables().prices.rows(), [&](const Price& p) { return p.instance == name; });
    for (const Price& price : tables().prices.rows()) {
        const bool meant = instance ? price.instance == name : gpu && price.gpu == gpu->id;
        if (!meant || !price.on_demand || price.gpu_count == 0) continue;
        const double one = *price.on_demand / static_cast<double>(price.gpu_count);
        best = best ? std::min(*best, one) : one;
    }
    return best;
}

}  // namespace

std::optional<InstanceGpu> gpu_of(std::string_view name) {
    std::string id = gpu_of_instance(name);
    if (id.empty()) {
        const std::string word = lower(name);
        id = gpu_id(word).value_or("");
    }
    const auto found = tables().gpus.find(id);
    if (found == tables().gpus.end()) return std::nullopt;
    const Gpu& gpu = found->second;
    return InstanceGpu{gpu.id, gpu.name, static_cast<double>(gpu.memory), gpu.bf16};
}

std::optional<double> cheapest_gpu_hour(const Spot& pod) {
    std::optional<double> best;
    for (std::string_view name : chosen(pod)) {
        const auto price = price_of(name);
        if (price) best = best ? std::min(*best, *price) : *price;
    }
    return best;
}

}  // namespace ktrain::lint
