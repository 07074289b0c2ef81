// Causes that stand beside the pod's own status: with the autoscaler, the kubelet, or in a workload's message.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/small_cluster.h"

namespace ktrain::advice {

using namespace test;

TEST_CASE("an autoscaler that failed is told, and not that it is at work") {
    const Json waits = pod(
        "{spec: {nodeName: null}, status: {phase: Pending, startTime: null, conditions: [{type: PodScheduled, status: "
        "'False', reason: Unschedulable, message: '0/1 nodes are available: 1 Insufficient cpu.'}]}}");
    const Json added = event(waits, "TriggeredScaleUp", "pod triggered scale-up: [{pool 0->1}]", 300, "Normal");
    const Json failed = event(waits, "FailedScaleUp", "Node scale up failed: GCE out of resources", 60);
    CHECK(findings_of({job(), waits, node(), added})[0].cause == "waiting-for-node");
    const auto findings = findings_of({job(), waits, node(), added, failed});
    CHECK(findings[0].cause == "scale-up-failed");
    CHECK(findings[0].summary.find("GCE out of resources") != std::string::npos);
}

TEST_CASE("devices that others have: who, and why no autoscaler adds a node") {
    const Json waits =
        pod("{spec: {nodeName: null, containers: [{name: trainer, image: 'x:1', resources: {limits: {nvidia.com/gpu: "
            "2}}}]}, "
            "status: {phase: Pending, startTime: null, conditions: [{type: PodScheduled, status: 'False', reason: "
            "Unschedulable, message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.'}]}}");
    const auto holder = [](const std::string& name, int gpus, const std::string& phase) {
        Json out = object("v1", "Pod", name);
        out["spec"] =
            flow(fmt::format("{{containers: [{{name: c, resources: {{limits: {{nvidia.com/gpu: {}}}}}}}]}}", gpus));
        out["status"]["phase"] = phase;
        return out;
    };
    Snapshot snapshot = empty_snapshot();
    snapshot.now = *kube::parse_time("2026-01-01T12:00:00Z");
    for (const Json& one : {job(), waits, node(),
                            event(waits, "NotTriggerScaleUp",
                                  "pod didn't trigger scale-up: 1 max node group size reached", 60, "Normal")})
        put(snapshot, one, "Job/job");
    snapshot.neighbours["n1"] = {holder("eval", 0, "Running"), holder("old", 2, "Succeeded"), holder("b", 1, "Running"),
                                 holder("notebook", 2, "Running")};
    const auto findings = diagnose(snapshot, Symptoms::built_in());
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].summary ==
          "Insufficient nvidia.com/gpu: the pod asks for 2, and no node has that much free now (of node n1: "
          "team/notebook "
          "has 2, team/b has 1); the autoscaler adds none: 1 max node group size reached");
}

TEST_CASE("Karpenter says why it adds no node") {
    const Json waits =
        pod("{spec: {nodeName: null, containers: [{name: trainer, image: 'x:1', resources: {limits: {nvidia.com/gpu: "
            "9}}}]}, "
            "status: {phase: Pending, startTime: null, conditions: [{type: PodScheduled, status: 'False', reason: "
            "Unschedulable, message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.'}]}}");
    Json said = event(waits, "FailedScheduling",
                      "Failed to schedule pod, incompatible with nodepool \"g\", no instance type satisfied resources "
                      "{\"cpu\":\"4\"} and requirements a In [b] (no instance type has enough resources)");
    said["source"] = {{"component", "karpenter"}};
    const auto findings = findings_of({job(), waits, node(), said});
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].summary.ends_with("; the autoscaler adds none: no instance type has enough resources"));
    CHECK(findings[0].remedy.starts_with("ask for what a node of the autoscaler's pools has"));
}

TEST_CASE("a pod that cannot be stopped is stuck before its time") {
    Json stays = pod("{}");
    stays["metadata"]["deletionTimestamp"] = ago(20);
    CHECK(verdict({job(), stays, node()}).empty());
    CHECK(verdict({job(), stays, node(), event(stays, "FailedKillPod", "error killing pod")}) ==
          "stuck-terminating Pod/job-abcde");
    CHECK(verdict({job(), stays, node(), event(stays, "FailedKillPod", "error killing pod", 900)}).empty());
}

