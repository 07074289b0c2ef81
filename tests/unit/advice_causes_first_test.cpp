// Of several troubles the one that is the cause, and what no single object says.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/small_cluster.h"

namespace ktrain::advice {
namespace {

using namespace test;

std::string waiting_for(const std::string& what) {
    return "status: {phase: Pending, startTime: null, conditions: [{type: PodScheduled, status: 'False', reason: "
           "Unschedulable, message: '0/2 nodes are available: 1 Insufficient " +
           what + ".'}]}";
}

Json named_node(const std::string& name, const std::string& more = "{}") {
    Json out = node(more);
    out["metadata"]["name"] = name;
    out["metadata"]["uid"] = name;
    return out;
}

const std::string gpus = "containers: [{name: trainer, image: 'x:1', resources: {limits: {nvidia.com/gpu: 2}}}]";

}  // namespace

TEST_CASE("first: what failed its probe was killed for that, also while it waits for its restart") {
    const auto waits = [](int code) {
        return pod(
            fmt::format("{{status: {{containerStatuses: [{{name: trainer, restartCount: 3, state: {{waiting: "
                        "{{reason: CrashLoopBackOff}}}}, lastState: {{terminated: {{exitCode: {}, reason: Error, "
                        "finishedAt: '{}'}}}}}}]}}}}",
                        code, ago(40)));
    };
    const auto killed = [&](const Json& what, int seconds, const std::string& name = "trainer") {
        return verdict({job(), what, node(),
                        event(what, "Killing", "Container " + name + " failed startup probe, will be restarted",
                              seconds, "Normal"),
                        event(what, "Unhealthy", "Startup probe failed: connection refused", seconds + 1)});
    };
    CHECK(killed(waits(137), 70) == "startup-probe Pod/job-abcde");
    CHECK(killed(waits(143), 45) == "startup-probe Pod/job-abcde");
    CHECK(killed(waits(137), 400) == "killed Pod/job-abcde");  // another end
    CHECK(killed(waits(137), 70, "proxy") == "killed Pod/job-abcde");
    CHECK(killed(waits(137), 70, "trainer-proxy") == "killed Pod/job-abcde");
    Json anew = waits(137);  // it began when the probe had killed the one before
    anew["status"]["containerStatuses"][0]["lastState"]["terminated"]["startedAt"] = ago(60);
    CHECK(killed(anew, 70) == "killed Pod/job-abcde");
}

TEST_CASE("first: of tries one after the other the last one ended the job") {
    const auto tried = [](const std::string& name, int seconds, const std::string& reason) {
        Json out =
            pod(fmt::format("{{status: {{phase: Failed, containerStatuses: [{{name: trainer, state: {{terminated: "
                            "{{exitCode: 1, reason: {}, finishedAt: '{}'}}}}}}]}}}}",
                            reason, ago(seconds)),
                name);
        out["metadata"]["creationTimestamp"] = ago(seconds + 60);
        return out;
    };
    const auto told = [&](int parallelism) {
        return verdict({job(fmt::format("{{spec: {{parallelism: {}}}, status: {{conditions: [{{type: Failed, status: "
                                        "'True', reason: BackoffLimitExceeded}}]}}}}",
                                        parallelism)),
                        tried("job-a", 300, "Error"), tried("job-b", 60, "OOMKilled")});
    };
    CHECK(told(1) == "oom-killed Pod/job-b");
    CHECK(told(2) == "oom-killed Pod/job-b");  // it says more than an exit code
}

TEST_CASE("first: a name that is that of a pod with a trouble of its own follows from that") {
    const Json master =
        pod("{spec: {nodeName: null, containers: [{name: trainer, image: 'x:1', resources: {limits: "
            "{nvidia.com/gpu: 9}}}]}, " +
                waiting_for("nvidia.com/gpu") + "}",
            "job-master-0");
    const Json worker =
        pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {exitCode: "
            "1, finishedAt: '" +
                ago(60) + "'}}}]}}",
            "job-worker-0");
    const auto told = [&](const std::string& host, const Json& other) {
        return verdict({job("{spec: {parallelism: 2, completions: 2}, status: {active: 2}}"),
                        worker,
                        other,
                        node(),
                        {{"kind", "PodLog"},
                         {"pod", "job-worker-0"},
                         {"container", "trainer"},
                         {"text", "socket.gaierror: [Errno -2] Name or service not known: " + host}}});
    };
    CHECK(told("job-master-0", master) == "insufficient-gpu Pod/job-master-0");
    CHECK(told("job-master-01", master) == "dns Pod/job-worker-0");
    Json anew = master;  // its owner has made it again meanwhile
    anew["metadata"]["creationTimestamp"] = ago(30);
    CHECK(told("job-master-0", anew) == "insufficient-gpu Pod/job-master-0");
    const auto ended = [](int seconds) {
        return pod(
            "{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {exitCode: 137, "
            "reason: OOMKilled, finishedAt: '" +
                ago(seconds) + "'}}}]}}",
            "job-master-0");
    };
    CHECK(told("job-master-0", ended(90)) == "oom-killed Pod/job-master-0");
    CHECK(told("job-master-0", ended(20)) == "dns Pod/job-worker-0");  // it ended later
}

TEST_CASE("first: that volumes were not mounted in time tells less than why") {
    const Json waits =
        pod("{status: {phase: Pending, containerStatuses: [{name: trainer, state: {waiting: {reason: "
            "ContainerCreating}}}]}}");
    const std::string generic =
        "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[]: timed out waiting for the "
        "condition";
    const std::string exact =
        "MountVolume.MountDevice failed for volume \"pvc-7\" : rpc error: code = DeadlineExceeded "
        "desc = stream terminated by RST_STREAM";
    for (const auto& [first, second] : {std::pair(exact, generic), std::pair(generic, exact)}) {
        const auto findings = findings_of(
            {job(), waits, node(), event(waits, "FailedMount", first, 60), event(waits, "FailedMount", second, 20)});
        REQUIRE_FALSE(findings.empty());
        CHECK(findings[0].summary.find("pvc-7") != std::string::npos);
    }
}

TEST_CASE("first: nodes that have one thing but not the other") {
    const Json waits =
        pod("{spec: {nodeName: null, containers: [{name: trainer, image: 'x:1', resources: {requests: "
            "{memory: 64Gi, nvidia.com/gpu: 2}}}]}, " +
            waiting_for("memory") + "}");
    const auto findings =
        findings_of({job(), waits, named_node("a"),
                     named_node("b", "{status: {allocatable: {memory: 512Gi, nvidia.com/gpu: null}}}")});
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].cause == "insufficient-memory");
    CHECK(findings[0].summary ==
          "Insufficient memory: the pod asks for 64Gi, and the nodes that have its devices have at most 32Gi");
    CHECK(findings[0].evidence[1] == "node a has too little memory (32Gi of 64Gi)");
    CHECK(findings[0].evidence[2] == "node b has too little nvidia.com/gpu (0 of 2)");
}

