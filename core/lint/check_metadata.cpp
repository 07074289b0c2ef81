// KT007 and KT018: names, labels and annotations as the API server accepts them, and no object twice.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/facts.h"
#include "core/lint/known_keys.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr std::size_t max_annotations = 256 * 1024;  // bytes of all keys and values together

std::string problem_of(NameRule rule, std::string_view name) {
    switch (rule) {
        case NameRule::ip:
            return format_problem("ip", name);
        case NameRule::label:
            return dns_label_problem(name);
        case NameRule::label_1035:
            return dns_label_1035_problem(name);
        case NameRule::path:
            return path_segment_problem(name);
        case NameRule::subdomain:
            return dns_subdomain_problem(name);
    }
    return "";
}

// The server looks at a beginning of names by itself, too.
std::string prefix_problem(NameRule rule, std::string_view text) {
    const bool whole = rule == NameRule::path || rule == NameRule::ip;
    return problem_of(rule, whole ? std::string(text) : as_whole_name(text));
}

// `path`: what the server names instead of the value's own.
void check_name(const Spot& spot, NameRule rule, Findings& findings, const std::string& path = "") {
    if (!spot.is(Kind::string) || spot.text().empty()) return;  // KT004, KT008
    std::string name(spot.text());
    bool prefix = spot.path.ends_with("generateName");
    if (prefix) name += "x";  // the server appends letters and digits
    std::string problem = problem_of(rule, name);
    const std::string own = prefix && path.empty() ? prefix_problem(rule, spot.text()) : "";
    if (problem.empty()) problem = own;
    if (problem.empty()) return;
    std::string near = to_dns_label(spot.text());
    bool usable = !near.empty() && !prefix && (rule != NameRule::label_1035 || dns_label_1035_problem(near).empty());
    Place where = spot.place();
    if (!path.empty()) where.path = path;
    if (prefix && path.empty() && own.empty())  // of the name that it makes
        where.path = where.path.substr(0, where.path.size() - std::string_view("generateName").size()) + "name";
    findings.add("KT007", where, "the name " + shown(spot.text()) + " " + problem,
                 usable ? "write '" + near + "'" : "");
}

// Of two kinds the server looks at the name alone, which it may have made. Source: who calls ValidateObjectMetaWithOpts
// in pkg/apis.
void check_made_name(const Object& object, const Spot& metadata, NameRule rule, Findings& findings) {
    const Spot prefix = metadata["generateName"];
    if (object.kind == "DeviceClass" || object.kind == "ReplicationController") {
        if (!metadata["name"].text().empty()) return;
        return check_name(prefix, rule, findings, metadata["name"].path);
    }
    check_name(prefix, rule, findings);
}

// Of a key in order that is nearly one that somebody reads.
void check_meant(const Spot& member, std::string_view key, std::string_view what, Findings& findings) {
    if (const std::optional<NearKey> near = nearly_known(what, key))
        findings.add("KT007", member.key_place(), near->message, near->fix, Severity::warning);
}

void check_labels(const Spot& labels, Findings& findings) {
    for (const Spot& label : labels.members()) {
        std::string key = yaml::key_text(*label.key);
        std::string problem = qualified_name_problem(key);
        if (!problem.empty()) findings.add("KT007", label.key_place(), "the label key " + shown(key) + " " + problem);
        check_meant(label, key, "label", findings);
        if (!label.is(Kind::string)) continue;  // KT004
        problem = label_value_problem(label.text());
        if (!problem.empty()) {
            findings.add("KT007", label.place(), "the label value " + shown(label.text()) + " " + problem,
                         "put free text into an annotation");
        }
    }
}

void check_annotations(const Spot& annotations, Findings& findings) {
    std::size_t size = 0;
    for (const Spot& annotation : annotations.members()) {
        std::string key = yaml::key_text(*annotation.key);
        std::string problem = qualified_name_problem(lower(key));  // only here
        if (!problem.empty())
            findings.add("KT007", annotation.key_place(), "the annotation key " + shown(key) + " " + problem);
        check_meant(annotation, key, "annotation", findings);
        size += key.size() + annotation.text().size();
    }
    if (size > max_annotations) {
        findings.add("KT007", annotations.key_place(),
                     "the annotations have " + std::to_string(size) + " bytes, at most 262144 are allowed",
                     "move the data into a ConfigMap");
    }
}

