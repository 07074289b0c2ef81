// What each sign of trouble means: one small cluster for each, and the cause that a diagnosis must name first.
#include <doctest/doctest.h>

#include "tests/support/signs.h"

namespace ktrain::advice {
namespace {

using namespace test;

Json queued() {
    return with(object("kueue.x-k8s.io/v1beta1", "Workload", "job-w"), "{spec: {queueName: team}}");
}

// A pod whose container waits for a reason.
Objects unstarted(const Sign& sign) {
    Json waits = pod("{status: {phase: Pending}}");
    waits["status"]["containerStatuses"] = Json::array(
        {{{"name", "trainer"}, {"state", {{"waiting", {{"reason", sign.reason}, {"message", sign.message}}}}}}});
    return {job(), waits, node()};
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
        {"request-above-limit", "FailedCreate",
         "Pod \"job-x\" is invalid: spec.containers[0].resources.requests: Invalid value: \"16\": must be less than or "
         "equal to cpu limit of 2",
         "ask for 16 of cpu and may use 2"},
        {"limit-range", "FailedCreate",
         "persistentvolumeclaims \"data-0\" is forbidden: maximum storage usage per PersistentVolumeClaim is 100Gi, "
         "but "
         "request is 500Gi",
         "the claim of a volume: maximum storage"},
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
        {"registry-error", "ErrImagePull",
         "unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable"},
        {"registry-unreachable", "ImagePullBackOff", "failed to copy: httpReadSeeker: failed open: unexpected EOF"},
        {"node-disk-full", "ErrImagePull", "failed to extract layer: no space left on device"},
        {"image-signature", "SignatureValidationFailed", "image signature is invalid"},
        {"subpath-failed", "CreateContainerConfigError", "failed to prepare subPath for volumeMount \"d\""},
        {"container-config", "CreateContainerConfigError", "what no row knows"},
        {"image-schema", "ErrImagePull",
         "not implemented: media type \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer "
         "supported since containerd v2.1, please rebuild the image",
         "manifest.v1+prettyjws"},
        {"registry-credentials-expired", "ImagePullBackOff",
         "unexpected status from HEAD request to https://r/v2/x: 403 Forbidden: Your authorization token has expired. "
         "Reauthenticate and try again."},
        {"registry-unreachable", "ErrImagePull",
         "failed to do request: Head \"https://r/v2/x\": dial tcp 10.0.5.12:443: connect: connection refused",
         "of x:1: dial tcp 10.0.5.12:443: connect: connection refused"},
        {"image-pull-denied", "ErrImagePull",
         "failed to resolve image: unexpected status from HEAD request to https://r/v2/x: 403 Forbidden", "403"},
        {"gpu-runtime", "RunContainerError",
         "OCI runtime create failed: nvidia-container-cli: device error: GPU-3f1c: unknown device: unknown",
         "to the container: GPU-3f1c: unknown device"},
        {"registry-without-tls", "ErrImagePull",
         "failed to do request: Head \"https://r/v2/x\": http: server gave HTTP response to HTTPS client"},
        {"registry-untrusted", "ErrImagePull",
         "failed to do request: Head \"https://r/v2/x\": tls: failed to verify certificate: x509: certificate signed "
         "by "
         "unknown authority",
         "of x:1: certificate signed by unknown authority"},
    };
    check_all(signs, unstarted);
}

TEST_CASE("causes: containers whose configuration or runtime is wrong") {
    const std::vector<Sign> signs{
        {"user-not-numeric", "CreateContainerConfigError",
         "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root", "(app)"},
        {"must-not-run-as-root", "CreateContainerConfigError",
         "container has runAsNonRoot and image will run as root (pod: \"p\", container: trainer)"},
        {"post-start-hook", "PostStartHookError",
         "PostStartHook failed: command 'sh -c mkdir /scratch/x' exited with 1: mkdir: cannot create directory",
         "stopped: command 'sh -c mkdir /scratch/x' exited with 1"},
        {"runtime-slow", "CreateContainerError", "context deadline exceeded"},
        {"runtime-slow", "CreateContainerError",
         "failed to reserve container name \"trainer_job_team_0\": name \"trainer_job_team_0\" is reserved for "
         "\"8f3a\""},
        {"security-profile-missing", "CreateContainerError",
         "failed to create containerd container: cannot load seccomp profile \"/var/lib/kubelet/seccomp/t.json\": open "
         "/var/lib/kubelet/seccomp/t.json: no such file or directory",
         "seccomp profile /var/lib/kubelet/seccomp/t.json"},
        {"mount-type", "CreateContainerError",
         "error mounting \"/var/lib/kubelet/pods/8b/volume-subpaths/config/trainer/0\" to rootfs at \"/app/c.yaml\": "
         "not a "
         "directory: Are you trying to mount a directory onto a file (or vice-versa)?",
         "/app/c.yaml"},
        {"no-command", "CreateContainerError", "failed to generate spec: no command specified"},
        {"container-create", "CreateContainerError", "error mounting \"/x\" to rootfs at \"/y\": permission denied"},
        {"command-not-found", "CreateContainerError",
         "container create failed: executable file `run` not found in $PATH: No such file or directory"},
        {"gpu-runtime", "RunContainerError", "nvidia-container-cli: initialization error: nvml error"},
        {"container-waiting", "SomethingNew", "what no row knows"},
    };
    check_all(signs, unstarted);
}

TEST_CASE("causes: containers that do not start, told in the last words of the runtime") {
    const std::vector<Sign> signs{
        {"container-create", "CreateContainerError",
         "failed to create shim task: OCI runtime create failed: runc create failed: error setting cgroup config for "
         "procHooks process: failed to write \"-1\": write /sys/fs/cgroup/devices.allow: operation not permitted: "
         "unknown",
         "trainer: write /sys/fs/cgroup/devices.allow: operation not permitted"},
        {"gpu-runtime", "RunContainerError",
         "failed to create containerd task: could not apply required modification to OCI specification: failed to "
         "inject "
         "CDI devices: unresolvable CDI devices nvidia.com/gpu=all",
         "the CDI device nvidia.com/gpu=all"}};
    check_all(signs, unstarted);
}

TEST_CASE("causes: a pull secret that is missing is a cause only where the registry refuses") {
    const auto pulls = [](const std::string& said) {
        Json waits = pod("{status: {phase: Pending}}");
        waits["status"]["containerStatuses"] = Json::array(
            {{{"name", "trainer"}, {"state", {{"waiting", {{"reason", "ErrImagePull"}, {"message", said}}}}}}});
        return findings_of({job(), waits, node(),
                            event(waits, "FailedToRetrieveImagePullSecret",
                                  "Unable to retrieve some image pull secrets (regcred); attempting to pull the image "
                                  "may not succeed.")});
    };
    const auto refused = pulls("failed to authorize: failed to fetch anonymous token: 401 Unauthorized");
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].cause == "image-pull-secret-missing");
    CHECK(refused[0].summary.find("pull secret regcred,") != std::string::npos);
    CHECK(refused[0].evidence[1].find("FailedToRetrieveImagePullSecret: Unable to retrieve") == 0);
    CHECK(pulls("manifest unknown")[0].cause == "image-not-found");
}