TEST_CASE("first: a node that takes no pods at all") {
    const Json waits = pod("{spec: {nodeName: null, " + gpus + "}, " + waiting_for("nvidia.com/gpu") + "}");
    const auto findings = findings_of({job(), waits, named_node("a", "{status: {allocatable: {pods: '0'}}}"),
                                       named_node("b", "{status: {allocatable: {nvidia.com/gpu: null}}}")});
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].summary.find("asks for 1") != std::string::npos);
}

TEST_CASE("first: a node that keeps the pod off is named beside those that are full") {
    const Json waits = pod("{spec: {nodeName: null, " + gpus + "}, " + waiting_for("nvidia.com/gpu") + "}");
    const auto said = [&](const std::string& more) {
        const auto findings = findings_of({job(), waits, named_node("a"), named_node("b", more)});
        REQUIRE_FALSE(findings.empty());
        return findings[0].summary.substr(findings[0].summary.find("now") + 3);
    };
    CHECK(said("{}").empty());
    CHECK(said("{spec: {unschedulable: true}}") == "; node b is cordoned");
    CHECK(said("{spec: {taints: [{key: node.kubernetes.io/not-ready, effect: NoSchedule}]}}") ==
          "; node b is not well (not-ready)");
    CHECK(said("{spec: {taints: [{key: team, value: x, effect: NoSchedule}]}}") ==
          "; node b has the taint team=x:NoSchedule");
    CHECK(said("{spec: {taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}}").empty());
}

