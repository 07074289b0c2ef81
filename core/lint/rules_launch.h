// Rules of how training is launched on several GPUs and pods, and of the network between them (KD).
#pragma once

#include <array>

#include "core/lint/training.h"

namespace ktrain::lint {

inline constexpr std::array launch_rules{
    Rule{"KD201", "nproc-mismatch", Severity::error, "training workloads",
         "--nproc_per_node, --num_gpus or nprocPerNode other than the GPUs of the container",
         "each process needs a GPU of its own: those without one fail at the start, and GPUs without a process are "
         "paid for in vain",
         "make both the same", "PyTorch documentation, torchrun (Elastic Launch)", check_training},
    Rule{"KD202", "nnodes-mismatch", Severity::error, "training workloads",
         "--nnodes or --num_nodes other than the number of pods, or taken from WORLD_SIZE where that counts processes",
         "the rendezvous waits for nodes that never come, or turns away those that are too many",
         "make it the number of pods of all replica types",
         "kubeflow training-operator v1.9, pkg/controller.v1/pytorch/envvar.go", check_training},
    Rule{"KD203", "legacy-launcher", Severity::warning, "training workloads", "python -m torch.distributed.launch",
         "it is deprecated; without --use-env it passes --local-rank to the script, which fails where it does not know "
         "the flag",
         "use torchrun; the script reads LOCAL_RANK from the environment", "PyTorch, torch/distributed/launch.py",
         check_training},
    Rule{"KD204", "hostfile-outside-mpi", Severity::error, "training workloads",
         "deepspeed or mpirun with a hostfile that nothing writes",
         "the MPI operator alone writes /etc/mpi/hostfile; deepspeed refuses several nodes without a hostfile",
         "use an MPIJob, or torchrun with the variables that the operator sets",
         "DeepSpeed, deepspeed/launcher/runner.py; kubeflow mpi-operator", check_training},
    Rule{"KD205", "worker-no-command", Severity::warning, "PyTorchJobs and PaddleJobs",
         "a replica type without command and args beside one that has them, with the same image",
         "the operator copies nothing from the Master: the Workers start what the image starts, and the Master waits "
         "for them",
         "give all replica types the same command and args", "kubeflow training-operator v1.9", check_training, true},
    Rule{
        "KD206", "replicas-differ", Severity::warning, "PyTorchJobs and PaddleJobs",
        "replica types that differ in GPUs, image or settings of NCCL",
        "ranks are counted as if all pods were alike, and NCCL of two versions or settings hangs or fails at the start",
        "make all replica types alike", "NVIDIA NCCL User Guide, Environment Variables", check_training},
    Rule{"KD207", "shm", Severity::warning, "training workloads",
         "pods with GPUs without a volume of memory at /dev/shm",
         "a container has 64 MB there: loaders of data end with a bus error, and NCCL cannot make its buffers",
         "mount an emptyDir with medium: Memory at /dev/shm",
         "PyTorch documentation, torch.utils.data and multiprocessing best practices", check_training},
    Rule{"KD208", "shm-size", Severity::warning, "training workloads",
         "/dev/shm without sizeLimit, or with one that is not below the memory limit of the container",
         "what is written there counts as memory of the pod: a full /dev/shm gets the training killed",
         "set sizeLimit well below the memory limit", "Kubernetes documentation, Volumes, emptyDir", check_training,
         true},
    Rule{"KD209", "rdma-ipc-lock", Severity::warning, "training workloads",
         "RDMA devices in a container without the capability IPC_LOCK",
         "RDMA registers memory that must stay in place, and the limit of a container on that is 64 KB mostly",
         "add the capability IPC_LOCK", "Mellanox k8s-rdma-shared-dev-plugin, example pod", check_training, true},
    Rule{"KD210", "rdma-consistency", Severity::warning, "training workloads",
         "RDMA for some of the pods alone, switched off by NCCL_IB_DISABLE, or without its network",
         "NCCL falls back to TCP for all pods without saying so, or hangs", "give RDMA and its network to all pods",
         "NVIDIA NCCL User Guide, Environment Variables", check_training},
    Rule{"KD211", "gang", Severity::warning, "training workloads",
         "several pods with GPUs that train together, without a queue, a group or a deadline",
         "two jobs that each got half of their pods wait for each other for ever, and hold all GPUs",
         "put the job into a queue of Kueue, or schedule its pods as a group",
         "Kueue documentation, All-or-nothing scheduling", check_training, true},
    Rule{"KD212", "rendezvous-service", Severity::error, "Jobs and StatefulSets",
         "pods of one training without an address at which they meet, or without the headless Service and subdomain "
         "that give it a name",
         "pods of plain Jobs have no names in DNS: all wait until the rendezvous times out",
         "add a headless Service with publishNotReadyAddresses, and its name as subdomain",
         "Kubernetes documentation, Job with Pod-to-Pod Communication", check_training},
    Rule{"KD213", "indexed", Severity::error, "Jobs",
         "pods of one training in a Job that is not Indexed, or does not run all of them at once",
         "JOB_COMPLETION_INDEX is the rank of the node and part of the pod's name: without it no pod knows which it is",
         "write completionMode: Indexed, and parallelism and completions as the number of pods",
         "Kubernetes documentation, Indexed Job for Parallel Processing", check_training, true},
    Rule{"KD214", "elastic", Severity::warning, "PyTorchJobs",
         "an elasticPolicy with other numbers than the replicas, with a Master, or with a launcher that is not elastic",
         "the processes meet at the first Worker by the variables PET_*, and wait until minReplicas are there",
         "keep minReplicas <= Worker.replicas <= maxReplicas, Workers alone, and torchrun",
         "kubeflow training-operator v1.9, pkg/controller.v1/pytorch/elastic.go", check_training},
    Rule{"KD215", "sidecar-mesh", Severity::warning, "training workloads",
         "a service mesh that puts its proxy into training pods",
         "the proxy stays when the training ends, so that the job never does, and stands in the way of ports that "
         "ranks choose",
         "switch the injection off for the pods", "Istio documentation, Sidecar Injection", check_training},
    Rule{"KD216", "topology", Severity::info, "training workloads",
         "pods that train together and may be in different zones, or are spread on purpose",
         "gradients cross the slowest link at every step, and traffic between zones is paid for",
         "bring the pods together by affinity, or by Kueue's topology",
         "Kueue documentation, Topology Aware Scheduling", check_training},
    Rule{"KD217", "nccl-env", Severity::warning, "training workloads",
         "settings of NCCL and CUDA that are for looking into faults",
         "they make training slow, or fill the log, long after the fault is found", "remove them",
         "NVIDIA NCCL User Guide, Environment Variables", check_training, true},
};

}  // namespace ktrain::lint
