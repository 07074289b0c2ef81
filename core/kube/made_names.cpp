// Takes names apart as controllers put them together.
#include "core/kube/made_names.h"

#include <algorithm>
#include <charconv>

#include "core/base/names.h"
#include "core/kube/fields.h"
#include "core/kube/resource.h"

namespace ktrain::kube {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The time of a CronJob's Job, in minutes since 1970.
bool is_minute(std::string_view text) {
    return is_number(text) && text.size() >= 8;
}

// What the server appends to a generated name.
bool is_random(std::string_view text) {
    return text.size() == 5 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

bool is_word(std::string_view text) {
    return !text.empty() && text.find('-') == std::string_view::npos;
}

// The text up to its first "-", which is taken away from it with that.
std::string_view first_part(std::string_view& text) {
    const std::string_view part = text.substr(0, text.find('-'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

bool of_job(const Json& job, std::string_view rest) {
    if (string_or(at_path(job, {"spec"}), "completionMode") != "Indexed") return is_random(rest);
    const std::string_view index = first_part(rest);
    std::int64_t value = -1;
    std::from_chars(index.data(), index.data() + index.size(), value);
    return is_number(index) && value < int_at(job, {"spec", "completions"}, 1) && is_random(rest);
}

bool of_job_set(const Json& set, bool pod, std::string_view rest) {
    return std::ranges::any_of(at_path(set, {"spec", "replicatedJobs"}), [&](const Json& one) {
        const std::string name = string_or(one, "name") + "-";
        if (!rest.starts_with(name)) return false;
        std::string_view more = rest.substr(name.size());
        return is_number(first_part(more)) && (pod || more.empty());
    });
}

// Kinds of kubeflow.org name their pods by the type of the replica.
bool of_replicas(const Json& specs, std::string_view rest) {
    const std::string type(first_part(rest));
    return std::ranges::any_of(specs.items(), [&](const auto& one) { return lower(one.key()) == type; });
}

}  // namespace

bool would_name(const Json& maker, const std::string& kind, const std::string& name) {
    const std::string prefix = meta(maker, "name") + "-", own_kind = string_or(maker, "kind");
    if (!name.starts_with(prefix) || kind == own_kind) return false;
    std::string_view rest = std::string_view(name).substr(prefix.size());
    const bool pod = kind == "Pod";
    if (own_kind == "Job" && string_or(maker, "apiVersion").starts_with("batch/")) return pod && of_job(maker, rest);
    if (own_kind == "ReplicaSet" || own_kind == "ReplicationController" || own_kind == "DaemonSet")
        return pod && is_random(rest);
    if (own_kind == "StatefulSet") return pod && is_number(rest);
    if (own_kind == "Deployment") return pod || (kind == "ReplicaSet" && is_word(rest));
    if (own_kind == "CronJob") return is_minute(first_part(rest)) && (pod ? is_random(rest) : rest.empty());
    if (own_kind == "JobSet") return of_job_set(maker, pod, rest);
    if (own_kind == "TrainJob") return !is_number(first_part(rest));  // after the jobs of its runtime
    const Json& spec = at_path(maker, {"spec"});
    if (spec.is_object())
        for (const auto& [key, specs] : spec.items())
            if (key.ends_with("ReplicaSpecs") && specs.is_object()) return of_replicas(specs, rest);
    return true;
}

}  // namespace ktrain::kube