TEST_CASE("first: a Deployment whose new pod waits for its old one, and one that is too large for its node") {
    const Json deployment = object("apps/v1", "Deployment", "job");
    const Json before = object("apps/v1", "ReplicaSet", "job-5d", &deployment);
    const Json after = object("apps/v1", "ReplicaSet", "job-6e", &deployment);
    const auto runs = [&](const std::string& name, const Json& set) {
        return with(object("v1", "Pod", name, &set),
                    "{spec: {nodeName: n1, " + gpus + "}, status: {phase: Running, startTime: '" + ago(900) +
                        "', containerStatuses: [{name: trainer, state: {running: {}}}]}}");
    };
    const auto remedy = [&](const Json& old, const std::vector<Json>& on_node) {
        const Json next =
            with(object("v1", "Pod", "job-b", &after), "{spec: {" + gpus + "}, " + waiting_for("nvidia.com/gpu") + "}");
        Snapshot snapshot = empty_snapshot();
        snapshot.now = *kube::parse_time("2026-01-01T12:00:00Z");
        for (const Json& object : {deployment, before, after, old, next, node()})
            put(snapshot, object, "Deployment/job");
        snapshot.neighbours["n1"] = on_node;
        const auto findings = diagnose(snapshot, Symptoms::built_in());
        return findings.empty() ? "" : findings[0].remedy;
    };
    const Json old = runs("job-a", before), peer = runs("job-a", after);
    CHECK(remedy(old, {old}).starts_with("set spec.strategy to Recreate"));
    CHECK(remedy(peer, {peer}).starts_with("ask for fewer pods"));
    CHECK(remedy(old, {old, runs("other", before)}).starts_with("wait until other pods end"));
}

TEST_CASE("first: a JobSet that begins anew again and again, where nothing else tells why") {
    const auto told = [](int restarts, int seconds) {
        const Json set =
            with(object("jobset.x-k8s.io/v1alpha2", "JobSet", "job"),
                 fmt::format("{{spec: {{failurePolicy: {{maxRestarts: 100}}}}, status: {{restarts: {}}}}}", restarts));
        const Json child = object("batch/v1", "Job", "job-w-0", &set);
        const Json runs =
            with(object("v1", "Pod", "job-w-0-0-a", &child), "{spec: {nodeName: n1}, status: {phase: Running}}");
        return verdict({set, child, runs, node(),
                        event(set, "RestartJobSetFailurePolicyAction", "applying RestartJobSet", seconds)});
    };
    CHECK(told(20, 5) == "restarts JobSet/job");
    CHECK(told(2, 5).empty());
    CHECK(told(20, 3000).empty());
}

TEST_CASE("first: a container that ended with its node") {
    const Json lost =
        pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {exitCode: 255, "
            "reason: Unknown, finishedAt: '" +
            ago(60) + "'}}}]}}");
    CHECK(verdict({job(), lost, event(node(), "Rebooted", "Node n1 has been rebooted, boot id: 1", 70)}) ==
          "node-rebooted Pod/job-abcde");
    CHECK(verdict({job("{status: {conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]}}"),
                   event(pod("{}"), "ScaleDown", "deleting pod for node scale down", 60, "Normal")}) ==
          "node-consolidated Pod/job-abcde");
}

}  // namespace ktrain::advice
