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

TEST_CASE("causes: what mount and attach programs say behind their arguments") {
    const std::string mount = "MountVolume.SetUp failed for volume \"v\" : ";
    const std::string internal = mount + "rpc error: code = Internal desc = ";
    const std::string arguments =
        "mount failed: exit status 1\nMounting command: mount\nMounting arguments: -t x -o tls fs:/ "
        "/var/lib/kubelet/pods/9856a68f-2db1-433c-9b59-b23d84f14251/volumes/kubernetes.io~csi/v/mount\nOutput: ";
    const std::vector<Sign> signs{
        {"nfs-unreachable", "FailedMount",
         internal + "Could not mount \"fs:/\" at \"/m\": " + arguments +
             "Failed to resolve \"fs-0a.efs.us-east-1.amazonaws.com\" - check that your file system ID is correct",
         "Failed to resolve \"fs-0a.efs.us-east-1.amazonaws.com\""},
        {"nfs-export-missing", "FailedMount",
         mount + arguments +
             "mount.nfs: mounting 10.0.0.9:/export/x failed, reason given by server: No such file or "
             "directory",
         "no export 10.0.0.9:/export/x"},
        {"nfs-unreachable", "FailedMount", mount + arguments + "mount.nfs: access denied by server while mounting s:/x",
         "access denied by server"},
        {"volume-mount-failed", "FailedMount", internal + arguments + "mount: /m: special device /dev/x does not exist",
         "cannot be mounted: mount: /m: special device /dev/x does not exist"},
        {"volume-mount-failed", "FailedMount",
         internal + "Could not mount juicefs: exit status 1, output: 2026/11/30 10:00:01 <INFO>: Meta address: "
                    "redis://redis.storage:6379/1 [interface.go:504]\n2026/11/30 10:00:01 <FATAL>: Meta is not "
                    "available: dial tcp 10.96.4.4:6379: connect: connection refused",
         "cannot be mounted: Meta is not available: dial tcp"},
        {"ceph-unreachable", "FailedMount",
         internal +
             "rbd: map failed with error an error (exit status 110) occurred, rbd error output: rbd: sysfs write "
             "failed rbd: map failed: (110) Connection timed out",
         "(110) Connection timed out"},
        {"gcsfuse-annotation", "FailedMount", internal + "failed to find the sidecar container in Pod spec",
         "gke-gcsfuse/volumes"},
        {"volume-zone", "FailedAttachVolume",
         "AttachVolume.Attach failed for volume \"v\" : rpc error: code = Internal desc = Could not attach volume "
         "\"vol-0a1\" to node \"i-0b2\": operation error EC2: AttachVolume, https response error StatusCode: 400, "
         "RequestID: 1, api error InvalidVolume.ZoneMismatch: The volume 'vol-0a1' is not in the same availability "
         "zone as instance 'i-0b2'",
         "InvalidVolume.ZoneMismatch: The volume 'vol-0a1' is not in the same availability zone as instance"},
        {"volume-attach-failed", "FailedAttachVolume",
         "AttachVolume.Attach failed for volume \"v\" : rpc error: code = Internal desc = Could not attach volume "
         "\"vol-0123456789abcdef0\" to node \"i-0123456789abcdef0\": could not attach volume "
         "\"vol-0123456789abcdef0\" to node \"i-0123456789abcdef0\": operation error EC2: AttachVolume, https response "
         "error StatusCode: 400, RequestID: 1: api error AttachmentLimitExceeded: too many",
         "AttachmentLimitExceeded: too many"},
    };
    check_all(signs, [](const Sign& sign) {
        const Json waits = pod("{status: {phase: Pending}}");
        return Objects{job(), waits, event(waits, sign.reason, sign.message), node()};
    });
}

TEST_CASE("causes: a claim for which the storage or the cloud has no room, in its words") {
    check_all({{"storage-quota", "",
                "rpc error: code = ResourceExhausted desc = CreateVolume failed (QUOTA_EXCEEDED): Quota "
                "'SSD_TOTAL_GB' exceeded.  Limit: 500.0 in region us-central1.",
                "quota of the cloud has no room for the claim data: Quota 'SSD_TOTAL_GB' exceeded."},
               {"storage-quota", "", "rpc error: code = Internal desc = not enough space in the pool p1",
                "has no room for the claim data: not enough space in the pool p1"}},
              [](const Sign& sign) {
                  const Json claim = with(object("v1", "PersistentVolumeClaim", "data"),
                                          "{spec: {volumeName: ''}, status: {phase: Pending}}");
                  const Json waits = pod(
                      "{spec: {nodeName: '', volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}, "
                      "status: {phase: Pending, startTime: null, conditions: [{type: PodScheduled, status: 'False', "
                      "reason: Unschedulable, message: '0/1 nodes are available: pod has unbound immediate "
                      "PersistentVolumeClaims.'}]}}");
                  return Objects{job(), waits, claim, event(claim, "ProvisioningFailed", sign.message), node()};
              });
}

}  // namespace ktrain::advice
