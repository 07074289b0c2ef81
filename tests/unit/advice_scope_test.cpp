// Whose trouble it is, and whether it is one: namesakes, what is gone or still comes, helpers, time to begin and to
// end.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/kube/made_names.h"
#include "tests/support/small_cluster.h"

namespace ktrain::advice {

using namespace test;

TEST_CASE("causes: another workload's trouble is not this one's, whatever they are called") {
    const Json other = object("batch/v1", "Job", "job-2"), other_pod = object("v1", "Pod", "job-2-mlsr7", &other);
    const Json refused = event(other, "FailedCreate",
                               "exceeded quota: q, requested: pods=1, used: pods=1, limited: "
                               "pods=1");
    CHECK(verdict({job("{spec: {suspend: true}, status: {startTime: null}}"), refused}) == "suspended Job/job");
    const std::string late = "status: {conditions: [{type: Failed, status: 'True', reason: DeadlineExceeded}]}";
    Json evicted = event(other_pod, "Evicted", "The node was low on resource: memory.");
    evicted["source"] = {{"component", "kubelet"}, {"host", "node-7"}};
    CHECK(verdict({job("{" + late + "}"), evicted}) == "deadline-exceeded Job/job");
    // A rank's name looks the same: what is known of a Job of that name decides.
    const std::string indexed = "{spec: {completionMode: Indexed, completions: 4}, " + late + "}";
    CHECK(verdict({job(indexed), evicted}) == "evicted-memory-pressure Pod/job-2-mlsr7");
    CHECK(verdict({job(indexed), evicted, refused}) == "deadline-exceeded Job/job");
    // The kubelet tells its node.
    const auto findings = findings_of({job(indexed), evicted});
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].summary.find("node-7") != std::string::npos);
}

TEST_CASE("causes: names tell what a workload would make") {
    const Json cron = object("batch/v1", "CronJob", "job"),
               set =
                   with(object("jobset.x-k8s.io/v1alpha2", "JobSet", "job"), "{spec: {replicatedJobs: [{name: a-b}]}}");
    const Json torch =
        with(object("kubeflow.org/v1", "PyTorchJob", "job"), "{spec: {pytorchReplicaSpecs: {Worker: {}}}}");
    const Json train = object("trainer.kubeflow.org/v1alpha1", "TrainJob", "job");
    const Json ranked_job = job("{spec: {completionMode: Indexed, completions: 2}}");
    struct {
        const Json& maker;
        const char *kind, *name;
        bool is;
    } const rows[] = {
        {job(), "Pod", "job-x7k2p", true},
        {job(), "Pod", "job-1-x7k2p", false},
        {job(), "Job", "job-2", false},
        {ranked_job, "Pod", "job-1-x7k2p", true},
        {ranked_job, "Pod", "job-2-x7k2p", false},
        {ranked_job, "Pod", "job-x7k2p", false},
        {cron, "Job", "job-29384000", true},
        {cron, "Job", "job-nightly", false},
        {cron, "Job", "job-2", false},
        {cron, "Pod", "job-29384000-x7k2p", true},
        {set, "Job", "job-a-b-0", true},
        {set, "Job", "job-2-a-b-0", false},
        {set, "Pod", "job-a-b-0-1-x7k2p", true},
        {set, "JobSet", "job-a-b-0", false},
        {torch, "Pod", "job-worker-0", true},
        {torch, "Pod", "job-2-worker-0", false},
        {train, "Pod", "job-node-0-0-x7k2p", true},
        {train, "Pod", "job-2-node-0-0-x7k2p", false},
    };
    for (const auto& row : rows) {
        CAPTURE(ref_of(row.maker).text());
        CAPTURE(row.name);
        CHECK(kube::would_name(row.maker, row.kind, row.name) == row.is);
    }
    const auto apps = [](const char* kind) { return object("apps/v1", kind, "job"); };
    CHECK(kube::would_name(apps("StatefulSet"), "Pod", "job-0"));
    CHECK_FALSE(kube::would_name(apps("StatefulSet"), "Pod", "job-2-0"));
    CHECK(kube::would_name(apps("Deployment"), "ReplicaSet", "job-5d4f8"));
    CHECK_FALSE(kube::would_name(apps("Deployment"), "ReplicaSet", "job-2-5d4f8"));
    CHECK(kube::would_name(apps("ReplicaSet"), "Pod", "job-x7k2p"));
    CHECK_FALSE(kube::would_name(apps("DaemonSet"), "Pod", "job-2-x7k2p"));
}

TEST_CASE("causes: an object that was read and is another's is not the workload's, whatever its name") {
    const Json web = object("apps/v1", "Deployment", "web"), set = object("apps/v1", "ReplicaSet", "web-5d4f8");
    Snapshot snapshot;
    snapshot.root = web;
    snapshot.events = {event(set, "FailedCreate", "refused")};
    CHECK(History(snapshot).of_gone_owners().size() == 1);
    snapshot.strangers = {"ReplicaSetweb-5d4f8"};
    CHECK(History(snapshot).of_gone_owners().empty());
}

