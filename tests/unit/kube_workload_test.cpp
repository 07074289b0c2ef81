// Workloads of all kinds: their states, ranks, suspension and names, from objects as their controllers write them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/base/error.h"
#include "core/kube/log_progress.h"
#include "core/kube/workloads.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

struct Case {
    const char* what;
    const char* object;
    Phase phase;
    const char* reason;
    int wanted, ready, succeeded, failed;
};

constexpr Case cases[] = {
    {"an object without kind is a Job", R"({"metadata":{"name":"cnn"},"status":{"active":1}})", Phase::pending, "", 1,
     0, 0, 0},
    {"a Job that Kueue holds", R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"cnn",
      "labels":{"kueue.x-k8s.io/queue-name":"team"}},"spec":{"suspend":true,"completions":4}})",
     Phase::queued, "", 4, 0, 0, 0},
    {"a JobSet counts jobs", R"({"apiVersion":"jobset.x-k8s.io/v1alpha2","kind":"JobSet","spec":{"replicatedJobs":[
      {"name":"lead","template":{"spec":{}}},{"name":"node","replicas":2,"template":{"spec":{"parallelism":4,
      "completions":4}}}]},"status":{"restarts":2,"replicatedJobsStatus":[{"name":"node","ready":1,"active":2},
      {"name":"lead","ready":1}]}})",
     Phase::running, "", 9, 5, 0, 0},
    {"a JobSet that failed", R"({"apiVersion":"jobset.x-k8s.io/v1alpha2","kind":"JobSet","status":{"terminalState":
      "Failed","conditions":[{"type":"Suspended","status":"False"},{"type":"Failed","status":"True","reason":
      "FailedJobs","message":"jobset failed","lastTransitionTime":"2026-01-01T00:00:00Z"}]}})",
     Phase::failed, "FailedJobs", 0, 0, 0, 0},
    {"a PyTorchJob", R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","spec":{"nprocPerNode":"2",
      "pytorchReplicaSpecs":{"Master":{},"Worker":{"replicas":3}}},"status":{"conditions":[{"type":"Created","status":
      "True"},{"type":"Running","status":"True"}],"replicaStatuses":{"Master":{"active":1},"Worker":{"active":2,
      "failed":1}}}})",
     Phase::running, "", 4, 3, 0, 1},
    {"a suspended PyTorchJob", R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","spec":{"runPolicy":{"suspend":
      true},"pytorchReplicaSpecs":{"Worker":{"replicas":2}}},"status":{"conditions":[{"type":"Created","status":"True"},
      {"type":"Running","status":"False"},{"type":"Suspended","status":"True"}]}})",
     Phase::suspended, "", 2, 0, 0, 0},
    {"a PyTorchJob that succeeded", R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","spec":{
      "pytorchReplicaSpecs":{"Master":{}}},"status":{"startTime":"2026-01-01T00:00:00Z","conditions":[{"type":"Running",
      "status":"False"},{"type":"Succeeded","status":"True"}],"replicaStatuses":{"Master":{"succeeded":1}}}})",
     Phase::complete, "", 1, 0, 1, 0},
    {"an MPIJob", R"({"apiVersion":"kubeflow.org/v2beta1","kind":"MPIJob","spec":{"mpiReplicaSpecs":{"Launcher":{},
      "Worker":{"replicas":2}}},"status":{"replicaStatuses":{"Worker":{"active":2}}}})",
     Phase::running, "", 3, 2, 0, 0},
    {"a TrainJob", R"({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob","spec":{"trainer":{"numNodes":8}},
      "status":{"jobsStatus":[{"name":"dataset-initializer","succeeded":1},{"name":"node","ready":1,"active":1}]}})",
     Phase::running, "", 8, 8, 0, 0},
    {"a TrainJob that failed", R"({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob","status":{
      "conditions":[{"type":"Failed","status":"True","reason":"TrainJobRuntimeNotSupported"}]}})",
     Phase::failed, "TrainJobRuntimeNotSupported", 1, 0, 0, 0},
    {"a Workflow", R"({"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","status":{"phase":"Running","progress":
      "1/3","nodes":{"a":{"type":"Pod","phase":"Succeeded"},"b":{"type":"Pod","phase":"Running"},"c":{"type":"DAG",
      "phase":"Running"}}}})",
     Phase::running, "", 3, 1, 1, 0},
    {"a Workflow that could not start", R"({"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","status":{"phase":
      "Error","message":"invalid spec","finishedAt":"2026-01-01T00:00:00Z"}})",
     Phase::failed, "", 0, 0, 0, 0},
    {"a Volcano Job", R"({"apiVersion":"batch.volcano.sh/v1alpha1","kind":"Job","spec":{"queue":"gold","tasks":[
      {"replicas":1},{"replicas":3}]},"status":{"state":{"phase":"Pending"},"pending":4}})",
     Phase::pending, "", 4, 0, 0, 0},
    {"a Volcano Job that was aborted", R"({"apiVersion":"batch.volcano.sh/v1alpha1","kind":"Job","spec":{"tasks":[
      {"replicas":1}]},"status":{"state":{"phase":"Aborted","reason":"PodFailed"},"failed":1}})",
     Phase::failed, "PodFailed", 1, 0, 0, 1},
    {"a RayJob", R"({"apiVersion":"ray.io/v1","kind":"RayJob","spec":{"rayClusterSpec":{"workerGroupSpecs":[{"replicas":
      2}]}},"status":{"jobStatus":"RUNNING","jobDeploymentStatus":"Running","rayClusterName":"cnn-x",
      "rayClusterStatus":{"state":"ready","readyWorkerReplicas":2}}})",
     Phase::running, "", 3, 3, 0, 0},
    {"a RayJob whose cluster failed", R"({"apiVersion":"ray.io/v1","kind":"RayJob","status":{"jobStatus":"PENDING",
      "jobDeploymentStatus":"Failed","reason":"DeadlineExceeded"}})",
     Phase::failed, "DeadlineExceeded", 1, 0, 0, 0},
    {"what makes no sense", R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","metadata":7,"spec":"x","status":{
      "replicaStatuses":[1,null],"conditions":{"a":1}}})",
     Phase::pending, "", 0, 0, 0, 0},
};

