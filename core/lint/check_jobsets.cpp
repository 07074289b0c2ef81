// JobSet, TrainJob and training runtimes: what their webhooks and the rules of their schemas say; KT021, long names.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/together.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::array<std::string_view, 5> reasons{"BackoffLimitExceeded", "DeadlineExceeded", "FailedIndexes",
                                                  "MaxFailedIndexesExceeded", "PodFailurePolicy"};

std::int64_t count_of(const Spot& spot) {
    return number_of(spot).value_or(1);
}

// A rule's name: letters, digits and "_,:", a letter first, no "," and ":" last.
bool is_rule_name(std::string_view text) {
    const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    const auto inside = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ',' || c == ':';
    };
    return !text.empty() && text.size() <= 128 && letter(text.front()) && text.back() != ',' && text.back() != ':' &&
           std::all_of(text.begin(), text.end(), inside);
}

// The name that the JobSet has, or may get where it is made up from generateName.
std::string name_of(const Object& object) {
    const std::string name = object.name();
    return !name.empty() ? name : std::string(object.root["metadata"]["generateName"].text()) + "abcde";
}

// Returns whether the name that is made is one.
bool check_name(const Spot& job, const std::string& name, std::string_view what, Findings& findings) {
    const std::string problem = dns_label_1035_problem(name);
    if (problem.empty()) return true;
    constexpr std::size_t most = 63;
    const bool is_long = name.size() > most;
    findings.add(
        is_long ? "KT021" : "KT007", job["name"].place(),
        std::string(what) + " would be called " + shown(name) + ", " +
            (is_long ? std::to_string(name.size()) + " characters; at most 63 are allowed" : "and that " + problem),
        std::string(is_long ? "shorten" : "change") + " the names that it is made of: JobSet, replicated job");
    return false;
}

// The JobSet and the replicated job name Jobs and pods together: each alone need be no label.
void check_made_names(const Object& object, const Spot& job, std::int64_t replicas, Findings& findings) {
    const std::string own = name_of(object);
    if (!dns_subdomain_problem(own).empty() || (job["name"] && !job["name"].is(yaml::Kind::string))) return;
    const std::string longest = own + "-" + std::string(job["name"].text()) + "-" + std::to_string(replicas - 1);
    if (!check_name(job, longest, "a Job", findings)) return;
    const Spot spec = job["template"]["spec"];
    const std::optional<std::int64_t> completions = number_of(spec["completions"]);
    if (completions && spec["completionMode"].text() != "NonIndexed")
        check_name(job, longest + "-" + std::to_string(*completions - 1) + "-abcde", "a pod", findings);
}

// DOMAIN/NAME
void check_manager(const Spot& manager, const std::string& example, Findings& findings) {
    const std::size_t slash = manager.text().find('/');
    if (manager.text().empty() || (slash != 0 && slash != std::string_view::npos && slash + 1 != manager.text().size()))
        return;
    findings.add("KT006", manager.place(), field_of(manager) + " " + shown(manager.text()) + " is no DOMAIN/NAME",
                 "write it like " + example);
}

void check_replicated_job(const Object& object, const Spot& job, const Names& before, Findings& findings) {
    const Spot name = job["name"];
    const Spot group = job["groupName"];
    const std::string wrong = group.text().empty() ? "" : dns_label_1035_problem(group.text());
    if (!wrong.empty()) findings.add("KT007", group.place(), "the groupName " + shown(group.text()) + " " + wrong);
    const Spot spec = job["template"]["spec"];
    const std::int64_t replicas = count_of(job["replicas"]);
    check_made_names(object, job, replicas, findings);
    if (static_cast<double>(replicas) * static_cast<double>(count_of(spec["parallelism"])) > 2147483647.0)
        contradict(findings, job["replicas"], "replicas times parallelism is more than 2147483647", "write less");
    for (const Spot& other : job["dependsOn"].items()) {
        const Spot needed = other["name"];
        if (needed && !needed.is(yaml::Kind::string)) continue;  // KT004
        if (needed.text() == name.text())                        // the webhook lets it pass
            findings.add("KT030", needed.place(), "the job waits for itself, and never starts",
                         "name a job that stands above it, or remove dependsOn", Severity::warning);
        else if (!before.contains(needed.text()))
            contradict(findings, needed, "no job before this one is called " + shown(needed.text()),
                       "name a job that stands above it");
    }
}

