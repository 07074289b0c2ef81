// Rules between the fields that say where the training runs, and with what.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/quantity.h"
#include "core/base/secret_names.h"
#include "core/base/text.h"
#include "core/spec/formats.h"
#include "core/spec/pod_folders.h"
#include "core/spec/rules.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

void check_labels(const StringMap& labels, const std::string& path, Report& report) {
    for (const auto& [key, value] : labels) {
        const std::string full = join_path(path, key);
        if (!is_label_key(key))
            report.error(full, fmt::format("{} is no key of a Kubernetes label", in_quotes(key)),
                         "use at most 63 letters, digits, -, _ and ., with a domain and / in front if needed");
        else if (!is_label_value(value))
            report.error(full, fmt::format("{} is no value of a Kubernetes label", in_quotes(value)),
                         "use at most 63 letters, digits, -, _ and .");
    }
}

// A quantity that passed its own check, or nothing.
std::optional<Quantity> amount(const std::string& text) {
    return text.empty() ? std::nullopt : Quantity::parse(text);
}

void check_bytes(const std::string& text, const std::string& path, Report& report) {
    const auto bytes = amount(text);
    if (bytes && *bytes < Quantity::of_units(1024))
        report.error(path, fmt::format("{} is {} bytes, less than 1Ki", path, bytes->text()),
                     "write a unit: 16Gi is 16 gibibytes, 16G are 16 gigabytes");
}

// Names that a ResourceQuota knows besides requests.X/Y, count/X and *.storageclass.storage.k8s.io/*.
constexpr std::array<std::string_view, 16> quota_names{"configmaps",
                                                       "cpu",
                                                       "limits.cpu",
                                                       "limits.ephemeral-storage",
                                                       "limits.memory",
                                                       "memory",
                                                       "persistentvolumeclaims",
                                                       "pods",
                                                       "requests.cpu",
                                                       "requests.ephemeral-storage",
                                                       "requests.memory",
                                                       "requests.nvidia.com/gpu",
                                                       "requests.storage",
                                                       "secrets",
                                                       "services",
                                                       "services.nodeports"};

void check_quota_name(const std::string& name, const std::string& path, Report& report) {
    // The handbook's limits.nvidia.com/gpu counts nothing; the plan leaves it out with a warning.
    const bool extended = name.find('/') != std::string::npos;
    for (const std::string_view start : {"requests.", "limits.", "count/"})
        if (extended && name.starts_with(start)) return;
    if (extended && name.find(".storageclass.storage.k8s.io/") != std::string::npos) return;
    if (std::find(quota_names.begin(), quota_names.end(), name) != quota_names.end()) return;
    const std::string near = nearest(name, quota_names);
    std::string fix = fmt::format("write one of {}", fmt::join(quota_names, ", "));
    if (!near.empty()) fix = "did you mean " + near + "?";
    if (extended) fix = "write requests." + printable(name);
    report.error(path, fmt::format("{} is no name that a ResourceQuota counts", in_quotes(name)), fix);
}

bool holds_secret(std::string_view name, std::string_view value) {
    return is_secret_name(name) || !token_in(value).empty() || !password_in_address(value).empty();
}

}  // namespace

void rule_name(const TrainingSpec& spec, Report& report) {
    // A pod of an Indexed Job is called NAME-INDEX-xxxxx; its host name and labels end at 63 letters. Format::job_name
    // leaves room for an index of one digit.
    const std::string& name = spec.metadata.name;
    const std::size_t most = 63 - 7 - std::to_string(spec.resources.nodes - 1).size();
    if (name.size() > most)
        report.error("metadata.name",
                     fmt::format("metadata.name has {} letters, at most {} are possible with resources.nodes {}",
                                 name.size(), most, spec.resources.nodes),
                     "names of pods add an index and five letters, and end at 63");
    if (spec.resources.nodes > 1 && !name.empty() && name.front() >= '0' && name.front() <= '9')
        report.error("metadata.name", fmt::format("metadata.name must begin with a letter, got {}", in_quotes(name)),
                     "the Service that connects several pods has this name");
}

void rule_namespace(const TrainingSpec& spec, Report& report) {
    if (spec.metadata.namespace_.starts_with("kube-"))
        report.error("metadata.namespace",
                     fmt::format("{} belongs to the cluster itself", in_quotes(spec.metadata.namespace_)),
                     "a quota there would stop the cluster's own pods; name a namespace for training");
}

void rule_labels(const TrainingSpec& spec, Report& report) {
    check_labels(spec.metadata.labels, "metadata.labels", report);
    check_labels(spec.cluster.node_selector, "cluster.node_selector", report);
}