TEST_CASE("a pod that cannot be stopped: the kubelet says why") {
    Json stays = pod("{}");
    stays["metadata"]["deletionTimestamp"] = ago(600);
    const auto findings =
        findings_of({job(), stays, node(), event(stays, "FailedKillPod", "error killing pod: DeadlineExceeded")});
    CHECK(findings[0].cause == "stuck-terminating");
    CHECK(findings[0].summary.find("the node n1 cannot stop it: error killing pod") != std::string::npos);
}

TEST_CASE("a container that was killed while its node had no memory: the node's event says so") {
    const Json killed =
        pod(fmt::format("{{status: {{phase: Failed, containerStatuses: [{{name: trainer, state: {{"
                        "terminated: {{exitCode: 137, reason: Error, finishedAt: '{}'}}}}}}]}}}}",
                        ago(60)));
    const auto told = [&](const std::string& reason, const std::string& message, int seconds) {
        return verdict({job(), killed, event(node(), reason, message, seconds)});
    };
    CHECK(told("SystemOOM", "System OOM encountered, victim process: python, pid: 7", 62) ==
          "node-out-of-memory Pod/job-abcde");
    CHECK(told("OOMKilling", "Out of memory: Killed process 7 (python)", 58) == "node-out-of-memory Pod/job-abcde");
    CHECK(told("OOMKilling", "Memory cgroup out of memory: Killed process 7 (x)", 58) == "killed Pod/job-abcde");
    CHECK(told("SystemOOM", "System OOM encountered, victim process: x, pid: 7", 600) == "killed Pod/job-abcde");
}

TEST_CASE("a workload that somebody suspended is well, one that was made so waits for nobody") {
    const auto suspended = [](const std::string& field, const std::string& at) {
        Json out = job("{spec: {suspend: true}, status: {startTime: null}}");
        out["metadata"]["managedFields"] =
            Json::array({flow("{manager: kubectl-patch, time: '" + at + "', fieldsV1: {'f:spec': " + field + "}}")});
        return out;
    };
    CHECK(verdict({suspended("{'f:suspend': {}}", ago(3600))}) == "suspended Job/job");
    CHECK(verdict({suspended("{'f:parallelism': {}}", ago(60))}) == "suspended Job/job");
    CHECK(verdict({suspended("{'f:suspend': {}}", ago(60))}).empty());
    CHECK(verdict({suspended("{'f:runPolicy': {'f:suspend': {}}}", ago(60))}).empty());
    Json again = suspended("{'f:suspend': {}}", ago(60));  // that somebody has applied it since changes nothing
    again["status"]["conditions"] =
        Json::array({{{"type", "Suspended"}, {"status", "True"}, {"lastTransitionTime", ago(3600)}}});
    CHECK(verdict({again}) == "suspended Job/job");
    CHECK(suspended_by(suspended("{'f:suspend': {}}", ago(60))) == "kubectl-patch at " + ago(60));
}

TEST_CASE("a pod that is gone, and whose image never came: the pull says why") {
    CHECK(
        verdict({job("{spec: {template: {spec: {containers: [{name: trainer, image: 'r/x:1'}]}}}, status: {conditions: "
                     "[{type: Failed, status: 'True', reason: DeadlineExceeded}]}}"),
                 event(pod("{}"), "Failed", "Failed to pull image \"r/x:1\": 401 Unauthorized")}) ==
        "image-pull-denied Pod/job-abcde");
}

TEST_CASE("a container that failed beside one that goes on: the pod does not end") {
    const auto findings = findings_of(
        {job(), pod("{spec: {containers: [{name: trainer, image: 'x:1'}, {name: proxy, image: 'p:1'}]}, status: "
                    "{containerStatuses: [{name: trainer, state: {terminated: {exitCode: 1, finishedAt: '" +
                    ago(60) + "'}}}, {name: proxy, state: {running: {}}}]}}")});
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].evidence[1] == "the container proxy goes on, so that the pod does not end");
}

