// Runs the checks of pods (pods.h) on every pod template of an object.
#include "core/lint/makers.h"
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

// What only the cluster knows may be added to the pods of a Workflow: by who runs the template, or by a patch.
bool has_other_volumes(const Object& object, Value workflow, Value model) {
    return object.kind.ends_with("WorkflowTemplate") || model["podSpecPatch"] || workflow["podSpecPatch"] ||
           workflow["templateDefaults"] || workflow["workflowTemplateRef"];
}

void add_one(Pod& pod, Value container) {
    if (container.is(yaml::Kind::mapping)) pod.containers.push_back({container, Role::main});
}

// Each claim of a StatefulSet, a JobSet, a LeaderWorkerSet or a Workflow is a volume of its pods.
void add_claims(Pod& pod, Value claims) {
    for (const yaml::Node& claim : claims.items()) pod.claims.push_back(Value(claim)["metadata"]["name"].text());
}

// A template of a Workflow, which holds the containers of its pod by itself.
Pod make_argo_pod(const Object& object, const PodTemplate& model, const Reporter& report) {
    const Value spec = Value(object.root)["spec"];
    const Value workflow = object.kind == "CronWorkflow" ? spec["workflowSpec"] : spec;
    Pod pod{Value(model.metadata), Value(model.spec), {}, {}, false, report, workflow};
    pod.open_volumes = has_other_volumes(object, workflow, pod.spec);
    add(pod, "initContainers", Role::init);
    add_one(pod, pod.spec["container"]);
    add_one(pod, pod.spec["script"]);
    add_one(pod, pod.spec["containerSet"]);  // its mounts are those of its containers
    for (const yaml::Node& node : pod.spec["containerSet"]["containers"].items()) add_one(pod, node);
    add(pod, "sidecars", Role::sidecar);
    add_claims(pod, workflow["volumeClaimTemplates"]);
    return pod;
}

// What stands in the Workflow for all its pods: volumes, and where they run.
void check_workflow_pods(const Object& object, const Reporter& report) {
    const Value spec = Value(object.root)["spec"];
    const Value workflow = object.kind == "CronWorkflow" ? spec["workflowSpec"] : spec;
    const Pod pod{{}, workflow, {}, {}, false, report};
    check_volumes(pod);
    check_scheduling(pod);
}

Pod make_pod(const Object& object, const PodTemplate& model, const Reporter& report) {
    Pod pod{Value(model.metadata), Value(model.spec), {}, {}, object.kind == "Pod", report};
    add(pod, "initContainers", Role::init);
    add(pod, "containers", Role::main);
    add(pod, "ephemeralContainers", Role::ephemeral);
    const Value spec = Value(object.root)["spec"];
    add_claims(pod, spec["volumeClaimTemplates"]);
    add_claims(pod, spec["leaderWorkerTemplate"]["volumeClaimTemplates"]);
    for (const yaml::Node& policy : spec["volumeClaimPolicies"].items()) add_claims(pod, Value(policy)["templates"]);
    return pod;
}

}  // namespace

std::vector<Value> Pod::volumes() const {
    std::vector<Value> all;
    for (const Value owner : {spec, workflow}) {
        for (const yaml::Node& volume : owner["volumes"].items()) all.emplace_back(volume);
    }
    return all;
}

Value Pod::volume(std::string_view name) const {
    for (const Value owner : {spec, workflow}) {
        for (const yaml::Node& volume : owner["volumes"].items()) {
            if (!name.empty() && Value(volume)["name"].text() == name) return volume;
        }
    }
    return {};
}

void check_pod_templates(const Object& object, const Bundle&, Findings& findings) {
    const Reporter report(object, findings, leaves_pods(object));
    bool argo = false;
    for (const PodTemplate& model : object.templates) {
        if (!model.spec.is(yaml::Kind::mapping)) continue;
        const Pod pod = model.argo ? make_argo_pod(object, model, report) : make_pod(object, model, report);
        check_template_metadata(pod);
        check_pod_annotations(pod);
        check_volumes(pod);
        check_mounts(pod);
        check_environment(pod);
        check_handlers(pod);
        check_amounts(pod);
        check_security(pod);
        check_scheduling(pod);
        if (!model.argo) check_pod_fields(pod);  // a template has others
        argo = argo || model.argo;
    }
    if (argo) check_workflow_pods(object, report);
}

}  // namespace ktrain::lint