void rule_bytes(const TrainingSpec& spec, Report& report) {
    check_bytes(spec.resources.memory, "resources.memory", report);
    check_bytes(spec.resources.shm, "resources.shm", report);
    for (std::size_t i = 0; i < spec.cluster.volumes.size(); ++i)
        check_bytes(spec.cluster.volumes[i].size, join_path("cluster.volumes", i) + ".size", report);
}

void rule_shm(const TrainingSpec& spec, Report& report) {
    const auto shm = amount(spec.resources.shm);
    const auto memory = amount(spec.resources.memory);
    if (shm && memory && *shm >= *memory)
        report.error("resources.shm",
                     fmt::format("resources.shm {} leaves nothing of resources.memory {}, which it is counted against",
                                 spec.resources.shm, spec.resources.memory),
                     "raise memory, or ask for less shm");
}

void rule_quota(const TrainingSpec& spec, Report& report) {
    for (const auto& [name, text] : spec.cluster.quota) {
        const std::string path = join_path("cluster.quota", name);
        check_quota_name(name, path, report);
        const auto quantity = Quantity::parse(text);
        if (quantity && !quantity->negative()) continue;
        const std::string suggestion = Quantity::suggest(text);
        report.error(path, fmt::format("{} must be a quantity, got {}", path, in_quotes(text)),
                     suggestion.empty() ? "" : "write " + suggestion);
    }
}

void rule_mounts(const TrainingSpec& spec, Report& report) {
    const auto& volumes = spec.cluster.volumes;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const std::string path = join_path("cluster.volumes", i) + ".mount_path";
        const std::string& mount = volumes[i].mount_path;
        if (report.is_bad(path)) continue;
        const auto same =
            std::find_if(volumes.begin(), volumes.begin() + static_cast<std::ptrdiff_t>(i),
                         [&](const VolumeSpec& other) { return path_in_pod(other.mount_path) == path_in_pod(mount); });
        if (!mount.starts_with('/') || mount.find(':') != std::string::npos)
            report.error(path,
                         fmt::format("{} must be an absolute path without a colon, got {}", path, in_quotes(mount)),
                         "write it as /data");
        else if (belongs_to_pod(mount))
            report.error(path, fmt::format("{} belongs to the pod itself", mount),
                         "mount the volume elsewhere, such as at /data");
        else if (same != volumes.begin() + static_cast<std::ptrdiff_t>(i))
            report.error(
                path, fmt::format("the volumes {} and {} are both mounted at {}", same->claim, volumes[i].claim, mount),
                "give one of them another mount_path");
    }
}

void rule_access(const TrainingSpec& spec, Report& report) {
    for (std::size_t i = 0; i < spec.cluster.volumes.size(); ++i)
        if (spec.resources.nodes > 1 && spec.cluster.volumes[i].access == "ReadWriteOncePod")
            report.error(join_path("cluster.volumes", i) + ".access",
                         fmt::format("the claim {} serves one pod, resources.nodes is {}",
                                     spec.cluster.volumes[i].claim, spec.resources.nodes),
                         "write ReadWriteMany");
}

void rule_output(const TrainingSpec& spec, Report& report) {
    const VolumeSpec* volume = volume_of(spec, spec.output_dir);
    if (volume && volume->read_only)
        report.error("output_dir",
                     fmt::format("output_dir {} is on the volume {}, which is mounted read-only", spec.output_dir,
                                 volume->claim),
                     "write to another volume, or leave read_only out");
}

void rule_env_names(const TrainingSpec& spec, Report& report) {
    const auto check = [&](const std::string& name, const std::string& path) {
        if (!is_env_name(name))
            report.error(path, fmt::format("{} is no name of an environment variable", in_quotes(name)),
                         "use letters, digits and _, no digit first");
    };
    for (const auto& [name, value] : spec.cluster.env) check(name, join_path("cluster.env", name));
    const auto& secrets = spec.cluster.secrets;
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        const std::string path = join_path("cluster.secrets", i) + ".env";
        if (report.is_bad(path)) continue;
        const std::string& name = secrets[i].env;
        check(name, path);
        const bool twice = std::any_of(secrets.begin(), secrets.begin() + static_cast<std::ptrdiff_t>(i),
                                       [&](const SecretEnvSpec& other) { return other.env == name; });
        if (twice || spec.cluster.env.contains(name))
            report.error(path, fmt::format("the variable {} is set twice", name), "remove one of them");
    }
}

void rule_env_secrets(const TrainingSpec& spec, Report& report) {
    for (const auto& [name, value] : spec.cluster.env)
        if (!value.empty() && holds_secret(name, value))
            report.error(join_path("cluster.env", name),
                         fmt::format("the value of {} looks like a secret and would be readable in the manifests",
                                     printable(name)),
                         fmt::format("take it from a Secret: cluster.secrets: [{{env: {}, secret: NAME, key: KEY}}]",
                                     printable(name)));
}

}  // namespace ktrain::spec