TEST_CASE("causes: events of a pod that has a node and does not start") {
    const std::vector<Sign> signs{
        {"host-path-missing", "FailedMount", "hostPath type check failed: /data is not a directory"},
        {"volume-attach-failed", "FailedAttachVolume", "AttachVolume.Attach failed: rpc error"},
        {"volume-mount-failed", "FailedMount", "MountVolume.SetUp failed: what no row knows"},
        {"network-not-ready", "NetworkNotReady", "network is not ready: cni plugin not initialized"},
        {"pod-ips-exhausted", "FailedCreatePodSandBox", "failed to allocate for range 0: no IP addresses available"},
        {"volume-resize", "VolumeResizeFailed", "resize volume failed: rpc error"},
        {"volume-file-system", "FailedMount",
         "MountVolume.MountDevice failed for volume \"pvc-0f\" : rpc error: code = Internal desc = mount failed: exit "
         "status 32\nMounting command: mount\nOutput: mount: wrong fs type, bad option, bad superblock on "
         "/dev/nvme2n1, missing codepage or helper program, or other error.",
         "pvc-0f on /dev/nvme2n1"},
        {"volume-access-denied", "FailedMount",
         "MountVolume.SetUp failed for volume \"s3-pv\" : rpc error: code = Internal desc = Could not mount \"sets\" "
         "at "
         "\"/m\": Mount failed: Failed to create S3 client\n\nCaused by: Client error: Forbidden: Access Denied",
         "s3-pv refuses the node or the pod: Forbidden"},
        {"volume-access-denied", "FailedMount",
         "MountVolume.SetUp failed for volume \"ceph\" : rpc error: code = Internal desc = an error (exit status 1) "
         "occurred while running ceph-fuse args: [--mon-host=10.0.0.5] stderr: mount error 13 = Permission denied",
         "Permission denied"},
        {"nfs-unreachable", "FailedMount",
         "MountVolume.SetUp failed for volume \"n\" : mount.nfs: access denied by server while mounting s:/x"},
        {"bucket-missing", "FailedMount",
         "MountVolume.SetUp failed for volume \"gcs\" : rpc error: code = Internal desc = failed to mount volume "
         "\"t\": "
         "gcsfuse failed with error: failed to get GCS bucket \"t\": googleapi: Error 404: The specified bucket does "
         "not "
         "exist., notFound",
         "gcs"},
        {"secret-provider-class-missing", "FailedMount",
         "MountVolume.SetUp failed for volume \"s\" : rpc error: code = Unknown desc = failed to get "
         "secretproviderclass "
         "team/kv, error: SecretProviderClass.secrets-store.csi.x-k8s.io \"kv\" not found",
         "SecretProviderClass kv,"},
        {"storage-driver-unauthorized", "FailedAttachVolume",
         "AttachVolume.Attach failed for volume \"pvc-5d1\" : rpc error: code = Internal desc = operation error EC2: "
         "AttachVolume, https response error StatusCode: 403, UnauthorizedOperation: You are not authorized",
         "UnauthorizedOperation"},
    };
    check_all(signs, [](const Sign& sign) {
        const Json waits = pod("{status: {phase: Pending}}");
        return Objects{job(), waits, event(waits, sign.reason, sign.message), node()};
    });
}

