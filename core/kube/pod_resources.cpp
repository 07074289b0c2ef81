// What the parts of a pod ask for together, as Kubernetes counts it.
#include "core/kube/pod_resources.h"

#include <algorithm>

#include "core/kube/fields.h"

namespace ktrain::kube {
namespace {

// Of a container or a pod.
Amounts amounts_at(const Json& owner, std::initializer_list<std::string_view> keys) {
    Amounts out;
    const Json& amounts = at_path(owner, keys);
    if (!amounts.is_object()) return out;
    for (const auto& [name, value] : amounts.items())
        if (const auto amount = quantity_of(value)) out[name] = *amount;
    return out;
}

Amounts limits_of(const Json& owner) {
    return amounts_at(owner, {"resources", "limits"});
}

Amounts requests_of(const Json& owner) {
    Amounts out = amounts_at(owner, {"resources", "requests"});
    out.merge(limits_of(owner));  // what is there already stays
    return out;
}

void add(Amounts& sum, const Amounts& more) {
    for (const auto& [name, amount] : more) sum[name] = sum[name] + amount;
}

Amounts sum_of_containers(const Json& pod_spec, Amounts (*amounts_of)(const Json&)) {
    Amounts sum, sidecars, largest;
    for (const Json& container : at_path(pod_spec, {"containers"})) add(sum, amounts_of(container));
    for (const Json& container : at_path(pod_spec, {"initContainers"})) {
        Amounts one = amounts_of(container);
        if (string_or(container, "restartPolicy") == "Always") {
            add(sidecars, one);
            continue;
        }
        add(one, sidecars);
        for (const auto& [name, amount] : one) largest[name] = std::max(largest[name], amount);
    }
    add(sum, sidecars);
    for (const auto& [name, amount] : largest) sum[name] = std::max(sum[name], amount);
    return sum;
}

// The resources that a pod may ask for as a whole.
bool is_pod_level(std::string_view name) {
    return name == "cpu" || name == "memory" || name.starts_with("hugepages-");
}

void take_pod_level(Amounts& sum, const Amounts& own) {
    for (const auto& [name, amount] : own)
        if (is_pod_level(name)) sum[name] = amount;
}

Amounts without_zeros(Amounts sum) {
    std::erase_if(sum, [](const auto& one) { return one.second == Quantity(); });
    return sum;
}

}  // namespace

Amounts pod_requests(const Json& pod_spec) {
    Amounts sum = sum_of_containers(pod_spec, requests_of);
    take_pod_level(sum, amounts_at(pod_spec, {"resources", "requests"}));
    for (const auto& [name, amount] : limits_of(pod_spec))
        if (is_pod_level(name)) sum.emplace(name, amount);  // where the containers ask for none of it
    add(sum, amounts_at(pod_spec, {"overhead"}));
    return without_zeros(std::move(sum));
}

Amounts pod_limits(const Json& pod_spec) {
    Amounts sum = sum_of_containers(pod_spec, limits_of);
    take_pod_level(sum, limits_of(pod_spec));
    sum = without_zeros(std::move(sum));
    for (const auto& [name, amount] : amounts_at(pod_spec, {"overhead"}))
        if (const auto limit = sum.find(name); limit != sum.end()) limit->second = limit->second + amount;
    return sum;
}

}  // namespace ktrain::kube
