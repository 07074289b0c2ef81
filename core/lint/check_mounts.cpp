// KT017: what containers mount: volumes that there are, each path once, and what a mount may ask for.
#include <algorithm>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT017";

using Names = std::vector<std::string_view>;

struct Mounts {
    const Pod& pod;
    Value container;
    Role role;
    const Names& names;
    Names& used;
};

bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether the volume stands in the container by mistake.
bool is_inside(Value container, std::string_view name) {
    return std::ranges::any_of(container["volumes"].items(),
                               [&](const yaml::Node& node) { return Value(node)["name"].text() == name; });
}

// Whether the volume is there. What it may have been meant for counts as used: one cause, one finding.
void check_name(const Mounts& mounts, Value name) {
    if (!name.is(yaml::Kind::string) || name.text().empty()) return;
    mounts.used.push_back(name.text());
    if (contains(mounts.names, name.text()) || mounts.pod.open_volumes) return;
    if (is_inside(mounts.container, name.text())) return;  // KT003
    const std::string near = nearest(name.text(), mounts.names);
    for (std::string_view known : mounts.names) {
        if (known == near) mounts.used.push_back(known);
    }
    mounts.pod.report.at(rule, name, "no volume is called " + shown(name.text()),
                         near.empty() ? "add it to the pod's volumes" : "did you mean '" + near + "'?");
}

// The first earlier use of the path, or of the name, among the items of a list.
Value same(Value list, const yaml::Node* until, std::string_view field, std::string_view text) {
    for (const yaml::Node& node : list.items()) {
        if (&node == until) break;
        const Value value = Value(node)[field];
        if (value.is(yaml::Kind::string) && value.text() == text) return value;
    }
    return {};
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

void check_mount(const Mounts& mounts, const yaml::Node& node) {
    const Value mount(node);
    const Value all = mounts.container["volumeMounts"];
    check_name(mounts, mount["name"]);
    const Value path = mount["mountPath"];
    if (path.is(yaml::Kind::string)) check_path(mounts, path, same(all, &node, "mountPath", path.text()));
    check_sub_paths(mounts, mount);
    check_modes(mounts, mount);
}

void check_device(const Mounts& mounts, const yaml::Node& node) {
    const Value device(node);
    const Value all = mounts.container["volumeMounts"];
    check_name(mounts, device["name"]);
    const std::string_view name = device["name"].text();
    const Value volume = mounts.pod.volume(name);
    if (volume && !volume["persistentVolumeClaim"] && !volume["ephemeral"] && !contains(mounts.pod.claims, name))
        mounts.pod.report.at(rule, device["name"], "volume " + shown(name) + " is no claim, and cannot be a device",
                             "mount it under volumeMounts, or make it a claim of volumeMode Block");
    if (!name.empty() && same(all, nullptr, "name", name))
        mounts.pod.report.at(rule, device["name"], "volume " + shown(name) + " is under volumeMounts and volumeDevices",
                             "keep one of the two");
    const Value path = device["devicePath"];
    if (!path.is(yaml::Kind::string)) return;
    if (has_backsteps(path.text()))
        return mounts.pod.report.at(rule, path, "the path " + shown(path.text()) + " contains '..'",
                                    "write the path without '..'");
    const Value before = same(mounts.container["volumeDevices"], &node, "devicePath", path.text());
    check_path(mounts, path, before ? before : same(all, nullptr, "mountPath", path.text()));
}

}  // namespace

void check_mounts(const Pod& pod) {
    Names names = pod.claims;
    for (const Value volume : pod.volumes()) names.push_back(volume["name"].text());
    Names used;
    for (const PodContainer& container : pod.containers) {
        const Mounts mounts{pod, container.value, container.role, names, used};
        for (const yaml::Node& mount : container.value["volumeMounts"].items()) check_mount(mounts, mount);
        for (const yaml::Node& device : container.value["volumeDevices"].items()) check_device(mounts, device);
        for (const yaml::Node& variable : container.value["env"].items()) {
            const Value file = Value(variable)["valueFrom"]["fileKeyRef"]["volumeName"];
            if (file) used.push_back(file.text());  // KT041 says whether it is there
        }
    }
    for (const yaml::Node& volume : pod.spec["volumes"].items()) {
        const std::string_view name = Value(volume)["name"].text();
        if (!name.empty() && !contains(used, name))
            pod.report.note(rule, volume, "no container mounts volume " + shown(name), "mount it, or remove it");
    }
}

}  // namespace ktrain::lint