TEST_CASE("causes: pods that were ended, and the exit codes that tell by themselves") {
    check_all({{"evicted-pid-pressure", "Evicted", "The node was low on resource: pids."},
               {"evicted-disk-pressure", "Evicted", "The node was low on resource: inodes.", "too many files"},
               {"preempted", "Preempting", "Preempted in order to admit critical pod", "critical pod of the system"},
               {"node-consolidated", "TerminationByKarpenter", "consolidation of the node by karpenter"},
               {"pod-deadline", "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"},
               {"sysctl-forbidden", "SysctlForbidden", "forbidden sysctl"},
               {"pod-failed", "WhatNoRowKnows", "gone"}},
              [](const Sign& sign) {
                  Json ended = pod("{status: {phase: Failed}}");
                  ended["status"]["reason"] = sign.reason, ended["status"]["message"] = sign.message;
                  return Objects{job("{}"), ended};
              });
    check_all(
        {{"killed", "137", ""},
         {"bus-error", "135", ""},
         {"aborted", "134", ""},
         {"floating-point-exception", "136", ""},
         {"illegal-instruction", "132", ""},
         {"terminated", "143", ""},
         {"exit-code", "9", ""},
         {"gpu-runtime", "128", "nvidia-container-cli: nvml error"},
         {"cuda-driver-mismatch", "128",
          "error running prestart hook #0: exit status 1, stderr: Auto-detected mode as "
          "'legacy'\nnvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your "
          "driver to a newer version, or use an earlier cuda container: unknown",
          "wants cuda>=12.8"},
         {"gpu-driver-updated", "128",
          "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown"},
         {"working-directory", "128",
          "error during container init: chdir to cwd (\"/workspace\") set in config.json failed: permission denied",
          "/workspace: permission denied"},
         {"command-not-executable", "128", "exec: \"/app/run\": permission denied: unknown"},
         {"oom-killed", "128", "container init was OOM-killed (memory limit too low?)",
          "more memory to start with than its node had left"}},
        [](const Sign& sign) {
            Json ended =
                pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {"
                    "exitCode: " +
                    sign.reason + "}}}]}}");
            Json& end = ended["status"]["containerStatuses"][0]["state"]["terminated"];
            if (!sign.message.empty()) end["reason"] = "StartError", end["message"] = sign.message;
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
         {"kueue-waiting", "WhatNoRowKnows", "waits"},
         {"kueue-exceeds-quota", "Pending",
          "couldn't assign flavors to pod set main: insufficient quota for nvidia.com/gpu in flavor h100, previously "
          "considered podsets requests (0) + current podset request (64) > maximum capacity (16)",
          "of nvidia.com/gpu in flavor h100, maximum capacity (16)"},
         {"kueue-waiting-for-quota", "Pending",
          "couldn't assign flavors to pod set main: insufficient quota for nvidia.com/gpu in flavor a, previously "
          "considered podsets requests (0) + current podset request (64) > maximum capacity (16), insufficient unused "
          "quota for nvidia.com/gpu in flavor b, 8 more needed"}},
        [](const Sign& sign) {
            Json waits = queued();
            waits["status"]["conditions"] = Json::array(
                {{{"type", "QuotaReserved"}, {"status", "False"}, {"reason", sign.reason}, {"message", sign.message}}});
            return Objects{job("{spec: {suspend: true}}"), waits};
        });
    check_all(
        {{"kueue-pods-ready-timeout", "PodsReadyTimeout", "late"},
         {"kueue-max-time", "MaximumExecutionTimeExceeded", "long"},
         {"kueue-max-time", "Deactivated", "The workload is deactivated due to exceeding the maximum execution time"},
         {"kueue-requeue-limit", "Deactivated",
          "The workload is deactivated due to exceeding the maximum number of re-queuing retries"},
         {"kueue-admission-check-rejected", "Deactivated",
          "The workload is deactivated due to AdmissionCheck in Rejected state: \"dws\" (ProvisioningRequest failed)",
          "\"dws\" (ProvisioningRequest failed)"},
         {"kueue-deactivated", "Deactivated", "The workload is deactivated"},
         {"kueue-node-failure", "NodeFailures", "lost"}},
        [](const Sign& sign) {
            Json waits = queued();
            waits["status"]["conditions"] = Json::array(
                {{{"type", "Evicted"}, {"status", "True"}, {"reason", sign.reason}, {"message", sign.message}}});
            return Objects{job("{spec: {suspend: true}}"), waits};
        });
    check_all({{"kueue-admission-check", "Pending", "asks"}, {"kueue-admission-check", "Rejected", "no"}},
              [](const Sign& sign) {
                  return Objects{
                      job("{spec: {suspend: true}}"),
                      with(queued(), "{status: {admissionChecks: [{name: c, state: " + sign.reason + "}]}}")};
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
