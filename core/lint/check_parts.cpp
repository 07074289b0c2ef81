// Pods, Jobs and claims inside custom resources, held against the types of Kubernetes itself: the schemas of operators
// take what the API server refuses of what is made of it.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/lint/makers.h"
#include "core/lint/operators.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

// Fields that there are not, or not in every version: the schema of the kind says that, and the server drops them.
constexpr std::array<std::string_view, 2> not_refused{"KT003", "KT010"};

// Where an object has what a pod has, and where the pod has it.
struct PodPart {
    std::string_view path;
    std::string_view field;  // of a pod's spec; "[]" is an item; empty: the whole
};

// In a template of a Workflow, and in the spec of the Workflow.
constexpr std::array argo_parts{PodPart{"affinity", "affinity"},
                                PodPart{"container", "containers[]"},
                                PodPart{"containerSet.containers[]", "containers[]"},
                                PodPart{"dnsConfig", "dnsConfig"},
                                PodPart{"dnsPolicy", "dnsPolicy"},
                                PodPart{"hostAliases[]", "hostAliases[]"},
                                PodPart{"initContainers[]", "containers[]"},
                                PodPart{"script", "containers[]"},
                                PodPart{"securityContext", "securityContext"},
                                PodPart{"sidecars[]", "containers[]"},
                                PodPart{"tolerations[]", "tolerations[]"},
                                PodPart{"volumes[]", "volumes[]"}};

// In the spec of a TrainJob: what it puts into the pods of its runtime.
constexpr std::array train_job_parts{
    PodPart{"initializer.*.env[]", "containers[].env[]"},
    PodPart{"runtimePatches[].trainingRuntimeSpec.template.spec.replicatedJobs[].template.spec.template.spec", ""},
    PodPart{"trainer.env[]", "containers[].env[]"},
    PodPart{"trainer.resourcesPerNode", "containers[].resources"},
};

bool is_argo(const Object& object) {
    return group_of(object.api_version) == "argoproj.io";
}

// Where findings stand.
class Said {
public:
    void add(const Diagnostic& finding) {
        if (finding.where.path.empty()) return;
        bool& refused = paths_[finding.where.path];
        refused = refused || finding.severity == Severity::error;
    }

    // Whether one stands at the path, or an error at what holds it.
    bool covers(std::string_view path) const {
        if (paths_.contains(path)) return true;
        for (std::size_t end = path.find_first_of(".["); end != path.npos; end = path.find_first_of(".[", end + 1)) {
            const auto row = paths_.find(path.substr(0, end));
            if (row != paths_.end() && row->second) return true;
        }
        return false;
    }

private:
    std::map<std::string, bool, std::less<>> paths_;  // whether an error is there
};

// Whether the path, or what holds it, is among them.
bool is_inside(std::string_view path, const std::set<std::string, std::less<>>& paths) {
    for (std::size_t end = path.find('.'); end != path.npos; end = path.find('.', end + 1))
        if (paths.contains(path.substr(0, end))) return true;
    return paths.contains(path);
}

class Parts {
public:
    // `first`: the findings on the object begin there.
    Parts(const Object& object, const Bundle& bundle, std::size_t first, Findings& findings)
        : object_(object), bundle_(bundle), findings_(findings), warns_(leaves_pods(object)) {
        for (const Diagnostic& finding : findings.behind(first)) said_.add(finding);
        const bool known = Schemas().find(object.api_version, object.kind).has_value();
        fills_in_ = !known || is_argo(object) || object.kind == "TrainJob";
    }

    // `made`: what is refused: "pods".
    void check(const Spot& spot, std::optional<Type> type, std::string_view made) {
        if (!type) return;
        Diagnostics found;
        Findings scratch(object_, found);
        check_part(object_, bundle_, spot, *type, scratch);
        for (Diagnostic& finding : found) report(std::move(finding), made);
    }

    void check_pod_parts(const Spot& holder, std::span<const PodPart> parts, Type pod) {
        for (const PodPart& part : parts) {
            each_at(holder, part.path, [&](const Spot& spot) { check(spot, field_of(pod, part.field), "pods"); });
        }
    }

    // The type of a field of a kind of Kubernetes.
    std::optional<Type> field_type(std::string_view api_version, std::string_view kind, std::string_view field) const {
        const std::optional<KindSchema> schema = bundle_.schemas.find(api_version, kind);
        if (!schema || schema->type().has(flag_crd)) return std::nullopt;
        return field_of(schema->type(), field);
    }

private:
    static std::optional<Type> field_of(Type type, std::string_view path) {
        if (path.empty()) return type;
        const std::size_t dot = path.find('.');
        const std::string_view step = path.substr(0, dot);
        const bool item = step.ends_with("[]");
        const auto edges = type.edges(item ? step.substr(0, step.size() - 2) : step);
        if (edges.empty()) return std::nullopt;
        const Type found = type.field(edges.back()).type;
        return field_of(item ? found.inside() : found, dot == path.npos ? "" : path.substr(dot + 1));
    }

    void report(Diagnostic finding, std::string_view made) {
        if (finding.severity != Severity::error || std::ranges::find(not_refused, finding.rule) != not_refused.end())
            return;
        if (fills_in_ && finding.rule == "KT008") return;
        const bool filled_in = finding.message.find("{{") != std::string::npos;  // by a variable of a Workflow
        if (filled_in || writes_over(object_, finding.where.path) || said_.covers(finding.where.path)) return;
        const bool warns = warns_ || made != "pods";
        if (warns) finding.message += refused_later(object_, made);
        Diagnostic& added = findings_.add(finding.rule, std::move(finding.where), std::move(finding.message),
                                          std::string(finding.fix), warns ? Severity::warning : Severity::error);
        added.changes = std::move(finding.changes);
        said_.add(added);
    }

    const Object& object_;
    const Bundle& bundle_;
    Findings& findings_;
    Said said_;      // of the object
    bool warns_;     // of pods; nobody looks into other parts
    bool fills_in_;  // the operator adds what is missing, or nobody knows whether it does
};

}  // namespace

void check_parts(const Object& object, const Bundle& bundle, std::size_t first, Findings& findings) {
    if (!makes_pods_later(object)) return;
    Parts parts(object, bundle, first, findings);
    std::set<std::string, std::less<>> paths;
    each_part(object, [&](const Part& part, const Spot& spot) {
        parts.check(spot, parts.field_type(part.api_version, part.kind, part.field), name_of(part.made));
        paths.insert(spot.path);
    });
    const std::optional<Type> pod = parts.field_type("v1", "PodTemplate", "template.spec");
    if (!pod) return;
    for (const PodTemplate& model : object.templates) {
        if (model.argo)
            parts.check_pod_parts(model.spec, argo_parts, *pod);
        else if (model.spec && !is_inside(model.spec.path, paths))
            parts.check(model.spec, pod, "pods");
    }
    const Spot spec = object.root["spec"];
    if (is_argo(object))
        parts.check_pod_parts(object.kind == "CronWorkflow" ? spec["workflowSpec"] : spec, argo_parts, *pod);
    if (object.kind == "TrainJob") parts.check_pod_parts(spec, train_job_parts, *pod);
}

}  // namespace ktrain::lint
