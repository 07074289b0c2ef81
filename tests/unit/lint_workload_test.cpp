// What objects of every kind run: groups of pods, how many, with which GPUs.
#include <doctest/doctest.h>

#include "core/lint/workload.h"

using namespace ktrain;
using namespace ktrain::lint;

namespace {

std::string summary(const Workload& work) {
    std::string text = work.batch() ? "batch" : "service";
    if (work.trains) text += " trains";
    for (const PodGroup& group : work.groups) {
        text += "; " + group.name + (group.name.empty() ? "" : " ") + std::to_string(group.replicas) + " x " +
                std::to_string(group.gpus());
        for (const Container& container : group.containers)
            text += " " + std::string(container.name()) + ":" + std::string(name_of(container.launch.launcher));
    }
    return text;
}

std::string summary_of(const std::string& text) {
    const Bundle bundle = read_bundle({{"a.yaml", text}});
    REQUIRE(bundle.objects.size() == 1);
    return summary(workload_of(bundle.objects[0], bundle));
}

std::string header(const std::string& api, const std::string& kind) {
    return "apiVersion: " + api + "\nkind: " + kind + "\nmetadata: {name: a}\nspec:\n";
}

const std::string spec =
    "{containers: [{name: c, image: \"a:1\", command: [torchrun, t.py], resources: {limits: {nvidia.com/gpu: 2}}}]}";
const std::string model = "{spec: " + spec + "}";

}  // namespace

TEST_CASE("every kind of workload comes down to groups of pods") {
    const std::string ends = " 2 c:torchrun";
    CHECK(summary_of("apiVersion: v1\nkind: Pod\nspec: " + spec) == "service trains; 1 x" + ends);
    CHECK(summary_of(header("apps/v1", "Deployment") + "  replicas: 3\n  template: " + model) ==
          "service trains; 3 x" + ends);
    CHECK(summary_of(header("apps/v1", "DaemonSet") + "  template: " + model) == "service trains; 1 x" + ends);
    CHECK(summary_of(header("batch/v1", "Job") + "  template: " + model) == "batch trains; 1 x" + ends);
    CHECK(summary_of(header("batch/v1", "Job") + "  parallelism: 4\n  completions: 2\n  template: " + model) ==
          "batch trains; 2 x" + ends);
    CHECK(summary_of(header("batch/v1", "CronJob") + "  jobTemplate: {spec: {parallelism: 2, template: " + model +
                     "}}") == "batch trains; 2 x" + ends);
    CHECK(summary_of(header("kubeflow.org/v1", "PyTorchJob") + "  pytorchReplicaSpecs:\n    Master: {template: " +
                     model + "}\n    Worker: {replicas: 3, template: " + model + "}") ==
          "batch trains; Master 1 x" + ends + "; Worker 3 x" + ends);
    CHECK(summary_of(header("kubeflow.org/v2beta1", "MPIJob") +
                     "  mpiReplicaSpecs:\n    Worker: {replicas: 2, "
                     "template: " +
                     model + "}") == "batch trains; Worker 2 x" + ends);
    CHECK(summary_of(header("jobset.x-k8s.io/v1alpha2", "JobSet") +
                     "  replicatedJobs:\n  - {name: w, replicas: 2, template: {spec: {parallelism: 3, completions: 3, "
                     "template: " +
                     model + "}}}") == "batch trains; w 6 x" + ends);
    CHECK(summary_of(header("batch.volcano.sh/v1alpha1", "Job") +
                     "  tasks:\n  - {name: w, replicas: 2, template: " + model + "}") == "batch trains; w 2 x" + ends);
    CHECK(summary_of(header("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet") +
                     "  leaderWorkerTemplate: {size: 4, workerTemplate: " + model + "}") ==
          "service trains; 4 x" + ends);
    CHECK(summary_of(header("ray.io/v1", "RayJob") + "  rayClusterSpec:\n    headGroupSpec: {template: " + model +
                     "}\n    workerGroupSpecs: [{groupName: w, replicas: 2, template: " + model + "}]")
              .ends_with("; w 2 x" + ends));
    CHECK(summary_of(header("trainer.kubeflow.org/v1alpha1", "TrainJob") +
                     "  runtimeRef: {name: torch}\n  trainer: {numNodes: 2, command: [torchrun, t.py], "
                     "resourcesPerNode: {limits: {nvidia.com/gpu: 2}}}") == "batch trains; 2 x 2 :torchrun");
    CHECK(summary_of(header("argoproj.io/v1alpha1", "Workflow") +
                     "  entrypoint: a\n  templates:\n  - name: a\n    container: {image: \"a:1\", command: [python, "
                     "train.py], resources: {limits: {nvidia.com/gpu: 8}}}\n  - name: b\n    dag: {tasks: []}") ==
          "batch trains; a 1 x 8 :python");
    CHECK(summary_of(header("v1", "Service") + "  ports: [{port: 80}]") == "service");
}

TEST_CASE("GPUs are counted by limits, and requests where there is none") {
    const auto counted = [](const std::string& resources) {
        const Bundle bundle = read_bundle(
            {{"a", "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, resources: " + resources + "}]}"}});
        const Workload& work = workload_of(bundle.objects[0], bundle);
        const Container& container = work.groups.at(0).containers.at(0);
        return std::string(container.device) + " " + std::to_string(container.gpus) +
               (container.claims ? " claims" : "");
    };
    CHECK(counted("{limits: {nvidia.com/gpu: 2}, requests: {nvidia.com/gpu: 4}}") == "nvidia.com/gpu 2");
    CHECK(counted("{requests: {nvidia.com/gpu: \"4\"}}") == "nvidia.com/gpu 4");
    CHECK(counted("{limits: {nvidia.com/mig-1g.10gb: 1}}") == "nvidia.com/mig-1g.10gb 1");
    CHECK(counted("{limits: {cpu: 2, rdma/hca: 1}}") == " 0");
    CHECK(counted("{claims: [{name: gpus}]}") == " 0 claims");
    CHECK(counted("{limits: {nvidia.com/gpu: 9000000000000000000}}") == "nvidia.com/gpu 1000000");
    CHECK(counted("{limits: {nvidia.com/gpu: -1}}") == " 0");
    CHECK(counted("{limits: [a], claims: x}") == " 0");
}

TEST_CASE("what trains is told from what serves") {
    const auto pod = [](const std::string& command) {
        return summary_of("apiVersion: v1\nkind: Pod\nspec: {restartPolicy: Never, containers: [{name: c, command: " +
                          command + "}]}");
    };
    CHECK(pod("[python, train.py]") == "batch trains; 1 x 0 c:python");
    CHECK(pod("[python, evaluate.py]") == "batch; 1 x 0 c:python");
    CHECK(pod("[python, -m, lm_eval]") == "batch; 1 x 0 c:python");
    CHECK(summary_of(header("kubeflow.org/v2beta1", "MPIJob") +
                     "  mpiReplicaSpecs:\n    Launcher: {template: {spec: {containers: [{name: c, command: [mpirun, "
                     "/opt/pi]}]}}}") == "batch; Launcher 1 x 0 c:mpirun");
    CHECK(pod("[nginx]") == "batch; 1 x 0 c:");
    CHECK(
        summary_of("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, command: [python, training_api.py]}]}") ==
        "service; 1 x 0 c:python");
}