Json pod(const char* labels) {
    return {{"metadata", {{"labels", Json::parse(labels)}}}};
}

const WorkloadKind& kind_of(const Json& workload) {
    const WorkloadKind* kind = workload_kind(workload);
    REQUIRE(kind != nullptr);
    return *kind;
}

}  // namespace

TEST_CASE("workload: the state of each kind") {
    for (const Case& one : cases) {
        CAPTURE(one.what);
        const WorkloadState state = workload_state(Json::parse(one.object));
        CHECK(name_of(state.phase) == name_of(one.phase));
        CHECK(state.reason == one.reason);
        CHECK(state.wanted == one.wanted);
        CHECK(state.ready == one.ready);
        CHECK(state.succeeded == one.succeeded);
        CHECK(state.failed == one.failed);
    }
    CHECK(workload_state(Json::parse(cases[2].object)).restarts == 2);
    CHECK(workload_state(Json::parse(cases[3].object)).finished.has_value());
    CHECK(workload_state(Json::parse(cases[11].object)).finished.has_value());
    CHECK(workload_state(Json::parse(cases[11].object)).message == "invalid spec");
    CHECK(workload_state(Json::parse(cases[12].object)).queue == "gold");
}

TEST_CASE("workload: an end from before it was made is not believed, one within the clocks' skew is") {
    for (const auto& [at, phase] : {std::pair{"2026-01-01T00:00:00Z", Phase::pending},
                                    {"2026-01-01T09:59:30Z", Phase::failed},
                                    {"2026-01-01T10:00:00Z", Phase::failed}}) {
        Json job = Json::parse(R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","metadata":{"creationTimestamp":
            "2026-01-01T10:00:00Z"},"status":{"conditions":[{"type":"Failed","status":"True"}]}})");
        job["status"]["conditions"][0]["lastTransitionTime"] = at;
        CHECK_MESSAGE(name_of(workload_state(job).phase) == name_of(phase), at);
        Json ray = Json::parse(R"({"apiVersion":"ray.io/v1","kind":"RayJob","metadata":{"creationTimestamp":
            "2026-01-01T10:00:00Z"},"status":{"jobStatus":"FAILED"}})");
        ray["status"]["endTime"] = at;
        CHECK_MESSAGE(name_of(workload_state(ray).phase) == name_of(phase), at);
    }
}