// Whether the kind is one of Kubernetes' own, and no custom resource.
bool is_own_kind(const Object& object) {
    const std::string_view group = std::string_view(object.api_version).substr(0, object.api_version.find('/'));
    const bool core = object.api_version.find('/') == std::string::npos || group.find('.') == std::string_view::npos;
    return object.schema && (core || (group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io")));
}

// Kinds whose metadata is checked without a look at the names of finalizers. Source: pkg/apis/*/validation of those
// groups, which call ValidateObjectMeta of apimachinery.
bool takes_any_finalizer(const Object& object) {
    constexpr std::array<std::string_view, 6> groups{
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io",
        "coordination.k8s.io",          "node.k8s.io",          "policy"};
    return std::ranges::find(groups, group_of(object.api_version)) != groups.end();
}

// Kinds of Kubernetes whose server begins to count anew, whatever is written, or never looks. Source: the strategies in
// pkg/registry.
constexpr std::array<std::string_view, 28> counted_anew{"CronJob",
                                                        "CustomResourceDefinition",
                                                        "DaemonSet",
                                                        "Deployment",
                                                        "DeviceClass",
                                                        "DeviceTaintRule",
                                                        "EndpointSlice",
                                                        "Event",
                                                        "FlowSchema",
                                                        "Ingress",
                                                        "IngressClass",
                                                        "Job",
                                                        "MutatingAdmissionPolicy",
                                                        "MutatingAdmissionPolicyBinding",
                                                        "MutatingWebhookConfiguration",
                                                        "NetworkPolicy",
                                                        "Pod",
                                                        "PodDisruptionBudget",
                                                        "PodTemplate",
                                                        "PriorityClass",
                                                        "PriorityLevelConfiguration",
                                                        "ReplicaSet",
                                                        "ReplicationController",
                                                        "ResourceSlice",
                                                        "StatefulSet",
                                                        "ValidatingAdmissionPolicy",
                                                        "ValidatingAdmissionPolicyBinding",
                                                        "ValidatingWebhookConfiguration"};
static_assert(std::ranges::is_sorted(counted_anew));

void check_generation(const Object& object, const Spot& generation, Findings& findings) {
    const std::string_view kind = object.kind;
    if (std::ranges::binary_search(counted_anew, kind)) return;
    if (Value(generation).number().value_or(0) < 0)
        findings.add("KT004", generation.place(), "generation must be at least 0, got " + shown(generation.text()),
                     "remove it: the server counts");
}

// Of custom resources the server only warns. Source: pkg/apis/core/validation, validateKubeFinalizerName.
void check_finalizers(const Spot& finalizers, Findings& findings) {
    constexpr std::array<std::string_view, 3> standard{"foregroundDeletion", "kubernetes", "orphan"};
    for (const Spot& one : finalizers.items()) {
        const std::string_view name = one.text();
        if (!one.is(Kind::string) || name.empty() || name.find('/') != std::string_view::npos) continue;
        if (std::ranges::find(standard, name) != standard.end() || !qualified_name_problem(name).empty()) continue;
        findings.add("KT006", one.place(), "the finalizer " + shown(name) + " is no standard one, and has no domain",
                     "write it like example.com/" + std::string(name));
    }
}

void check_config_keys(const Spot& data, Findings& findings) {
    for (const Spot& member : data.members()) {
        std::string key = yaml::key_text(*member.key);
        std::string problem = config_key_problem(key);
        if (!problem.empty()) findings.add("KT007", member.key_place(), "the key " + shown(key) + " " + problem);
    }
}

// Names of Services may begin with a digit since 1.36 (RelaxedServiceNameValidation).
bool has_relaxed_names(const Target& target) {
    constexpr int since = 36;
    return !target.chosen || target.minors.first() >= since;
}

}  // namespace

void check_metadata(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.is_spec() || is_question(object)) return;  // a spec: its metadata is its own
    Spot metadata = object.root["metadata"];
    NameRule rule = object.schema ? object.schema->name_rule() : NameRule::subdomain;
    if (object.kind == "Service" && has_relaxed_names(bundle.target)) rule = NameRule::label;
    check_name(metadata["name"], rule, findings);
    check_made_name(object, metadata, rule, findings);
    check_name(metadata["namespace"], NameRule::label, findings);
    check_labels(metadata["labels"], findings);
    check_annotations(metadata["annotations"], findings);
    if (is_own_kind(object)) check_generation(object, metadata["generation"], findings);
    if (is_own_kind(object) && !takes_any_finalizer(object)) check_finalizers(metadata["finalizers"], findings);
    if (object.kind == "ConfigMap" || object.kind == "Secret") {
        for (const char* field : {"data", "stringData", "binaryData"}) check_config_keys(object.root[field], findings);
    }
}

void check_same_object(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.name().empty()) return;
    const Object* first = bundle.first(object.identity());
    if (first == nullptr || first == &object) return;
    Place before = first->root["metadata"]["name"].place();
    before.file = first->file;
    // Folders may be for clusters of their own.
    const auto folder = [](std::string_view file) { return file.substr(0, file.rfind('/') + 1); };
    const bool apart = folder(first->file) != folder(object.file);
    findings.add("KT018", object.root["metadata"]["name"].place(),
                 "the " + printable(object.kind) + " " + shown(object.name()) + " is already at " + to_string(before),
                 apart ? "check folders for different clusters one by one" : "",
                 apart ? std::optional(Severity::info) : std::nullopt);
}

}  // namespace ktrain::lint