// The webhook reads a null item as the empty text, which no list of names has.
void check_targets(const Spot& targets, const Names& names, Findings& findings) {
    forbid_null(targets, "no replicated job is called ''", findings);
    for (const Spot& target : targets.items()) {
        if (target.is(yaml::Kind::string) && !names.contains(target.text()))
            contradict(findings, target, "no replicated job is called " + shown(target.text()),
                       "name one of replicatedJobs");
    }
}

void check_failure_policy(const Spot& policy, const Names& names, Findings& findings) {
    std::set<std::string, std::less<>> seen;
    for (const Spot& rule : policy["rules"].items()) {
        const Spot name = rule["name"];
        if (name.is(yaml::Kind::string) && !name.text().empty()) {
            if (!is_rule_name(name.text()))
                findings.add("KT006", name.place(),
                             "the name of a rule " + shown(name.text()) +
                                 " must be letters, digits and '_,:', with a letter first",
                             "write it like restartWorkers");
            if (!seen.emplace(name.text()).second)
                findings.add("KT018", name.place(), "another rule is called " + shown(name.text()),
                             "give each rule its own name");
        }
        check_targets(rule["targetReplicatedJobs"], names, findings);
        forbid_null(rule["onJobFailureReasons"], "no reason is called ''", findings);
        for (const Spot& reason : rule["onJobFailureReasons"].items()) {
            if (!reason.is(yaml::Kind::string) || std::ranges::find(reasons, reason.text()) != reasons.end()) continue;
            const std::string near = nearest(reason.text(), reasons);
            findings.add("KT006", reason.place(), "no Job fails with the reason " + shown(reason.text()),
                         near.empty() ? "write one of BackoffLimitExceeded, DeadlineExceeded, FailedIndexes, "
                                        "MaxFailedIndexesExceeded, PodFailurePolicy"
                                      : "did you mean '" + near + "'?");
        }
    }
}

// The host of the coordinator becomes a label of the pods.
void check_endpoint(const Object& object, const Spot& spec, std::int64_t job, std::int64_t pod, Findings& findings) {
    const Spot subdomain = spec["network"]["subdomain"];
    const std::string own = name_of(object);
    const std::string domain = subdomain.text().empty() ? own : std::string(subdomain.text());
    const std::string host = own + "-" + std::string(spec["coordinator"]["replicatedJob"].text()) + "-" +
                             std::to_string(job) + "-" + std::to_string(pod) + "." + domain;
    const std::string problem = label_value_problem(host);
    if (problem.empty() || !dns_subdomain_problem(domain).empty()) return;
    findings.add("KT021", subdomain ? subdomain.place() : spec["coordinator"].place(),
                 "the pods would get the label coordinator: " + shown(host) + ", which " + problem,
                 "shorten the names that it is made of: JobSet, replicated job, subdomain");
}

void check_coordinator(const Object& object, const Spot& spec, Findings& findings) {
    const Spot coordinator = spec["coordinator"];
    if (!coordinator) return;
    for (const Spot& job : spec["replicatedJobs"].items()) {
        if (job["name"].text() != coordinator["replicatedJob"].text()) continue;
        const Spot index = coordinator["jobIndex"];
        const std::int64_t number = number_of(index).value_or(0);
        if (number < 0 || number >= count_of(job["replicas"]))
            contradict(findings, index,
                       "the job has " + std::to_string(count_of(job["replicas"])) + " replicas: there is no index " +
                           shown(index.text()),
                       "count from 0");
        const Spot completions = job["template"]["spec"]["completions"];
        if (job["template"]["spec"]["completionMode"].text() == "NonIndexed" || !completions)
            return require(findings, completions, "the job of the coordinator is Indexed and says its completions");
        const Spot pod = coordinator["podIndex"];
        const std::int64_t which = number_of(pod).value_or(0);
        if (which < 0 || which >= count_of(completions))
            contradict(findings, pod,
                       "the job has " + std::to_string(count_of(completions)) + " completions: there is no pod " +
                           shown(pod.text()),
                       "count from 0");
        return check_endpoint(object, spec, number, which, findings);
    }
    contradict(findings, coordinator["replicatedJob"],
               "no replicated job is called " + shown(coordinator["replicatedJob"].text()),
               "name one of replicatedJobs");
}

