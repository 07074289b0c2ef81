// Runs the checks of pods (pods.h) on every pod template of an object.
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

void add(Pod& pod, std::string_view list, Role role) {
    for (const yaml::Node& node : pod.spec[list].items()) {
        const Value container(node);
        if (!container.is(yaml::Kind::mapping)) continue;
        const bool stays = role == Role::init && container["restartPolicy"].text() == "Always";
        pod.containers.push_back({container, stays ? Role::sidecar : role});
    }
}

Pod make_pod(const Object& object, const PodTemplate& model, const Reporter& report) {
    Pod pod{Value(model.metadata), Value(model.spec), {}, {}, object.kind == "Pod", report};
    add(pod, "initContainers", Role::init);
    add(pod, "containers", Role::main);
    add(pod, "ephemeralContainers", Role::ephemeral);
    // Each claim of a StatefulSet is a volume of its pods.
    const Value claims = Value(object.root)["spec"]["volumeClaimTemplates"];
    for (const yaml::Node& claim : claims.items()) pod.claims.push_back(Value(claim)["metadata"]["name"].text());
    return pod;
}

}  // namespace

Value Pod::volume(std::string_view name) const {
    for (const yaml::Node& volume : spec["volumes"].items()) {
        if (!name.empty() && Value(volume)["name"].text() == name) return volume;
    }
    return {};
}

void check_pod_templates(const Object& object, const Bundle&, Findings& findings) {
    const Reporter report(object, findings, makes_pods_later(object));
    for (const PodTemplate& model : object.templates) {
        if (!model.spec.is(yaml::Kind::mapping)) continue;
        const Pod pod = make_pod(object, model, report);
        check_template_metadata(pod);
        if (model.argo) continue;  // a template of another shape
        check_volumes(pod);
        check_mounts(pod);
        check_environment(pod);
        check_handlers(pod);
        check_amounts(pod);
        check_security(pod);
        check_scheduling(pod);
        check_pod_fields(pod);
    }
}

}  // namespace ktrain::lint
