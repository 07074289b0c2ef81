// How a workload of any kind stands, in the words a person uses.
#include "core/kube/workload_state.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

#include "core/base/labels.h"
#include "core/kube/fields.h"

namespace ktrain::kube {
namespace {

constexpr std::string_view kueue_queue = "kueue.x-k8s.io/queue-name";
constexpr int most = 1'000'000'000;  // what counts are cut to, so that their sums fit

int count_at(const Json& object, std::initializer_list<std::string_view> keys, int fallback = 0) {
    return std::clamp(int_at(object, keys, fallback), 0, most);
}

int plus(int a, std::int64_t b) {
    return static_cast<int>(std::min<std::int64_t>(a + b, most));
}

// What conditions and phases mean, in all kinds. Others (Created, FailureTarget, SuccessCriteriaMet, Restarting) do not
// decide.
struct Word {
    std::string_view text;
    Phase phase;
};
constexpr std::array words{
    Word{"Aborted", Phase::failed},     Word{"Complete", Phase::complete},  Word{"Completed", Phase::complete},
    Word{"Error", Phase::failed},       Word{"FAILED", Phase::failed},      Word{"Failed", Phase::failed},
    Word{"RUNNING", Phase::running},    Word{"Running", Phase::running},    Word{"STOPPED", Phase::failed},
    Word{"SUCCEEDED", Phase::complete}, Word{"Succeeded", Phase::complete}, Word{"Suspended", Phase::suspended},
    Word{"Terminated", Phase::failed},  Word{"ValidationFailed", Phase::failed},
};
static_assert(std::is_sorted(words.begin(), words.end(), [](auto& a, auto& b) { return a.text < b.text; }));

// A number in JSON or in text, as metrics have it.
std::optional<double> real_of(const Json& value) {
    double out = 0;
    if (value.is_number()) out = value.get<double>();
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    }
    return (value.is_number() || value.is_string()) && std::isfinite(out) ? std::optional(out) : std::nullopt;
}

void read_progress(const Json& told, Progress& out) {
    if (const auto percent = real_of(at_path(told, {"progressPercentage"})))
        out.percent = std::clamp(*percent, 0.0, 100.0);
    if (const auto left = real_of(at_path(told, {"estimatedRemainingSeconds"})); left && *left >= 0 && *left <= most)
        out.left = std::chrono::seconds(static_cast<std::int64_t>(*left));
    for (const Json& metric : at_path(told, {"metrics"})) {
        const std::string name = string_or(metric, "name");
        if (name == "loss" || (name == "train_loss" && !out.loss)) out.loss = real_of(at_path(metric, {"value"}));
    }
    if (const auto at = time_at(told, {"lastUpdatedTime"})) out.at = at;
}

// The states of the pods of a JobSet, whose status counts jobs: each counts as all its pods.
void count_jobs(const Json& statuses, const std::function<int(const std::string&)>& pods, WorkloadState& out) {
    for (const Json& one : statuses) {
        const std::int64_t each = pods(string_or(one, "name"));
        out.active = plus(out.active, each * count_at(one, {"active"}));
        out.ready = plus(out.ready, each * count_at(one, {"ready"}));
        out.succeeded = plus(out.succeeded, each * count_at(one, {"succeeded"}));
        out.failed = plus(out.failed, each * count_at(one, {"failed"}));
    }
}

int pods_of_job(const Json& spec) {
    return count_at(spec, {"completions"}, count_at(spec, {"parallelism"}, 1));
}

void count_job(const Json& job, WorkloadState& out) {
    out.wanted = pods_of_job(at_path(job, {"spec"}));
    out.active = count_at(job, {"status", "active"});
    out.ready = count_at(job, {"status", "ready"});
    out.succeeded = count_at(job, {"status", "succeeded"});
    out.failed = count_at(job, {"status", "failed"});
}

void count_job_set(const Json& set, WorkloadState& out) {
    std::map<std::string, int> pods;
    out.wanted = 0;
    for (const Json& one : at_path(set, {"spec", "replicatedJobs"})) {
        const int each = pods[string_or(one, "name")] = pods_of_job(at_path(one, {"template", "spec"}));
        out.wanted = plus(out.wanted, std::int64_t{each} * count_at(one, {"replicas"}, 1));
    }
    count_jobs(
        at_path(set, {"status", "replicatedJobsStatus"}),
        [&](const std::string& name) { return pods.contains(name) ? pods[name] : 1; }, out);
    out.restarts = count_at(set, {"status", "restarts"});
}

// The training-operator counts a pod as active once it runs.
void count_replicas(const Json& job, WorkloadState& out) {
    out.wanted = 0;
    for (const auto& [part, specs] : at_path(job, {"spec"}).items())
        if (part.ends_with("ReplicaSpecs"))
            for (const Json& one : specs) out.wanted = plus(out.wanted, count_at(one, {"replicas"}, 1));
    for (const Json& one : at_path(job, {"status", "replicaStatuses"})) {
        out.active = plus(out.active, count_at(one, {"active"}));
        out.succeeded = plus(out.succeeded, count_at(one, {"succeeded"}));
        out.failed = plus(out.failed, count_at(one, {"failed"}));
    }
    out.ready = out.active;
}

void count_train_job(const Json& job, WorkloadState& out) {
    const int nodes = count_at(job, {"spec", "trainer", "numNodes"}, 1);
    out.wanted = nodes;
    Json own = Json::array();  // without the jobs that fetch data and model
    for (const Json& one : at_path(job, {"status", "jobsStatus"}))
        if (!string_or(one, "name").ends_with("-initializer")) own.push_back(one);
    count_jobs(
        own, [&](const std::string&) { return nodes; }, out);
}

void count_workflow(const Json& workflow, WorkloadState& out) {
    const std::string done_of_all = string_or(at_path(workflow, {"status"}), "progress");  // "1/3"
    const std::size_t slash = done_of_all.find('/');
    out.wanted = 0;
    if (slash != std::string::npos) {
        out.succeeded = std::clamp(std::atoi(done_of_all.c_str()), 0, most);
        out.wanted = std::clamp(std::atoi(done_of_all.c_str() + slash + 1), 0, most);
    }
    for (const Json& node : at_path(workflow, {"status", "nodes"})) {
        if (string_or(node, "type") != "Pod") continue;
        out.ready += string_or(node, "phase") == "Running";
        out.failed += meaning(string_or(node, "phase")) == Phase::failed;
    }
    out.active = out.ready;
}

void count_volcano(const Json& job, WorkloadState& out) {
    out.wanted = 0;
    for (const Json& task : at_path(job, {"spec", "tasks"}))
        out.wanted = plus(out.wanted, count_at(task, {"replicas"}, 1));
    out.ready = count_at(job, {"status", "running"});
    out.active = plus(out.ready, count_at(job, {"status", "pending"}));
    out.succeeded = count_at(job, {"status", "succeeded"});
    out.failed = count_at(job, {"status", "failed"});
    out.restarts = count_at(job, {"status", "retryCount"});
    out.queue = string_or(at_path(job, {"spec"}), "queue");
}

void count_ray(const Json& job, WorkloadState& out) {
    const Json& cluster = at_path(job, {"spec", "rayClusterSpec"});
    for (const Json& group : at_path(cluster, {"workerGroupSpecs"}))
        out.wanted = plus(out.wanted, count_at(group, {"replicas"}, 1));  // and the head
    out.ready = count_at(job, {"status", "rayClusterStatus", "readyWorkerReplicas"});
    if (string_or(at_path(job, {"status", "rayClusterStatus"}), "state") == "ready") out.ready = plus(out.ready, 1);
    out.active = out.ready;
    out.failed = count_at(job, {"status", "failed"});
}

void count(const Json& workload, StatusShape shape, WorkloadState& out) {
    switch (shape) {
        case StatusShape::job:
            return count_job(workload, out);
        case StatusShape::job_set:
            return count_job_set(workload, out);
        case StatusShape::replicas:
            return count_replicas(workload, out);
        case StatusShape::train_job:
            return count_train_job(workload, out);
        case StatusShape::workflow:
            return count_workflow(workload, out);
        case StatusShape::volcano:
            return count_volcano(workload, out);
        case StatusShape::ray:
            return count_ray(workload, out);
    }
}

// The condition that ends the workload, else null. Complete wins: a job that came through is not failed by what its
// controller says of some pod.
const Json& ending(const Json& workload) {
    static const Json none;
    const Json* out = &none;
    for (const Json& one : at_path(workload, {"status", "conditions"})) {
        const auto phase = meaning(string_or(one, "type"));
        if (string_or(one, "status") != "True" || !phase || is_stale(one, workload)) continue;
        if (*phase == Phase::complete) return one;
        if (*phase == Phase::failed) out = &one;
    }
    return *out;
}

void end(const Json& how, Phase phase, WorkloadState& out) {
    out.phase = phase;
    if (phase == Phase::failed) {
        out.reason = string_or(how, "reason");
        out.message = message_of(how);
    }
    out.finished = end_of(how);
}

void read_phase(const Json& workload, StatusShape shape, WorkloadState& out) {
    const std::string word = phase_word(workload);
    const auto said = meaning(word);
    const bool by_conditions = word.empty() || out.kind == nullptr;
    if (const Json& last = ending(workload); by_conditions && !last.is_null())
        return end(last, *meaning(string_or(last, "type")), out);
    if (said == Phase::complete || said == Phase::failed) {
        const Json& status = at_path(workload, {"status"});
        const Json& how = shape == StatusShape::volcano ? at_path(status, {"state"}) : status;
        if (!is_stale(how, workload)) return end(how, *said, out);
    }
    if (said == Phase::suspended || (out.kind != nullptr && is_suspended(*out.kind, workload)))
        out.phase = in_kueue(workload) ? Phase::queued : Phase::suspended;
    else if (out.ready > 0 || (out.active == 0 && out.succeeded + out.failed > 0) || said == Phase::running ||
             !condition(workload, "Running").is_null())
        out.phase = Phase::running;
}

// Kinds whose status does not tell when they began.
bool has_no_start(StatusShape shape) {
    return shape == StatusShape::job_set || shape == StatusShape::train_job;
}

// When it was let go, if it was ever held back, else when it was made; nothing before its pods run.
std::optional<Time> start_by_conditions(const Json& workload, const WorkloadState& state) {
    if (!state.ended() && state.phase != Phase::running) return std::nullopt;
    for (const Json& one : at_path(workload, {"status", "conditions"}))
        if (string_or(one, "type") == "Suspended" && string_or(one, "status") == "False")
            if (const auto resumed = time_at(one, {"lastTransitionTime"})) return resumed;
    return state.created;
}

std::string queue_of(const Json& workload) {
    const std::string kueue = label_value(workload, kueue_queue);
    return kueue.empty() ? string_or(at_path(workload, {"spec", "runPolicy", "schedulingPolicy"}), "queue") : kueue;
}

}  // namespace