// What the schema says of the spec of a JobSet, wherever it stands.
void check_order(const Spot& spec, Findings& findings) {
    if (spec["startupPolicy"]["startupPolicyOrder"].text() != "InOrder") return;
    for (const Spot& job : spec["replicatedJobs"].items()) {
        if (!job["dependsOn"]) continue;
        Place where = job["dependsOn"].key_place();
        where.path = spec.path;
        findings.add("KT030", where, "dependsOn goes with no startupPolicyOrder InOrder", "keep one of them");
        return;
    }
}

void check_jobset(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    check_order(spec, findings);
    const Spot subdomain = spec["network"]["subdomain"];
    const std::string problem = subdomain.text().empty() ? "" : dns_label_1035_problem(subdomain.text());
    if (!problem.empty())
        findings.add("KT007", subdomain.place(), "the subdomain " + shown(subdomain.text()) + " " + problem);
    const std::vector<Spot> jobs = spec["replicatedJobs"].items();
    Names names;
    if (!jobs.empty()) forbid(findings, jobs.front()["dependsOn"], "the first job has none before it");
    for (const Spot& job : jobs) {
        names.emplace(job["name"].text());
        check_replicated_job(object, job, names, findings);
    }
    check_targets(spec["successPolicy"]["targetReplicatedJobs"], names, findings);
    check_failure_policy(spec["failurePolicy"], names, findings);
    check_coordinator(object, spec, findings);
    check_jobset_claims(spec, findings);
    const Spot manager = spec["managedBy"];
    if (manager.is(yaml::Kind::string) && manager.text().empty())
        require(findings, manager, "one that is written is a name");
    check_manager(manager, "kueue.x-k8s.io/multikueue", findings);
}

struct Ancestor {
    std::string_view label;
    std::string_view container;
};

constexpr std::array ancestors{Ancestor{"trainer", "node"}, Ancestor{"dataset-initializer", "dataset-initializer"},
                               Ancestor{"model-initializer", "model-initializer"}};

void check_ancestor(const Spot& job, Findings& findings) {
    const std::string_view label =
        job["template"]["metadata"]["labels"]["trainer.kubeflow.org/trainjob-ancestor-step"].text();
    const auto ancestor = std::ranges::find(ancestors, label, &Ancestor::label);
    if (ancestor == ancestors.end()) return;
    if (count_of(job["replicas"]) != 1)
        contradict(findings, job["replicas"],
                   "the job of the step " + shown(label) + " has one replica, got " + shown(job["replicas"].text()),
                   "write replicas: 1");
    const Spot containers = job["template"]["spec"]["template"]["spec"]["containers"];
    const bool there = std::ranges::any_of(
        containers.items(), [&](const Spot& container) { return container["name"].text() == ancestor->container; });
    if (!there && (!containers || containers.is(yaml::Kind::sequence)))
        findings.add(
            "KT030", containers.key_place(),
            "no container of the step " + shown(label) + " is called '" + std::string(ancestor->container) + "'",
            "call the one that does it " + std::string(ancestor->container));
}

void check_runtime(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Spot policy = spec["mlPolicy"];
    std::size_t count = 0;
    for (const char* field : {"torch", "mpi", "jax", "xgboost", "flux"}) count += policy[field] ? 1 : 0;
    if (count > 1)
        findings.add("KT030", policy.key_place(),
                     "mlPolicy has " + std::to_string(count) + " policies, it may have one",
                     "keep one of torch, mpi, jax, xgboost, flux");
    for (const Spot& target : policy["torch"]["envInjection"]["targets"].items()) {
        if (has_item(target["containerNames"], "node"))
            contradict(findings, target["containerNames"], "the container node has the variables always",
                       "leave node out");
    }
    check_order(spec["template"]["spec"], findings);
    for (const Spot& job : spec["template"]["spec"]["replicatedJobs"].items()) check_ancestor(job, findings);
}

