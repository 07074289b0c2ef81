// What events say of volumes and networks, in the last words of whoever could not make them.
#include <doctest/doctest.h>

#include "tests/support/signs.h"

namespace ktrain::advice {

using namespace test;

TEST_CASE("causes: volumes and networks, told in the last words of the message") {
    const std::vector<Sign> signs{
        {"volume-mount-failed", "FailedMount",
         "MountVolume.MountDevice failed for volume \"pvc-3\" : rpc error: code = Internal desc = rbd image pool/x is "
         "still "
         "being used",
         "the volume pvc-3 cannot be mounted: rbd image pool/x is still being used"},
        {"volume-attach-failed", "FailedAttachVolume",
         "AttachVolume.Attach failed for volume \"pvc-4\" : timed out waiting for external-attacher of ebs.csi.aws.com",
         "the volume pvc-4 cannot be attached to the node"},
        {"runtime-slow", "FailedCreatePodSandBox",
         "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name \"job_ns_1\"",
         "did not make the sandbox"},
        {"nfs-unreachable", "FailedMount",
         "MountVolume.SetUp failed for volume \"fsx-pv\" : rpc error: code = Internal desc = Could not mount "
         "\"fs-01.fsx.us-east-1.amazonaws.com@tcp:/abcd\" at \"/var/lib/kubelet/mount\": mount failed: exit status "
         "110\n"
         "Output: mount.lustre: mount fs-01.fsx.us-east-1.amazonaws.com@tcp:/abcd at /mount failed: Connection timed "
         "out",
         "the volume fsx-pv (fs-01.fsx.us-east-1.amazonaws.com@tcp:/abcd)"},
        {"pod-sandbox", "FailedCreatePodSandBox",
         "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"4c1\": "
         "plugin type=\"calico\" failed (add): error getting ClusterInformation: connection is unauthorized",
         "the network plugin calico fails on the node"}};
    check_all(signs, [](const Sign& sign) {
        const Json waits = pod("{status: {phase: Pending}}");
        return Objects{job(), waits, event(waits, sign.reason, sign.message), node()};
    });
}

}  // namespace ktrain::advice
