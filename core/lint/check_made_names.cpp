// KT021: names of objects that become names or labels of pods, Jobs and Services, and are too long for that.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/operators.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t most = 63;  // of labels and host names

void too_long(const Object& object, const std::string& made, std::string_view what, Findings& findings,
              std::optional<Severity> severity = {}) {
    if (made.size() <= most) return;
    findings.add("KT021", object.root["metadata"]["name"].place(),
                 std::string(what) + " " + shown(made) + ", " + std::to_string(made.size()) +
                     " characters; at most 63 are allowed",
                 "shorten the name by " + std::to_string(made.size() - most), severity);
}

// The server labels the pods of a Job with its name.
void of_job(const Object& object, Findings& findings) {
    const std::string name = object.name();
    const Spot spec = object.root["spec"];
    const bool indexed = spec["completionMode"].text() == "Indexed" && spec["completions"];  // KT047
    if (name.size() <= most || indexed || spec["manualSelector"].is_true()) return;
    Place where = object.root["metadata"]["name"].place();
    where.path = spec["template"]["labels"].path;  // as the server has it
    findings.add("KT021", where,
                 "the pods would get the label job-name: " + shown(name) + ", " + std::to_string(name.size()) +
                     " characters; at most 63 are allowed",
                 "shorten the name by " + std::to_string(name.size() - most));
}

// Its pods get the name and a hash as a label, controller-revision-hash.
void of_stateful_set(const Object& object, Findings& findings) {
    too_long(object, object.name() + "-0123456789", "the pods would get a label such as", findings, Severity::warning);
}

struct Roles {
    std::string_view kind;
    std::string_view field;
};

constexpr std::array roles{
    Roles{"JAXJob", "jaxReplicaSpecs"},       Roles{"MPIJob", "mpiReplicaSpecs"},
    Roles{"PaddleJob", "paddleReplicaSpecs"}, Roles{"PyTorchJob", "pytorchReplicaSpecs"},
    Roles{"TFJob", "tfReplicaSpecs"},         Roles{"XGBoostJob", "xgbReplicaSpecs"},
};

// Each pod of the training operator has a Service of its name.
void of_training_job(const Object& object, Findings& findings) {
    const auto row = std::ranges::find(roles, object.kind, &Roles::kind);
    if (row == roles.end()) return;
    std::string longest;
    for (const Spot& role : object.root["spec"][row->field].members()) {
        const std::int64_t count = number_of(role["replicas"]).value_or(1);
        const std::string made =
            object.name() + "-" + lower(yaml::key_text(*role.key)) + "-" + std::to_string(count > 0 ? count - 1 : 0);
        if (made.size() > longest.size()) longest = made;
    }
    too_long(object, longest, "a pod would be called", findings, Severity::warning);
}

// A TrainJob makes a JobSet, whose job of the trainer is called node.
void of_train_job(const Object& object, Findings& findings) {
    const std::int64_t nodes = number_of(object.root["spec"]["trainer"]["numNodes"]).value_or(1);
    too_long(object, object.name() + "-node-0-" + std::to_string(nodes > 0 ? nodes - 1 : 0) + "-abcde",
             "a pod would be called", findings, Severity::warning);
}

struct Row {
    std::string_view api;
    std::string_view kind;  // empty: each
    void (*check)(const Object& object, Findings& findings);
};

constexpr std::array table{
    Row{"apps/v1", "StatefulSet", of_stateful_set},
    Row{"batch/v1", "Job", of_job},
    Row{"kubeflow.org/v1", "", of_training_job},
    Row{"trainer.kubeflow.org/v1alpha1", "TrainJob", of_train_job},
};

}  // namespace

void check_made_names(const Object& object, Findings& findings) {
    const Spot name = object.root["metadata"]["name"];
    constexpr std::size_t shortest = 40;  // nothing is made longer than this by what is added
    if (name.text().size() < shortest || name.text().size() > 253) return;
    for (const Row& row : table) {
        const bool kind = row.kind.empty() || row.kind == object.kind;
        // A name of more than 63 is KT007 for those whose own name is a label.
        const bool made = object.schema->name_rule() == NameRule::subdomain || name.text().size() <= most;
        if (row.api == object.api_version && kind && made) row.check(object, findings);
    }
}

}  // namespace ktrain::lint