bool is_uri(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0 || colon + 3 == text.size()) return false;
    const auto inside = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '.' || c == '-';
    };
    return std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), inside);
}

// Runtimes of torch set these themselves. What a runtime is of, only its name tells here.
void check_torch_variables(const Spot& spec, Findings& findings) {
    constexpr std::array<std::string_view, 5> reserved{"PET_MASTER_ADDR", "PET_MASTER_PORT", "PET_NNODES",
                                                       "PET_NODE_RANK", "PET_NPROC_PER_NODE"};
    if (!spec["runtimeRef"]["name"].text().starts_with("torch")) return;
    const Spot list = spec["trainer"]["env"];
    for (const Spot& variable : list.items()) {
        const Spot name = variable["name"];
        if (std::ranges::find(reserved, name.text()) == reserved.end()) continue;
        refuse(findings, "KT030", name.place(), list, "the runtime of torch sets " + printable(name.text()) + " itself",
               "remove it; numNodes and numProcPerNode say how many there are");
    }
}

void check_train_job(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    constexpr std::array<std::string_view, 1> known{"spec"};
    if (!spec && !is_misspelt(Value(*object.root.node), known)) require(findings, spec, "a TrainJob names its runtime");
    const Spot manager = spec["managedBy"];
    if (manager.is(yaml::Kind::string) && manager.text() != "trainer.kubeflow.org/trainjob-controller" &&
        manager.text() != "kueue.x-k8s.io/multikueue")
        findings.add("KT006", manager.place(), "nobody manages a TrainJob as " + shown(manager.text()),
                     "write trainer.kubeflow.org/trainjob-controller or kueue.x-k8s.io/multikueue, or remove it");
    const Spot group = spec["runtimeRef"]["apiGroup"];
    const Spot kind = spec["runtimeRef"]["kind"];
    if (group.is(yaml::Kind::string) && group.text() != "trainer.kubeflow.org")
        findings.add("KT006", group.place(), "no runtime is of the group " + shown(group.text()),
                     "write trainer.kubeflow.org, or remove it");
    constexpr std::array<std::string_view, 2> runtimes{"ClusterTrainingRuntime", "TrainingRuntime"};
    if (kind.is(yaml::Kind::string) && std::ranges::find(runtimes, kind.text()) == runtimes.end()) {
        const std::string near = nearest(kind.text(), runtimes);
        findings.add("KT006", kind.place(), shown(kind.text()) + " is no kind of runtime",
                     near.empty() ? "write ClusterTrainingRuntime or TrainingRuntime" : "did you mean '" + near + "'?");
    }
    for (const Spot& patch : spec["runtimePatches"].items())
        check_manager(patch["manager"], "example.org/admin", findings);
    check_torch_variables(spec, findings);
    for (const char* part : {"dataset", "model"}) {
        const Spot uri = spec["initializer"][part]["storageUri"];
        if (uri.is(yaml::Kind::string) && !uri.text().empty() && !is_uri(uri.text()))
            findings.add("KT006", uri.place(), "the storageUri " + shown(uri.text()) + " is no URI",
                         "write it like hf://ORGANISATION/NAME or s3://BUCKET/PATH");
    }
}

}  // namespace

void check_jobs_of_operators(const Object& object, Findings& findings) {
    const std::string_view group = group_of(object.api_version);
    if (group == "jobset.x-k8s.io" && object.kind == "JobSet") check_jobset(object, findings);
    if (group != "trainer.kubeflow.org") return;
    if (object.kind == "TrainJob") check_train_job(object, findings);
    if (object.kind == "TrainingRuntime" || object.kind == "ClusterTrainingRuntime") check_runtime(object, findings);
}

}  // namespace ktrain::lint