TEST_CASE("an exit code of a command that is not there: the log names it") {
    const auto findings = findings_of(
        {job(),
         pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {exitCode: 127}}}]}}"),
         {{"kind", "PodLog"},
          {"pod", "job-abcde"},
          {"container", "trainer"},
          {"text", "run.sh: line 3: torchrum: command not found\n"}}});
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].summary == "the command torchrum was not found in the image x:1 (exit code 127)");
}

TEST_CASE("a workload's message that ends with a log is read as one") {
    const auto findings = findings_of({with(
        object("ray.io/v1", "RayJob", "job"),
        "{status: {jobStatus: FAILED, message: \"Job entrypoint command failed with exit code 1, last available "
        "logs:\\nTraceback (most recent call last):\\n  File \\\"a.py\\\", line 1\\nModuleNotFoundError: No module "
        "named 'deepspeed'\\n\"}}")});
    CHECK(findings[0].cause == "module-missing");
    CHECK(findings[0].evidence[0].find("\xEF\xBF\xBD") == std::string::npos);  // of several lines one
}

TEST_CASE("a workflow whose step had no more time") {
    CHECK(verdict({with(object("argoproj.io/v1alpha1", "Workflow", "job"),
                        "{status: {phase: Failed, message: Step exceeded its deadline}}")}) ==
          "deadline-exceeded Workflow/job");
}

TEST_CASE("a device of a wrong name: what the nodes offer of that domain") {
    const auto findings = findings_of(
        {job(),
         pod("{spec: {nodeName: null, containers: [{name: trainer, image: 'x:1', resources: {limits: "
             "{nvidia.com/gpus: 1}}}]}, status: {phase: Pending, startTime: null, conditions: [{type: PodScheduled, "
             "status: 'False', reason: Unschedulable, message: '0/1 nodes: 1 Insufficient nvidia.com/gpus.'}]}}"),
         node()});
    CHECK(findings[0].summary.find("nodes offer nvidia.com/gpu") != std::string::npos);
}

TEST_CASE("a condition that says that all is well with a GPU is none") {
    for (const char* condition :
         {"{type: GpuUnhealthy, status: 'False'}", "{type: NvidiaGPUUnavailable, status: 'False'}",
          "{type: GpuNotReady, status: 'False'}", "{type: GpuConfigChanged, status: 'True'}"}) {
        CAPTURE(condition);
        CHECK(findings_of(
                  {job(), pod("{}"),
                   node("{status: {conditions: [{type: Ready, status: 'True'}, " + std::string(condition) + "]}}")})
                  .empty());
    }
}

TEST_CASE("a hook that failed once is not the cause of what ended much later, nor of an end for memory") {
    const auto ended = [](const std::string& reason, int seconds) {
        Json out = pod("{status: {phase: Failed}}");
        out["status"]["containerStatuses"] = Json::array(
            {{{"name", "trainer"},
              {"state", {{"terminated", {{"exitCode", 137}, {"reason", reason}, {"finishedAt", ago(seconds)}}}}}}});
        return findings_of({job(), out, node(), event(out, "FailedPostStartHook", "PostStartHook failed: x", 600)})[0]
            .cause;
    };
    CHECK(ended("Error", 590) == "post-start-hook");
    CHECK(ended("Error", 30) == "killed");
    CHECK(ended("OOMKilled", 590) == "oom-killed");
}

TEST_CASE("a pod that the job's own controller has deleted was deleted by nobody else") {
    const Json failed = job(
        "{status: {conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded, message: its limit}]}}");
    const Json owner = object("batch/v1", "Job", "job");
    const Json gone = object("v1", "Pod", "job-abcde", &owner), other = object("v1", "Pod", "job-fghij", &owner);
    const Json killed = event(gone, "Killing", "Stopping container trainer", 30, "Normal");
    CHECK(findings_of({failed, killed})[0].cause == "pod-deleted");
    CHECK(findings_of({failed, killed, event(failed, "SuccessfulDelete", "Deleted pod: job-abcde", 30, "Normal")})[0]
              .cause == "job-failed");
    CHECK(findings_of({failed, killed, event(other, "BackOff", "Back-off restarting failed container")})[0].cause !=
          "pod-deleted");
}

}  // namespace ktrain::advice
