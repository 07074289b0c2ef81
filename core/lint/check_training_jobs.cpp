// KT020: jobs of Kubeflow's training-operator: the replicas, containers and numbers that its webhooks ask for.
#include <algorithm>
#include <array>

#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/together.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

// What the webhook of a kind knows of it.
struct Framework {
    std::string_view kind;
    std::string_view replicas;   // the field
    std::string_view container;  // the one that trains
    std::string_view types;      // of replicas; "" is any
    bool one_master;             // Master must be there once, and say so
    bool needs_master;
};

constexpr std::array frameworks{
    Framework{"JAXJob", "jaxReplicaSpecs", "jax", "Worker", false, false},
    Framework{"PaddleJob", "paddleReplicaSpecs", "paddle", "Master Worker", false, false},
    Framework{"PyTorchJob", "pytorchReplicaSpecs", "pytorch", "Master Worker", true, false},
    Framework{"TFJob", "tfReplicaSpecs", "tensorflow", "", false, false},
    Framework{"XGBoostJob", "xgbReplicaSpecs", "xgboost", "Master Worker", true, true},
};

// A lone container is the one that trains.
void call_it(const Framework& framework, const Spot& containers, Diagnostic& finding) {
    const std::vector<Spot> all = containers.items();
    if (all.size() != 1 || !all.front().is(yaml::Kind::mapping)) return;
    const std::string name(framework.container);
    const Spot written = all.front()["name"];
    if (written && !written.is(yaml::Kind::string)) return;
    finding.changes = {written ? set_value(written.path, name) : add_member(all.front().path, "name", name)};
}

void check_containers(const Framework& framework, const Spot& role, Findings& findings) {
    const Spot pod = role["template"]["spec"];
    const Spot containers = pod["containers"];
    for (const Spot& holder : {role["template"], pod}) {
        if (holder && !holder.is(yaml::Kind::mapping)) return;  // KT004
    }
    if (containers && !containers.is(yaml::Kind::sequence)) return;
    bool trains = false;
    for (const Spot& container : containers.items()) {
        trains = trains || container["name"].text() == framework.container;
        const Spot image = container["image"];
        if (image.text().empty() && (!image || image.is(yaml::Kind::string)))
            findings.add("KT020", image.place(), "container " + shown(container["name"].text()) + " has no image",
                         "add the image that trains");
    }
    if (!trains)
        call_it(framework, containers,
                findings.add("KT020", containers.key_place(),
                             "no container of " + printable(field_of(role)) + " is called '" +
                                 std::string(framework.container) + "'",
                             "call the one that trains " + std::string(framework.container)));
}

void check_role(const Framework& framework, const Spot& role, Findings& findings) {
    const std::string type = field_of(role);
    const std::vector<std::string> types = split(framework.types, ' ');
    if (!framework.types.empty() && std::find(types.begin(), types.end(), type) == types.end()) {
        const std::string near = nearest(type, types);
        Diagnostic& finding = findings.add("KT020", role.key_place(),
                                           with_article(framework.kind) + " has no replicas of type " + shown(type),
                                           "write " + (near.empty() ? join(types, " or ") : near));
        if (!near.empty()) finding.changes = {rename_key(role.path, near)};
    }
    check_containers(framework, role, findings);
    const Spot replicas = role["replicas"];
    const std::optional<std::int64_t> count = number_of(replicas);
    if (replicas && !count) return;
    const bool is_scaled = framework.kind == "JAXJob" || framework.kind == "PaddleJob";  // by a subresource of the CRD
    if (framework.one_master && type == "Master") {
        if (count != 1) {
            Diagnostic& finding = findings.add(
                "KT020", replicas.place(),
                "Master.replicas must be 1, " + (count ? "got " + std::to_string(*count) : "it is missing"),
                "write replicas: 1; more pods are Workers");
            if (!count) finding.changes = {add_member(role.path, "replicas", 1)};  // who wrote 2 wants two pods
        }
    } else if (count && *count < (framework.kind == "PyTorchJob" ? 1 : is_scaled && type == "Worker" ? 0 : *count)) {
        const std::string least = framework.kind == "PyTorchJob" ? "1" : "0";
        findings.add("KT020", replicas.place(),
                     type + ".replicas must be at least " + least + ", got " + std::to_string(*count),
                     "write " + least + " or more, or remove " + printable(type));
    }
}