TEST_CASE("causes: a JobSet lacks Jobs that were refused, until they are there") {
    const Json set =
        with(object("jobset.x-k8s.io/v1alpha2", "JobSet", "job"), "{spec: {replicatedJobs: [{name: w, replicas: 2}]}}");
    const auto child = [&](const std::string& name, int seconds) {
        Json out = object("batch/v1", "Job", name, &set);
        out["metadata"]["creationTimestamp"] = ago(seconds);
        return out;
    };
    const Json refused = event(set, "JobCreationFailed",
                               "jobs.batch \"job-w-1\" is forbidden: exceeded quota: jobs, requested: "
                               "count/jobs.batch=1, used: count/jobs.batch=1, limited: count/jobs.batch=1");
    Json runs = with(pod("{status: {conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: trainer, "
                         "state: {running: {}}}]}}",
                         "job-w-0-0-abcde"),
                     "{metadata: {creationTimestamp: '" + ago(20) +
                         "', ownerReferences: [{kind: Job, name: job-w-0, "
                         "uid: Jobjob-w-0, controller: true}]}}");
    CHECK(verdict({set, child("job-w-0", 30), runs, refused, node()}) == "quota-exceeded JobSet/job");
    CHECK(verdict({set, child("job-w-0", 30), child("job-w-1", 30), runs, refused, node()}).empty());
    CHECK(verdict({set, child("job-w-0", 20), runs, refused, node()}).empty());  // one came after it; others may yet
}

TEST_CASE("causes: an object that is refused often is one object") {
    const Json deployment = with(object("apps/v1", "Deployment", "job"),
                                 "{spec: {replicas: 2}, status: {replicas: 0, "
                                 "observedGeneration: 1}}");
    const Json set = with(object("apps/v1", "ReplicaSet", "job-5d4f8", &deployment), "{spec: {replicas: 2}}");
    Objects objects{deployment};
    for (int i = 0; i < 10; ++i)
        objects.push_back(event(set, "FailedCreate",
                                fmt::format("pods \"job-5d4f8-{}\" is forbidden: exceeded quota: q, requested: pods=1, "
                                            "used: pods=0, limited: pods=0",
                                            i)));
    CHECK(findings_of(objects)[0].count == 1);  // read or not
    objects.push_back(set);
    const auto findings = findings_of(objects);
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].cause == "quota-exceeded");
    CHECK(findings[0].object.text() == "ReplicaSet/job-5d4f8");
    CHECK(findings[0].count == 1);
}

TEST_CASE("causes: claims of ephemeral volumes") {
    const Json waits =
        pod("{spec: {nodeName: '', volumes: [{name: tmp, ephemeral: {}}]}, status: {phase: Pending, "
            "startTime: null, conditions: [{type: PodScheduled, status: 'False', message: 'waiting for "
            "ephemeral volume controller to create the persistentvolumeclaim \"job-abcde-tmp\"'}]}}");
    const std::string forbidden = "ephemeral volume tmp: create PVC job-abcde-tmp: is forbidden: ";
    CHECK(verdict({job(), waits, node(),
                   event(waits, "FailedBinding",
                         forbidden + "exceeded quota: q, requested: persistentvolumeclaims=1, "
                                     "used: persistentvolumeclaims=0, limited: "
                                     "persistentvolumeclaims=0")}) == "quota-exceeded Pod/job-abcde");
    CHECK(verdict({job(), waits, node(), event(waits, "FailedBinding", "job-abcde-tmp: what no row knows")}) ==
          "claim-refused Pod/job-abcde");
    const Json foreign = object("v1", "PersistentVolumeClaim", "job-abcde-tmp");
    const Json own = with(object("v1", "PersistentVolumeClaim", "job-abcde-tmp", &waits), "{status: {phase: Pending}}");
    CHECK(verdict({job(), waits, node(), foreign}) == "claim-foreign PersistentVolumeClaim/job-abcde-tmp");
    CHECK(verdict({job(), waits, node(), own}) == "volume-not-bound PersistentVolumeClaim/job-abcde-tmp");
}

TEST_CASE("causes: a pod's helpers may end before it") {
    const auto two = [](const std::string& first, const std::string& limits, const std::string& ended) {
        const std::string done = "state: {terminated: {exitCode: 0, finishedAt: '" + ago(300) + "'}}";
        const std::string on = "state: {running: {}}";
        return Objects{job(), node(),
                       pod("{spec: {containers: [{name: " + first + "}, {name: other" + limits +
                           "}]}, status: {"
                           "conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: " +
                           first + ", " + (ended == first ? done : on) + "}, {name: other, " +
                           (ended == first ? on : done) + "}]}}")};
    };
    CHECK(verdict(two("trainer", "", "trainer")) == "sidecar-keeps-running Pod/job-abcde");
    CHECK(verdict(two("trainer", "", "other")).empty());
    CHECK(verdict(two("fetch", ", resources: {limits: {nvidia.com/gpu: 1}}", "fetch")).empty());
}

