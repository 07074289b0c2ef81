// What each sign of trouble means: one small cluster for each, and the cause that a diagnosis must name first.
#include <doctest/doctest.h>

#include "tests/support/small_cluster.h"

namespace ktrain::advice {
namespace {

using namespace test;

struct Sign {
    std::string cause, reason, message;
};

void check_all(const std::vector<Sign>& signs, const std::function<Objects(const Sign&)>& cluster) {
    for (const Sign& sign : signs) {
        CAPTURE(sign.reason);
        CAPTURE(sign.message);
        const auto findings = findings_of(cluster(sign));
        REQUIRE_FALSE(findings.empty());
        CHECK(findings[0].cause == sign.cause);
        CHECK_FALSE(findings[0].remedy.empty());
        CHECK_FALSE(findings[0].evidence.empty());
    }
}

}  // namespace

TEST_CASE("causes: pods that the server refuses") {
    const std::vector<Sign> signs{
        {"service-account-secrets", "FailedCreate", "no API token found for service account \"a\""},
        {"webhook-denied", "FailedCreate", "admission webhook \"v.example.org\" denied the request: no labels"},
        {"namespace-terminating", "FailedCreate", "unable to create: because it is being terminated"},
        {"node-selector-conflict", "FailedCreate", "pod node label selector conflicts with its namespace node label"},
        {"name-too-long", "FailedCreate", "metadata.labels: Invalid value: must be no more than 63 characters"},
        {"pod-invalid", "FailedCreate", "Pod \"job-x\" is invalid: spec.containers: Required value"},
        {"controller-forbidden", "FailedCreate",
         "pods is forbidden: User \"system:a\" cannot create resource \"pods\""},
        {"object-exists", "FailedCreate", "pods \"job-x\" already exists"},
        {"pod-security", "FailedCreate",
         "unable to validate against any security context constraint: provider anyuid: Forbidden"},
        {"quota-not-counted", "FailedCreate", "status unknown for quota: gpus, resources: requests.nvidia.com/gpu"},
        {"pods-refused", "FailedCreate", "pods \"job-x\" is forbidden: for a reason that no row knows"},
        {"pods-refused", "FailedCreate", "what no row knows"},
    };
    check_all(signs, [](const Sign& sign) {
        return Objects{job("{}"), event(job(), sign.reason, "Error creating: " + sign.message)};
    });
}

TEST_CASE("causes: what the scheduler says") {
    const std::vector<Sign> signs{
        {"volume-not-bound", "", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."},
        {"claim-foreign", "",
         "0/1 nodes are available: PVC team/job-abcde-tmp was not created for pod team/job-abcde (pod is not owner)"},
        {"no-free-storage", "", "0/1 nodes are available: 1 node(s) did not have enough free storage."},
        {"resource-claim-unsatisfied", "", "0/1 nodes are available: 1 cannot allocate all claims."},
        {"too-many-volumes", "", "0/1 nodes are available: 1 node(s) exceed max volume count."},
        {"gang-not-ready", "", "pod group is not ready, 1 Pending, 2 minAvailable"},
        {"unschedulable", "", "0/1 nodes are available: 1 node(s) had what no row knows."},
    };
    check_all(signs, [](const Sign& sign) {
        Json waits = pod("{spec: {nodeName: ''}, status: {phase: Pending, startTime: null}}");
        waits["status"]["conditions"] = Json::array(
            {{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", sign.message}}});
        return Objects{job(), waits, node()};
    });
}

TEST_CASE("causes: containers that do not start") {
    const std::vector<Sign> signs{
        {"registry-unreachable", "ErrImagePull",
         "unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable"},
        {"registry-unreachable", "ImagePullBackOff", "failed to copy: httpReadSeeker: failed open: unexpected EOF"},
        {"node-disk-full", "ErrImagePull", "failed to extract layer: no space left on device"},
        {"image-signature", "SignatureValidationFailed", "image signature is invalid"},
        {"subpath-failed", "CreateContainerConfigError", "failed to prepare subPath for volumeMount \"d\""},
        {"container-config", "CreateContainerConfigError", "what no row knows"},
        {"gpu-runtime", "RunContainerError", "nvidia-container-cli: initialization error: nvml error"},
        {"container-waiting", "SomethingNew", "what no row knows"},
    };
    check_all(signs, [](const Sign& sign) {
        Json waits = pod("{status: {phase: Pending}}");
        waits["status"]["containerStatuses"] = Json::array(
            {{{"name", "trainer"}, {"state", {{"waiting", {{"reason", sign.reason}, {"message", sign.message}}}}}}});
        return Objects{job(), waits, node()};
    });
}

TEST_CASE("causes: events of a pod that has a node and does not start") {
    const std::vector<Sign> signs{
        {"host-path-missing", "FailedMount", "hostPath type check failed: /data is not a directory"},
        {"volume-attach-failed", "FailedAttachVolume", "AttachVolume.Attach failed: rpc error"},
        {"volume-mount-failed", "FailedMount", "MountVolume.SetUp failed: what no row knows"},
        {"network-not-ready", "NetworkNotReady", "network is not ready: cni plugin not initialized"},
        {"pod-ips-exhausted", "FailedCreatePodSandBox", "failed to allocate for range 0: no IP addresses available"},
        {"volume-resize", "VolumeResizeFailed", "resize volume failed: rpc error"},
    };
    check_all(signs, [](const Sign& sign) {
        const Json waits = pod("{status: {phase: Pending}}");
        return Objects{job(), waits, event(waits, sign.reason, sign.message), node()};
    });
}

TEST_CASE("causes: pods that were ended, and the exit codes that tell by themselves") {
    check_all({{"evicted-pid-pressure", "Evicted", "The node was low on resource: pids."},
               {"node-consolidated", "TerminationByKarpenter", "consolidation of the node by karpenter"},
               {"pod-deadline", "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"},
               {"sysctl-forbidden", "SysctlForbidden", "forbidden sysctl"},
               {"pod-failed", "WhatNoRowKnows", "gone"}},
              [](const Sign& sign) {
                  Json ended = pod("{status: {phase: Failed}}");
                  ended["status"]["reason"] = sign.reason, ended["status"]["message"] = sign.message;
                  return Objects{job("{}"), ended};
              });
    check_all({{"killed", "137", ""},
               {"bus-error", "135", ""},
               {"aborted", "134", ""},
               {"floating-point-exception", "136", ""},
               {"illegal-instruction", "132", ""},
               {"terminated", "143", ""},
               {"exit-code", "9", ""},
               {"gpu-runtime", "128", "StartError nvidia-container-cli: nvml error"}},
              [](const Sign& sign) {
                  Json ended =
                      pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {"
                          "exitCode: " +
                          sign.reason + "}}}]}}");
                  Json& end = ended["status"]["containerStatuses"][0]["state"]["terminated"];
                  if (sign.cause == "gpu-runtime") end["reason"] = "StartError", end["message"] = sign.message;
                  return Objects{job("{}"), ended};
              });
    check_all({{"training-failed", "1", ""}, {"answer-no", "3", ""}, {"try-again", "4", ""}}, [](const Sign& sign) {
        return Objects{job("{}"), pod("{metadata: {labels: {ktrain.dev/job: job}}, status: {phase: Failed, "
                                      "containerStatuses: [{name: trainer, state: {terminated: {exitCode: " +
                                      sign.reason + "}}}]}}")};
    });
}

TEST_CASE("causes: Kueue and gangs") {
    check_all(
        {{"kueue-no-flavor", "NoMatchingFlavor", "no flavor"},
         {"kueue-topology", "TopologyPlacementFailed", "no place"},
         {"kueue-waiting-for-preemption", "WaitingForPreemptedWorkloads", "waits"},
         {"kueue-waiting-for-pods", "WaitingForPodsReady", "waits"},
         {"kueue-misconfigured", "Misconfigured", "wrong"},
         {"kueue-waiting", "WhatNoRowKnows", "waits"}},
        [](const Sign& sign) {
            Json waits = object("kueue.x-k8s.io/v1beta1", "Workload", "job-w");
            waits["status"]["conditions"] = Json::array(
                {{{"type", "QuotaReserved"}, {"status", "False"}, {"reason", sign.reason}, {"message", sign.message}}});
            return Objects{job("{spec: {suspend: true}}"), waits};
        });
    check_all({{"kueue-pods-ready-timeout", "PodsReadyTimeout", "late"},
               {"kueue-max-time", "MaximumExecutionTimeExceeded", "long"},
               {"kueue-node-failure", "NodeFailures", "lost"}},
              [](const Sign& sign) {
                  Json waits = object("kueue.x-k8s.io/v1beta1", "Workload", "job-w");
                  waits["status"]["conditions"] = Json::array(
                      {{{"type", "Evicted"}, {"status", "True"}, {"reason", sign.reason}, {"message", sign.message}}});
                  return Objects{job("{spec: {suspend: true}}"), waits};
              });
    check_all({{"kueue-admission-check", "Pending", "asks"}, {"kueue-admission-check", "Rejected", "no"}},
              [](const Sign& sign) {
                  return Objects{job("{spec: {suspend: true}}"),
                                 with(object("kueue.x-k8s.io/v1beta1", "Workload", "job-w"),
                                      "{status: {admissionChecks: [{name: c, state: " + sign.reason + "}]}}")};
              });
    check_all({{"gang-not-enough-tasks", "NotEnoughTasks", "1/2"},
               {"gang-failed", "PodFailed", "x"},
               {"gang-failed", "PodDeleted", "x"}},
              [](const Sign& sign) {
                  Json group = object("scheduling.volcano.sh/v1beta1", "PodGroup", "job");
                  group["status"]["conditions"] = Json::array(
                      {{{"type", "Unschedulable"}, {"status", "True"}, {"reason", sign.reason}, {"message", "x"}}});
                  return Objects{job(), group};
              });
    CHECK(verdict({job(), object("scheduling.volcano.sh/v1beta1", "PodGroup", "job")}) == "gang-waiting PodGroup/job");
}

TEST_CASE("causes: a workload that failed, by whatever word its kind has for it") {
    const auto ray = [](const std::string& status) {
        return Objects{with(object("ray.io/v1", "RayJob", "job"), "{status: " + status + "}")};
    };
    const std::string failed = "job-failed RayJob/job";
    CHECK(verdict(ray("{startTime: '" + ago(99) + "', jobStatus: FAILED, message: 'bad data'}")) == failed);
    CHECK(verdict(ray("{jobStatus: FAILED, jobDeploymentStatus: Failed, reason: AppFailed}")) == failed);
    CHECK(verdict(ray("{jobStatus: STOPPED, jobDeploymentStatus: Complete, message: by hand}")) == failed);
    CHECK(verdict(ray("{jobDeploymentStatus: Failed, reason: DeadlineExceeded}")) == failed);
    CHECK(verdict(ray("{jobDeploymentStatus: ValidationFailed, reason: ValidationFailed, message: no entrypoint}")) ==
          "workload-invalid RayJob/job");
    CHECK(findings_of(ray("{jobStatus: FAILED, message: bad data}"))[0].summary == "RayJob/job failed: bad data");
    CHECK(verdict(ray("{jobStatus: SUCCEEDED, jobDeploymentStatus: Complete}")).empty());
    CHECK(verdict(ray("{jobDeploymentStatus: Initializing}")).empty());
    CHECK(verdict(ray("{}")) == "controller-idle RayJob/job");
    // Argo calls a workflow completed that has failed.
    const std::string completed = "conditions: [{type: Completed, status: 'True'}]";
    CHECK(verdict({with(object("argoproj.io/v1alpha1", "Workflow", "job"),
                        "{status: {phase: Failed, message: child failed, " + completed + "}}")}) ==
          "job-failed Workflow/job");
    CHECK(verdict({with(object("argoproj.io/v1alpha1", "Workflow", "job"),
                        "{status: {phase: Error, message: no template, " + completed + "}}")}) ==
          "workflow-failed Workflow/job");
    CHECK(verdict({with(object("example.org/v1", "Thing", "job"), "{status: {phase: Failed}}")}) ==
          "job-failed Thing/job");
    CHECK(verdict({job("{status: {conditions: [{type: Failed, status: 'True', reason: New, message: m}]}}")}) ==
          "job-failed Job/job");
    CHECK(verdict({with(object("jobset.x-k8s.io/v1alpha2", "JobSet", "job"),
                        "{status: {conditions: [{type: Ready, status: 'True', reason: SpecInvalid}]}}")}) ==
          "workload-invalid JobSet/job");
    CHECK(verdict({with(object("trainer.kubeflow.org/v1alpha1", "TrainJob", "job"),
                        "{status: {conditions: [{type: Failed, status: 'True', reason: TrainingRuntimeNotSupported, "
                        "message: 'ClusterTrainingRuntime x not found'}]}}")}) == "runtime-not-found TrainJob/job");
}

TEST_CASE("causes: what is said over several lines is one in the evidence") {
    const Json waits = pod("{status: {phase: Pending}}");
    const auto found =
        findings_of({job(), waits, event(waits, "FailedMount", "exit status 32\n\n  Output: x\n"), node()});
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].evidence[0] == "FailedMount: exit status 32 Output: x");
}

}  // namespace ktrain::advice
