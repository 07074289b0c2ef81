// KT017: what containers mount: volumes that there are, each path once, and what a mount may ask for.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT017";

using Names = std::unordered_set<std::string_view>;
using Firsts = std::unordered_map<std::string_view, Value>;  // of each path, or name, the first use in a list

struct Mounts {
    const Pod& pod;
    Value container;
    Role role;
    const std::vector<std::string_view>& volumes;
    const Names& names;  // the same
    Names& used;
    Firsts paths = {};    // of volumeMounts
    Firsts mounted = {};  // the names there
    Firsts devices = {};  // of volumeDevices
};

// Whether the volume stands in the container by mistake.
bool is_inside(Value container, std::string_view name) {
    return std::ranges::any_of(container["volumes"].items(),
                               [&](const yaml::Node& node) { return Value(node)["name"].text() == name; });
}

// Whether the volume is there. What it may have been meant for counts as used: one cause, one finding.
void check_name(const Mounts& mounts, Value name) {
    if (!name.is(yaml::Kind::string) || name.text().empty()) return;
    mounts.used.insert(name.text());
    if (mounts.names.contains(name.text()) || mounts.pod.open_volumes) return;
    if (is_inside(mounts.container, name.text())) return;  // KT003
    const std::string near = nearest(name.text(), mounts.volumes);
    const auto known = mounts.names.find(near);
    if (known != mounts.names.end()) mounts.used.insert(*known);
    mounts.pod.report.at(rule, name, "no volume is called " + shown(name.text()),
                         near.empty() ? "add it to the pod's volumes" : "did you mean '" + near + "'?");
}

// The first use of the path, or of the name; the value is it from now on where there was none.
Value first_use(Firsts& firsts, Value value) {
    const auto [row, is_new] = firsts.emplace(value.text(), value);
    return is_new ? Value() : row->second;
}

Value used_in(const Firsts& firsts, std::string_view text) {
    const auto row = firsts.find(text);
    return row == firsts.end() ? Value() : row->second;
}

void check_path(const Mounts& mounts, Value path, Value first) {
    if (!first) return;
    mounts.pod.report.at(
        rule, path, shown(path.text()) + " is mounted twice: here and on line " + std::to_string(first.node()->line),
        "mount each path once");
}

void check_sub_paths(const Mounts& mounts, Value mount) {
    for (const char* field : {"subPath", "subPathExpr"}) {
        const Value path = mount[field];
        const std::string problem = inner_path_problem(path.text(), false);
        if (!problem.empty())
            mounts.pod.report.at(rule, path, std::string(field) + " " + shown(path.text()) + " " + problem,
                                 "write a path relative to the volume, without '..'");
        if (!path.text().empty() && mounts.role == Role::ephemeral)
            mounts.pod.report.at(rule, path, "an ephemeral container may not set " + std::string(field), "remove it");
    }
    if (mount["subPath"].text().empty() || mount["subPathExpr"].text().empty()) return;
    mounts.pod.report.at(rule, mount["subPathExpr"], "a mount has both subPath and subPathExpr", "keep one of the two");
}

void check_modes(const Mounts& mounts, Value mount) {
    const Value propagation = mount["mountPropagation"];
    if (propagation.text() == "Bidirectional" && !mounts.container["securityContext"]["privileged"].truth())
        mounts.pod.report.at(rule, propagation, "only a privileged container may mount Bidirectional",
                             "write HostToContainer, or set securityContext.privileged: true");
    const Value recursive = mount["recursiveReadOnly"];
    if (!recursive.one_of({"Enabled", "IfPossible"})) return;
    if (!mount["readOnly"].truth())
        mounts.pod.report.at(rule, recursive, "recursiveReadOnly needs readOnly: true", "add readOnly: true");
    if (propagation && propagation.text() != "None")
        mounts.pod.report.at(rule, recursive, "recursiveReadOnly does not go with mountPropagation",
                             "remove mountPropagation");
}

void check_mount(Mounts& mounts, Value mount) {
    const Value name = mount["name"];
    check_name(mounts, name);
    if (name.is(yaml::Kind::string)) mounts.mounted.emplace(name.text(), name);
    const Value path = mount["mountPath"];
    if (path.is(yaml::Kind::string)) check_path(mounts, path, first_use(mounts.paths, path));
    check_sub_paths(mounts, mount);
    check_modes(mounts, mount);
}

void check_device(Mounts& mounts, Value device) {
    check_name(mounts, device["name"]);
    const std::string_view name = device["name"].text();
    const Value volume = mounts.pod.volume(name);
    if (volume && !volume["persistentVolumeClaim"] && !volume["ephemeral"] &&
        std::ranges::find(mounts.pod.claims, name) == mounts.pod.claims.end())
        mounts.pod.report.at(rule, device["name"], "volume " + shown(name) + " is no claim, and cannot be a device",
                             "mount it under volumeMounts, or make it a claim of volumeMode Block");
    if (!name.empty() && used_in(mounts.mounted, name))
        mounts.pod.report.at(rule, device["name"], "volume " + shown(name) + " is under volumeMounts and volumeDevices",
                             "keep one of the two");
    const Value path = device["devicePath"];
    if (!path.is(yaml::Kind::string)) return;
    if (has_backsteps(path.text()))
        return mounts.pod.report.at(rule, path, "the path " + shown(path.text()) + " contains '..'",
                                    "write the path without '..'");
    const Value before = first_use(mounts.devices, path);
    check_path(mounts, path, before ? before : used_in(mounts.paths, path.text()));
}

}  // namespace

void check_mounts(const Pod& pod) {
    std::vector<std::string_view> volumes = pod.claims;
    for (const Value volume : pod.volumes()) volumes.push_back(volume["name"].text());
    const Names names(volumes.begin(), volumes.end());
    Names used;
    for (const PodContainer& container : pod.containers) {
        Mounts mounts{pod, container.value, container.role, volumes, names, used};
        for (const yaml::Node& mount : container.value["volumeMounts"].items()) check_mount(mounts, mount);
        for (const yaml::Node& device : container.value["volumeDevices"].items()) check_device(mounts, device);
        for (const yaml::Node& variable : container.value["env"].items()) {
            const Value file = Value(variable)["valueFrom"]["fileKeyRef"]["volumeName"];
            if (file) used.insert(file.text());  // KT041 says whether it is there
        }
    }
    for (const yaml::Node& volume : pod.spec["volumes"].items()) {
        const std::string_view name = Value(volume)["name"].text();
        if (!name.empty() && !used.contains(name))
            pod.report.note(rule, volume, "no container mounts volume " + shown(name), "mount it, or remove it");
    }
}

}  // namespace ktrain::lint