TEST_CASE("workload: JobSets and TrainJobs began when they were let go, or when they were made") {
    for (const char* kind : {R"({"apiVersion":"jobset.x-k8s.io/v1alpha2","kind":"JobSet"})",
                             R"({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob"})"}) {
        Json job = Json::parse(kind);
        job.merge_patch(Json::parse(R"({"metadata":{"creationTimestamp":"2026-01-01T10:00:00Z"},"spec":{
            "replicatedJobs":[{"name":"node","template":{}}]}})"));
        CHECK(!workload_state(job).started);
        job["status"] = Json::parse(R"({"replicatedJobsStatus":[{"name":"node","ready":1}],"jobsStatus":[{"name":"node",
            "ready":1}],"conditions":[]})");
        CHECK(format_time(*workload_state(job).started) == "2026-01-01T10:00:00Z");
        job["status"]["conditions"].push_back(
            Json::parse(R"({"type":"Suspended","status":"False","lastTransitionTime":"2026-01-01T11:00:00Z"})"));
        CHECK(format_time(*workload_state(job).started) == "2026-01-01T11:00:00Z");
    }
}

TEST_CASE("workload: what the trainer reports, in the status or the annotation") {
    const Json job = Json::parse(R"({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob","status":{
        "trainerStatus":{"progressPercentage":42,"estimatedRemainingSeconds":600,"lastUpdatedTime":
        "2026-01-01T00:00:00Z","metrics":[{"name":"lr","value":"1e-4"},{"name":"loss","value":"1.93"}]}}})");
    const Progress told = workload_state(job).progress;
    CHECK(told.percent == 42);
    CHECK(told.left == std::chrono::seconds(600));
    CHECK(told.loss == 1.93);
    CHECK(told.at.has_value());

    Json noted = Json::parse(R"({"metadata":{"annotations":{}}})");
    noted["metadata"]["annotations"]["ktrain.dev/progress"] = R"({"progressPercentage":7.5})";
    CHECK(progress_of(noted).percent == 7.5);
    for (const char* garbage :
         {"", "no", "[1]", R"({"progressPercentage":"nan","metrics":[1],"x":null})",
          R"({"estimatedRemainingSeconds":-1})", R"({"metrics":[{"name":"loss","value":"1,9"}]})"}) {
        noted["metadata"]["annotations"]["ktrain.dev/progress"] = garbage;
        CHECK_MESSAGE(!progress_of(noted).told(), garbage);
    }
}

TEST_CASE("workload: ranks of pods") {
    const Json job = Json::parse(R"({"apiVersion":"batch/v1","kind":"Job"})");
    CHECK(rank_of(kind_of(job), job, pod(R"({"batch.kubernetes.io/job-completion-index":"3"})")) == 3);
    CHECK(rank_of(kind_of(job), job, pod(R"({"batch.kubernetes.io/job-completion-index":"x"})")) == -1);
    CHECK(rank_of(kind_of(job), job, pod("{}")) == -1);

    Json py = Json::parse(R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","spec":{"pytorchReplicaSpecs":{
        "Master":{},"Worker":{}}}})");
    const Json worker =
        pod(R"({"training.kubeflow.org/replica-type":"worker","training.kubeflow.org/replica-index":"1"})");
    const Json master =
        pod(R"({"training.kubeflow.org/replica-type":"master","training.kubeflow.org/replica-index":"0"})");
    CHECK(rank_of(kind_of(py), py, master) == 0);
    CHECK(rank_of(kind_of(py), py, worker) == 2);
    py["spec"]["pytorchReplicaSpecs"].erase("Master");
    CHECK(rank_of(kind_of(py), py, worker) == 1);

    const Json set = Json::parse(R"({"apiVersion":"jobset.x-k8s.io/v1alpha2","kind":"JobSet","spec":{"replicatedJobs":[
        {"name":"lead","template":{"spec":{}}},{"name":"node","replicas":2,"template":{"spec":{"completions":4}}}]}})");
    CHECK(rank_of(kind_of(set), set,
                  pod(R"({"jobset.sigs.k8s.io/replicatedjob-name":"node","jobset.sigs.k8s.io/job-index":
        "1","batch.kubernetes.io/job-completion-index":"2"})")) == 7);

    const Json train = Json::parse(R"({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob"})");
    CHECK(rank_of(kind_of(train), train, pod(R"({"jobset.sigs.k8s.io/replicatedjob-name":"dataset-initializer",
        "batch.kubernetes.io/job-completion-index":"0"})")) == -1);
}

