// Names, environment and quota of a plan.
#include "core/plan/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::size_t max_name = 63;  // of a DNS label, and of a label's value
// Pods of an Indexed Job are called JOB-INDEX-xxxxx.
constexpr std::size_t pod_suffix = 5;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

// Letters of a label's value or of the name part of its key.
bool label_letters(std::string_view text) {
    const auto allowed = [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; };
    return std::ranges::all_of(text, allowed) && is_alnum(text.front()) && is_alnum(text.back());
}

void check_labels(const StringMap& labels, const std::string& path) {
    for (const auto& [key, value] : labels) {
        const std::string place = join_path(path, key);
        const std::size_t slash = key.find('/');
        const std::string name = slash == std::string::npos ? key : key.substr(slash + 1);
        if (name.empty() || name.size() > max_name || key.size() > 253 + 1 + max_name || slash == 0 ||
            !label_letters(name))
            throw input_error(
                place, fmt::format("\"{}\" is no key of a Kubernetes label", printable(key)),
                "use at most 63 letters, digits, \"-\", \"_\" and \".\", with a domain and \"/\" in front if needed");
        if (value.size() > max_name || (!value.empty() && !label_letters(value)))
            throw input_error(place, fmt::format("\"{}\" is no value of a Kubernetes label", printable(value)),
                              "use at most 63 letters, digits, \"-\", \"_\" and \".\"");
        if (key.starts_with("ktrain.dev/"))
            throw input_error(place, key + " is set by ktrain itself", "choose another key");
    }
}

void check_variable(const std::string& name, const std::string& path) {
    const auto allowed = [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; };
    if (name.empty() || is_digit(name.front()) || !std::ranges::all_of(name, allowed))
        throw input_error(path, fmt::format("\"{}\" is no name of an environment variable", printable(name)));
}

// WANDB_API_KEY, HF_TOKEN, DB_PASSWORD: values that must not be readable in a manifest.
bool names_a_secret(const std::string& name) {
    constexpr std::array<std::string_view, 5> endings{"KEY", "PASSWD", "PASSWORD", "SECRET", "TOKEN"};
    return std::ranges::any_of(endings, [&](std::string_view ending) {
        return name == ending || (name.ends_with(ending) && name[name.size() - ending.size() - 1] == '_');
    });
}

}  // namespace

Error input_error(const std::string& path, const std::string& message, std::string hint) {
    return Error(ErrorKind::input, path + ": " + message, {"", 0, 0, path}, std::move(hint));
}

Diagnostic warning(const std::string& path, const std::string& message, std::string fix) {
    return {"", Severity::warning, {"", 0, 0, path}, path + ": " + message, std::move(fix), ""};
}

void check_label(const std::string& name, const std::string& path, std::size_t most) {
    if (name.empty()) throw input_error(path, "the name is missing", "set it to a name such as my-training");
    const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
    if (!std::ranges::all_of(name, allowed) || name.front() == '-' || name.back() == '-')
        throw input_error(path, fmt::format("\"{}\" is no Kubernetes name", printable(name)),
                          "use lower-case letters, digits and \"-\" between them");
    if (name.size() > most)
        throw input_error(path, fmt::format("\"{}\" has {} letters, at most {} are possible", name, name.size(), most),
                          "names of pods add an index and five letters, and end at 63");
}

void check_names(const TrainingSpec& spec) {
    const std::size_t digits = std::to_string(spec.resources.nodes - 1).size();
    check_label(spec.metadata.name, "metadata.name", max_name - digits - pod_suffix - 2);
    if (spec.resources.nodes > 1 && is_digit(spec.metadata.name.front()))
        throw input_error("metadata.name", fmt::format("\"{}\" begins with a digit", spec.metadata.name),
                          "the Service that connects several pods has this name: begin it with a letter");
    check_label(spec.metadata.namespace_, "metadata.namespace");
    check_labels(spec.metadata.labels, "metadata.labels");
    check_labels(spec.cluster.node_selector, "cluster.node_selector");
    if (spec.cluster.image.empty())
        throw input_error("cluster.image", "the image is missing", "set it to a container image with ktrain");
}

void check_environment(const TrainingSpec& spec) {
    for (const auto& [name, value] : spec.cluster.env) {
        const std::string path = join_path("cluster.env", name);
        check_variable(name, path);
        if (names_a_secret(name) && !value.empty())
            throw input_error(
                path, fmt::format("the value of {} would be readable in the manifests", name),
                fmt::format("take it from a Secret: cluster.secrets: [{{env: {}, secret: NAME, key: KEY}}]", name));
    }
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < spec.cluster.secrets.size(); ++i) {
        const SecretEnvSpec& secret = spec.cluster.secrets[i];
        const std::string path = join_path("cluster.secrets", i);
        check_variable(secret.env, path + ".env");
        check_label(secret.secret, path + ".secret");
        if (secret.key.empty()) throw input_error(path + ".key", "the key is missing");
        if (spec.cluster.env.contains(secret.env) || std::ranges::find(seen, secret.env) != seen.end())
            throw input_error(path + ".env", secret.env + " is set twice", "remove one of them");
        seen.push_back(secret.env);
    }
}

void check_quota(const Plan& plan) {
    const PodResources& pod = plan.resources;
    Quantity storage;
    for (const VolumeSpec& volume : plan.spec.cluster.volumes)
        if (!volume.size.empty()) storage = storage + *Quantity::parse(volume.size);
    const Quantity cpu = pod.cpu * plan.pods;
    const Quantity memory = pod.memory * plan.pods;
    const std::array<std::pair<std::string_view, Quantity>, 10> needs{{
        {"count/pods", Quantity::of_units(plan.pods)},
        {"cpu", cpu},
        {"limits.cpu", cpu},
        {"limits.memory", memory},
        {"memory", memory},
        {"pods", Quantity::of_units(plan.pods)},
        {"requests.cpu", cpu},
        {"requests.memory", memory},
        {"requests.nvidia.com/gpu", Quantity::of_units(plan.pods * pod.gpus)},
        {"requests.storage", storage},
    }};
    for (const auto& [key, need] : needs) {
        const auto limit = plan.quota.find(std::string(key));
        if (limit == plan.quota.end() || *Quantity::parse(limit->second) >= need) continue;
        throw input_error(join_path("cluster.quota", std::string(key)),
                          fmt::format("a quota of {} for {} is less than the {} of this job: it could never run",
                                      limit->second, key, need.text()),
                          "raise the quota, or ask for less in resources");
    }
}

}  // namespace ktrain