std::string_view name_of(Phase phase) {
    constexpr std::array<std::string_view, 7> names{"Queued",  "Suspended", "Pending", "Starting",
                                                    "Running", "Complete",  "Failed"};
    return names[static_cast<std::size_t>(phase)];
}

std::optional<Phase> meaning(std::string_view word) {
    const auto row = std::find_if(words.begin(), words.end(), [&](const Word& one) { return one.text == word; });
    return row == words.end() ? std::nullopt : std::optional(row->phase);
}

std::string phase_word(const Json& workload) {
    const Json& status = at_path(workload, {"status"});
    const WorkloadKind* kind = workload_kind(workload);
    if (kind == nullptr || kind->shape == StatusShape::workflow) return string_or(status, "phase");
    if (kind->shape == StatusShape::volcano) return string_or(at_path(status, {"state"}), "phase");
    if (kind->shape != StatusShape::ray) return {};
    const std::string deployment = string_or(status, "jobDeploymentStatus");
    const std::string job = string_or(status, "jobStatus");
    // The cluster may have failed to come up, or be suspended, before there is a job.
    return deployment == "Failed" || deployment == "Suspended" || job.empty() ? deployment : job;
}

bool in_kueue(const Json& workload) {
    return !label_value(workload, kueue_queue).empty();
}

