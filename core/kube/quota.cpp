// Whether the pods of a job fit the quotas of its namespace: a dry run does not tell, since it makes no pods.
#include "core/kube/quota.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/pod_resources.h"
#include "core/kube/resource.h"

namespace ktrain::kube {
namespace {

// What one pod asks for, keyed as quotas name it: "requests.cpu", "limits.memory", "requests.nvidia.com/gpu".
Amounts pod_amounts(const Json& pod_spec) {
    Amounts out;
    for (const auto& [name, amount] : pod_requests(pod_spec)) out["requests." + name] = amount;
    for (const auto& [name, amount] : pod_limits(pod_spec)) out["limits." + name] = amount;
    return out;
}

// The key of a quota as pod_amounts() names it; "cpu" and "memory" are short for their requests.
std::string long_key(const std::string& key) {
    return key == "cpu" || key == "memory" ? "requests." + key : key;
}

}  // namespace

std::int64_t pods_of(const Json& job) {
    // An int32 for every server; what is beyond that would overflow in sums.
    const auto number = [&](const char* key, std::int64_t missing) {
        const Json& value = at_path(job, {"spec", key});
        return value.is_number_integer() ? std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, 0x7fffffff) : missing;
    };
    const std::int64_t parallelism = number("parallelism", 1);
    return std::min(parallelism, number("completions", parallelism));
}

std::vector<Json> quotas_after(std::vector<Json> there, const std::vector<Json>& bundle,
                               const std::string& namespace_) {
    for (const Json& object : bundle) {
        if (string_or(object, "kind") != "ResourceQuota" || meta(object, "namespace") != namespace_) continue;
        const auto same =
            std::ranges::find_if(there, [&](const Json& one) { return meta(one, "name") == meta(object, "name"); });
        if (same == there.end())
            there.push_back(object);
        else
            (*same)["spec"] = at_path(object, {"spec"});
    }
    return there;
}

std::vector<QuotaFinding> check_quotas(const Json& job, const std::vector<Json>& quotas) {
    return check_quotas({{at_path(job, {"spec", "template", "spec"}), pods_of(job)}}, "count/jobs.batch", quotas);
}

std::vector<QuotaFinding> check_quotas(const std::vector<PodCount>& pods, const std::string& counted,
                                       const std::vector<Json>& quotas) {
    Amounts needs;
    std::int64_t sum = 0;
    for (const PodCount& some : pods) {
        sum += some.count;
        for (const auto& [name, amount] : pod_amounts(some.spec)) needs[name] = needs[name] + amount * some.count;
    }
    needs["pods"] = needs["count/pods"] = Quantity::of_units(sum);
    if (!counted.empty()) needs[counted] = Quantity::of_units(1);
    std::vector<QuotaFinding> out;
    for (const Json& quota : quotas) {
        if (!at_path(quota, {"spec", "scopes"}).empty() || !at_path(quota, {"spec", "scopeSelector"}).empty()) continue;
        const Json& hard = at_path(quota, {"spec", "hard"});
        if (!hard.is_object()) continue;
        for (const auto& [key, value] : hard.items()) {
            const auto need = needs.find(long_key(key));
            const auto limit = quantity_of(value);
            if (need == needs.end() || !limit || need->second == Quantity()) continue;
            const Quantity used = quantity_of(at_path(quota, {"status", "used", key})).value_or(Quantity());
            if (need->second + used <= *limit) continue;
            const bool never = need->second > *limit;
            std::string message = fmt::format("the job needs {} {}, quota \"{}\" allows {}", need->second.text(),
                                              printable(key), printable(meta(quota, "name")), limit->text());
            if (!never) message += fmt::format(", of which {} are in use", used.text());
            out.push_back({std::move(message), never});
        }
    }
    return out;
}

}  // namespace ktrain::kube