TEST_CASE("causes: a pod may take its time to end, and to begin") {
    const auto deleted = [](int seconds, const std::string& finalizers) {
        return "metadata: {deletionTimestamp: '" + ago(seconds) + "', finalizers: [" + finalizers + "]}";
    };
    const std::string foreground = "{" + deleted(1200, "foregroundDeletion") + "}";
    CHECK(verdict({job(foreground), pod("{" + deleted(-2400, "") + "}")}).empty());
    CHECK(verdict({job("{" + deleted(1200, "example.org/x") + "}"), pod("{" + deleted(-2400, "") + "}")}).empty());
    CHECK(verdict({job(foreground), pod("{" + deleted(900, "") + "}")}) == "stuck-terminating Pod/job-abcde");
    CHECK(verdict({job(foreground)}) == "stuck-terminating Job/job");
    const auto prepares = [](int seconds) {
        return Objects{job(), node(),
                       pod("{spec: {initContainers: [{name: fetch}]}, metadata: {creationTimestamp: '" + ago(seconds) +
                           "'}, status: {phase: Pending, startTime: '" + ago(seconds) +
                           "', initContainerStatuses: [{"
                           "name: fetch, state: {running: {}}}]}}")};
    };
    CHECK(verdict(prepares(1200)).empty());
    CHECK(verdict(prepares(4000)) == "slow-start Pod/job-abcde");
    CHECK(verdict({job(), node(), pod("{status: {phase: Pending}}")}) == "slow-start Pod/job-abcde");
}

TEST_CASE("causes: what a pod asks for as a whole counts") {
    const std::string message = "0/1 nodes are available: 1 Insufficient cpu.";
    const auto waits = [&](const std::string& resources) {
        return Objects{job(), node(),
                       pod("{spec: {nodeName: '', resources: " + resources +
                           "}, status: {phase: Pending, startTime: "
                           "null, conditions: [{type: PodScheduled, status: 'False', message: '" +
                           message + "'}]}}")};
    };
    const auto never = findings_of(waits("{requests: {cpu: '5000'}}"));
    CHECK(never[0].severity == Severity::error);
    CHECK(never[0].summary == "Insufficient cpu: the pod asks for 5k, the largest node has 8");
    CHECK(findings_of(waits("{limits: {cpu: '5000'}}"))[0].severity == Severity::error);
    CHECK(findings_of(waits("{requests: {cpu: '4'}}"))[0].severity == Severity::warning);
}

TEST_CASE("causes: nodes that are lost or not well") {
    const Json runs =
        pod("{status: {conditions: [{type: Ready, status: 'False'}], containerStatuses: [{name: trainer, "
            "state: {running: {}}}]}}");
    for (const auto& [type, status, cause] : {std::tuple{"Ready", "Unknown", "node-not-ready"},
                                              {"MemoryPressure", "True", "node-memory-pressure"},
                                              {"PIDPressure", "True", "node-pid-pressure"},
                                              {"NetworkUnavailable", "True", "node-network-unavailable"},
                                              {"DiskPressure", "True", "node-disk-pressure"}}) {
        const Json sick =
            node(fmt::format("{{status: {{conditions: [{{type: {}, status: '{}', lastTransitionTime: '{}'}}]}}}}", type,
                             status, ago(600)));
        CHECK(verdict({job(), runs, sick}) == std::string(cause) + " Node/n1");
    }
    const Json untaken = pod("{spec: {nodeName: gone}, status: {phase: Pending, startTime: null}}");
    CHECK(verdict({job(), untaken, node()}) == "node-missing Pod/job-abcde");
    CHECK(verdict({job(), with(untaken, "{spec: {nodeName: n1}}"), node()}) == "kubelet-silent Pod/job-abcde");
    const Json waits =
        pod("{spec: {nodeName: ''}, status: {phase: Pending, startTime: null, conditions: [{type: "
            "PodScheduled, status: 'False', message: 'no nodes available to schedule pods'}]}}");
    CHECK(verdict({job(), waits}) == "no-nodes Pod/job-abcde");
    CHECK(verdict({job(), waits, node(), event(waits, "TriggeredScaleUp", "pod triggered scale-up", 60, "Normal")}) ==
          "waiting-for-node Pod/job-abcde");
}

TEST_CASE("causes: a CronJob between its times is well, and one that is suspended is told of") {
    CHECK(verdict({object("batch/v1", "CronJob", "job")}).empty());
    CHECK(verdict({with(object("batch/v1", "CronJob", "job"), "{spec: {suspend: true}}")}) == "suspended CronJob/job");
}

}  // namespace ktrain::advice