// Words that the schema leaves open and the operator compares: others are accepted, and do what nobody asked for.
struct Policy {
    std::array<std::string_view, 4> words;
    std::string_view otherwise;
};
constexpr Policy restart_policy{{"Always", "ExitCode", "Never", "OnFailure"},
                                "the API server refuses the pods that the operator makes of it"};
constexpr Policy clean_policy{{"All", "None", "Running", ""},
                              "the operator takes it for All, and deletes finished pods"};

void check_policy(const Spot& value, const Policy& policy, Findings& findings) {
    const std::string_view text = value.text();
    std::vector<std::string_view> words(policy.words.begin(), policy.words.end());
    if (!value.is(yaml::Kind::string) || text.empty() || std::ranges::find(words, text) != words.end()) return;
    std::erase(words, "");
    const std::string near = nearest(text, words);
    Diagnostic& finding = findings.add(
        "KT020", value.place(),
        "there is no " + field_of(value) + " " + shown(text) + ": " + std::string(policy.otherwise),
        near.empty() ? "write " + join({words.begin(), words.end()}, ", ") : "did you mean '" + near + "'?",
        Severity::warning);
    if (is_clear(text, near, words)) finding.changes = {set_value(value.path, near)};
}

void check_policies(const Spot& spec, const Spot& roles, Findings& findings) {
    check_policy(spec["runPolicy"]["cleanPodPolicy"], clean_policy, findings);
    for (const Spot& role : roles.members()) check_policy(role["restartPolicy"], restart_policy, findings);
}

void check_elastic(const Spot& spec, Findings& findings) {
    const Spot elastic = spec["elasticPolicy"];
    if (!elastic) return;
    const Spot worker = spec["pytorchReplicaSpecs"]["Worker"];
    if (!worker)
        findings.add("KT020", worker.place(), "elasticPolicy is for Workers, and the job has none", "add Worker");
    const Spot old = elastic["nProcPerNode"];
    if (old && spec["nprocPerNode"]) {
        Diagnostic& finding =
            findings.add("KT020", old.key_place(), "nProcPerNode is set twice: here and in spec.nprocPerNode",
                         "keep spec.nprocPerNode");
        if (old.text() == spec["nprocPerNode"].text()) finding.changes = {remove_value(old.path)};
    }
}

// The schema asks for replicas within a spec, and for no spec.
void check_no_spec(const Object& object, const Spot& roles, Findings& findings) {
    constexpr std::array<std::string_view, 1> name{"spec"};
    if (is_misspelt(Value(*object.root.node), name)) return;  // KT003
    findings.add("KT020", roles.place(), "the job has no spec, and so no replicas", "add spec with " + field_of(roles));
}

}  // namespace

void check_training_job(const Object& object, Findings& findings) {
    if (object.api_version != "kubeflow.org/v1") return;
    const auto framework = std::ranges::find(frameworks, object.kind, &Framework::kind);
    const Spot spec = object.root["spec"];
    const Spot roles = spec[framework == frameworks.end() ? "mpiReplicaSpecs" : framework->replicas];
    check_policies(spec, roles, findings);
    if (framework == frameworks.end()) return;
    if (!spec) check_no_spec(object, roles, findings);
    int masters = 0;
    for (const Spot& role : roles.members()) {
        if (!role.is(yaml::Kind::mapping)) continue;  // KT004
        check_role(*framework, role, findings);
        const std::string type = field_of(role);
        masters += type == "Chief" || type == "Master" ? 1 : 0;
    }
    if (framework->kind == "TFJob" && masters > 1)
        findings.add("KT020", roles.key_place(), "the job has a Chief and a Master", "keep one of them");
    if (framework->needs_master && roles && masters == 0)
        findings.add("KT020", roles["Master"].place(), "the job has no Master", "add Master with replicas: 1");
    if (framework->kind == "PyTorchJob") check_elastic(spec, findings);
    const Spot manager = spec["runPolicy"]["managedBy"];
    if (manager.is(yaml::Kind::string) && manager.text() != "kubeflow.org/training-operator" &&
        manager.text() != "kueue.x-k8s.io/multikueue")
        findings.add("KT020", manager.place(), "nobody manages jobs as " + shown(manager.text()),
                     "write kubeflow.org/training-operator or kueue.x-k8s.io/multikueue, or remove it");
}

}  // namespace ktrain::lint
