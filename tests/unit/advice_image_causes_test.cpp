// What container runtimes say of images and commands, and queues of namespaces: the cause and its decisive word.
#include <doctest/doctest.h>

#include "tests/support/signs.h"

namespace ktrain::advice {

using namespace test;

TEST_CASE("causes: images that are not pulled, for a reason that is not the registry's") {
    check_all(
        {{"kubelet-pull-limit", "ErrImagePull", "Failed to pull image \"x:1\": pull QPS exceeded", "registryPullQPS"},
         {"registry-rate-limit", "ErrImagePull", "429 Too Many Requests", "rate limit"},
         {"registry-mirror", "ErrImagePull",
          "failed to resolve reference \"r.io/x:1\": failed to do request: Head "
          "\"http://localhost:30020/v2/x/manifests/1?ns=r.io\": dial tcp [::1]:30020: connect: connection refused",
          "the mirror localhost:30020, which does not answer: dial tcp [::1]:30020: connect: connection refused"},
         {"registry-unreachable", "ErrImagePull",
          "failed to do request: Head \"https://r.io/v2/x/manifests/1\": dial tcp 10.0.0.1:443: connect: connection "
          "refused",
          "does not reach the registry"},
         {"image-not-found", "ErrImagePull",
          "failed to resolve reference: http://localhost:30020/v2/x/manifests/1?ns=r.io: 404 not found", "not exist"},
         {"image-short-name", "ImageInspectError",
          "Failed to inspect image \"\": rpc error: code = Unknown desc = short name mode is enforcing, but image name "
          "x:1 returns ambiguous list",
          "short name"},
         {"image-pull-cut-off", "ErrImagePull",
          "rpc error: code = Canceled desc = failed to pull and unpack image \"x:1\": context canceled",
          "(context canceled)"},
         {"node-disk-broken", "ErrImagePull",
          "failed to extract layer sha256:7c1a: write /usr/local/lib/libtorch_cuda.so: input/output error",
          "input/output error"},
         {"command-not-found", "RunContainerError",
          "error during container init: exec: \"python train.py --lr 1\": executable file not found in $PATH: unknown",
          "one string with blanks in it (\"python train.py --lr 1\")"},
         {"command-not-found", "CreateContainerError",
          "container create failed: executable file `python train.py` not found in $PATH: No such file or directory",
          "(\"python train.py\")"},
         {"command-not-found", "RunContainerError",
          "error during container init: exec: \"pyhton\": executable file not found in $PATH: unknown",
          "is not in the image"}},
        [](const Sign& sign) {
            Json waits = pod("{status: {phase: Pending}}");
            waits["status"]["containerStatuses"] =
                Json::array({{{"name", "trainer"},
                              {"state", {{"waiting", {{"reason", sign.reason}, {"message", sign.message}}}}}}});
            return Objects{job(), waits, node()};
        });
}

TEST_CASE("causes: a container runtime that does not run") {
    check_all({{"container-runtime-down", "FailedCreatePodSandBox",
                "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial "
                "unix /run/containerd/containerd.sock: connect: connection refused\"",
                "(/run/containerd/containerd.sock: connection refused)"},
               {"pod-sandbox", "FailedCreatePodSandBox",
                "plugin type=\"cilium-cni\" failed (add): unable to connect to Cilium daemon: dial unix "
                "/var/run/cilium/cilium.sock: connect: connection refused",
                "the network plugin cilium-cni"}},
              [](const Sign& sign) {
                  const Json waits = pod("{status: {phase: Pending}}");
                  return Objects{job(), waits, event(waits, sign.reason, sign.message), node()};
              });
}

TEST_CASE("causes: a job that a queue does not take, and a workload that a controller refuses, in their words") {
    check_all(
        {{"kueue-namespace", "Inadmissible", "Workload namespace doesn't match ClusterQueue selector",
          "namespaceSelector"},
         {"kueue-waiting", "Inadmissible", "for a reason that no row knows", "a reason that no row knows"}},
        [](const Sign& sign) {
            Json waits = with(object("kueue.x-k8s.io/v1beta1", "Workload", "job-w"), "{spec: {queueName: team}}");
            waits["status"]["conditions"] = Json::array(
                {{{"type", "QuotaReserved"}, {"status", "False"}, {"reason", sign.reason}, {"message", sign.message}}});
            return Objects{job("{spec: {suspend: true}}"), waits};
        });
    check_all({{"workload-invalid", "", "backoffLimit must be a positive integer", "backoffLimit must be"}},
              [](const Sign& sign) {
                  return Objects{with(object("ray.io/v1", "RayJob", "job"),
                                      "{status: {jobDeploymentStatus: ValidationFailed, reason: ValidationFailed, "
                                      "message: '" +
                                          sign.message + "'}}")};
              });
}

}  // namespace ktrain::advice