Progress progress_of(const Json& object) {
    Progress out;
    read_progress(at_path(object, {"status", "trainerStatus"}), out);
    const std::string told = annotation(object, annotation_progress);
    if (!told.empty()) read_progress(Json::parse(told, nullptr, false), out);
    return out;
}

WorkloadState workload_state(const Json& workload) {
    WorkloadState out;
    out.kind = string_or(workload, "kind").empty() ? workload_kind("batch", "Job") : workload_kind(workload);
    out.name = meta(workload, "name");
    out.namespace_ = meta(workload, "namespace");
    out.uid = meta(workload, "uid");
    out.digest = label_value(workload, label_digest);
    out.deleting = !meta(workload, "deletionTimestamp").empty();
    out.created = time_at(workload, {"metadata", "creationTimestamp"});
    for (const char* key : {"startTime", "startedAt"})
        if (!out.started) out.started = time_at(workload, {"status", key});
    const StatusShape shape = out.kind == nullptr ? StatusShape::job : out.kind->shape;
    count(workload, shape, out);
    if (const std::string queue = queue_of(workload); !queue.empty()) out.queue = queue;
    out.progress = progress_of(workload);
    read_phase(workload, shape, out);
    if (!out.started && has_no_start(shape)) out.started = start_by_conditions(workload, out);
    return out;
}

}  // namespace ktrain::kube