TEST_CASE("workload: the field that suspends it") {
    const WorkloadKind& py = *workload_kind("kubeflow.org", "PyTorchJob");
    CHECK(suspend_patch(py, true).dump() == R"({"spec":{"runPolicy":{"suspend":true}}})");
    CHECK(suspend_patch(*workload_kind("batch", "Job"), false).dump() == R"({"spec":{"suspend":false}})");
    CHECK(!workload_kind("batch.volcano.sh", "Job")->can_suspend());
    CHECK(is_suspended(py, suspend_patch(py, true)));
    CHECK(!is_suspended(py, suspend_patch(py, false)));
    CHECK(!is_suspended(*workload_kind("batch.volcano.sh", "Job"), Json(true)));
}

TEST_CASE("workload: names on the command line") {
    CHECK(parse_workload_name("cnn").kinds.empty());
    CHECK(parse_workload_name("PyTorchJob/cnn").kinds.size() == 1);
    CHECK(parse_workload_name("pytorchjobs.kubeflow.org/cnn").kinds.size() == 1);
    CHECK(parse_workload_name("job/cnn").kinds.size() == 2);
    CHECK(parse_workload_name("job.batch/cnn").kinds.size() == 1);
    CHECK(parse_workload_name("job.batch/cnn").name == "cnn");
    CHECK_THROWS_WITH_AS(parse_workload_name("pytorchjb/cnn"), "\"pytorchjb\" is no kind of workload", Error);
    CHECK(parse_workload_name("wf/cnn").kinds.front()->kind == "Workflow");
    CHECK(parse_workload_name("vcjob/cnn").kinds.front()->group == "batch.volcano.sh");
    CHECK_THROWS_WITH_AS(parse_workload_name("pod/cnn"), "pod/cnn is a pod, not a workload", Error);
    for (const char* bad : {"", "job/", "job/a/b", "..", "a%2f"}) CHECK_THROWS_AS(parse_workload_name(bad), Error);
}

TEST_CASE("workload: the selector of its pods") {
    const auto selector = [](const char* text) {
        const Json object = Json::parse(text);
        return pod_selector(kind_of(object), object);
    };
    CHECK(selector(R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","metadata":{"name":"cnn"}})") ==
          "training.kubeflow.org/job-name=cnn");
    CHECK(selector(R"({"apiVersion":"ray.io/v1","kind":"RayJob","metadata":{"name":"cnn"}})").empty());
    CHECK(selector(R"({"apiVersion":"ray.io/v1","kind":"RayJob","metadata":{"name":"cnn"},"status":{"rayClusterName":
        "cnn-x"}})") == "ray.io/cluster=cnn-x");
}

TEST_CASE("workload: the log of ktrain run tells how far it is") {
    const auto told = [](const std::string& log) {
        const kube::Progress progress = kube::progress_in_log(log);
        return fmt::format("{:.1f} {} {}", progress.percent.value_or(-1), progress.loss.value_or(-1),
                           progress.left ? progress.left->count() : -1);
    };
    const std::string line = "step 30/120  loss 1.9000  learning rate 0.0001  12 samples/s  2m05s left\n";
    CHECK(told(line) == "25.0 1.9 125");
    CHECK(
        told(line + "checkpoint out/checkpoint-30\nstep 60/120  loss -  learning rate 0  - samples/s  4.6s left\r\n") ==
        "50.0 -1 5");
    CHECK(told(R"({"event":"step","step":3,"steps_total":4,"loss":0.5,"eta_seconds":61.4})") == "75.0 0.5 61");
    CHECK(told(R"({"event":"step","step":3,"steps_total":4,"loss":null})") == "75.0 -1 -1");
    for (const char* other :
         {"", "step", "step 1/0  loss 1", "step 5/4  loss 1", "step -1/4", "step 1 of 4", "step 1/4x  loss 2", "{}",
          "{", R"({"event":"step","step":"3","steps_total":4})", R"({"event":"end","step":3,"steps_total":4})", "[1]",
          "step 99999999999999999999/4", "the step 1/4  loss 2"})
        CHECK_MESSAGE(told(other) == "-1.0 -1 -1", other);
    CHECK(told("step 1/4  loss inf  1e99s left") == "25.0 -1 -1");
}
