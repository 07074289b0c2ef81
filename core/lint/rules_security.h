// Rules of security: images, secrets, privileges (KX).
#pragma once

#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {

inline constexpr std::array security_rules{
    Rule{"KX601", "image-tag", Severity::warning, "pod templates, TrainJob", "images with the tag latest or none",
         "a retry or the next run may train with other code, and no result can be reproduced",
         "name a version, or a digest: image@sha256:DIGEST", "Kubernetes documentation, Images", check_image_tags},
    Rule{"KX602", "env-secret", Severity::error, "pod templates, TrainJob, ConfigMap",
         "values of variables and arguments, also inside of scripts, that are called TOKEN, KEY, PASSWORD or SECRET "
         "(warning), passwords in addresses (warning), and what looks like the token of a well-known maker, in "
         "environment, "
         "arguments, scripts and ConfigMaps",
         "manifests are kept in repositories, shown by kubectl and copied into logs",
         "keep it in a Secret, refer to it with valueFrom.secretKeyRef, and revoke one that was written out",
         "Kubernetes documentation, Good practices for Secrets", check_secret_values},
    Rule{"KX603", "run-as-non-root", Severity::error, "pod templates",
         "containers that run as root, or may; an error where the namespace of the files enforces restricted, or where "
         "runAsNonRoot contradicts runAsUser: 0",
         "whoever breaks out of such a container is root on the node, and files on shared volumes belong to root",
         "set runAsNonRoot: true and runAsUser under the pod's securityContext",
         "Kubernetes documentation, Pod Security Standards", check_hardening},
    Rule{
        "KX604", "privilege", Severity::error, "pod templates",
        "privileged containers, capabilities that make root of them, and containers that may gain privileges; an error "
        "where the namespace of the files enforces a level that refuses them",
        "a training job reads data and code of others: what it may do decides what a break-in costs",
        "set allowPrivilegeEscalation: false and drop ALL capabilities; devices come through limits",
        "Kubernetes documentation, Pod Security Standards", check_hardening},
    Rule{"KX605", "host-namespaces", Severity::error, "pod templates",
         "hostNetwork, hostIPC and hostPID (a hint for RDMA and DaemonSets; an error where the namespace of the files "
         "enforces a level that refuses them)",
         "such a pod sees traffic, memory or processes of others on its node, and its ports collide with theirs",
         "remove it", "Kubernetes documentation, Pod Security Standards", check_hardening},
    Rule{"KX606", "sa-token", Severity::info, "pod templates with GPUs",
         "pods that train and are given a token for the API server",
         "code of a training job that reads the token acts as its ServiceAccount",
         "set automountServiceAccountToken: false in the pod's spec or the ServiceAccount",
         "Kubernetes documentation, Configure Service Accounts for Pods", check_hardening},
    Rule{
        "KX607", "seccomp", Severity::error, "pod templates",
        "pods without a seccomp profile (an error where the namespace of the files enforces restricted) or with a "
        "writable root file system (hints)",
        "both take from an attacker what training does not need",
        "set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp",
        "Kubernetes documentation, Pod Security Standards", check_hardening},
    Rule{"KX608", "pod-security-label", Severity::info, "Namespace", "namespaces without a level of pod security",
         "the API server checks pods of such a namespace against nothing",
         "add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported",
         "Kubernetes documentation, Pod Security Admission", check_namespace_labels, true},
    Rule{"KX609", "remote-code", Severity::warning, "pod templates, TrainJob",
         "--trust_remote_code, and commands that fetch code or install packages when the job starts",
         "what runs is not what was reviewed, differs from pod to pod, and fails when the network does",
         "build it into the image", "Hugging Face documentation of trust_remote_code; SLSA", check_remote_code},
    Rule{"KX610", "proxy", Severity::warning, "pod templates, TrainJob",
         "HTTP_PROXY and the like without a NO_PROXY that covers Services and pods",
         "rendezvous, metrics and the API server are asked through a proxy outside the cluster, and time out",
         "set NO_PROXY to localhost, .svc, .cluster.local and the networks of the cluster",
         "documentation of libcurl, NO_PROXY", check_pod_network, true},
    Rule{"KX611", "dns", Severity::info, "pod templates",
         "name servers of a pod that are only added to those of the cluster",
         "with the policy ClusterFirst they are asked when the first does not answer: nothing is gained, and names of "
         "the "
         "cluster may be sent outside",
         "remove them, or set dnsPolicy: None", "Kubernetes documentation, DNS for Services and Pods",
         check_pod_network},
    Rule{"KX612", "secret-in-git", Severity::info, "Secret", "Secrets with values in them",
         "a file that is kept in a repository is read by more people than the Secret",
         "make it in the cluster with kubectl create secret, or with an operator that fetches or decrypts it",
         "Kubernetes documentation, Good practices for Secrets", check_secret_in_files},
    Rule{"KX613", "image-name", Severity::error, "pod templates, TrainJob",
         "names of images that cannot be read: capitals, blanks, a protocol, a tag or digest of another form",
         "the API server takes any text, and the pod waits for ever with InvalidImageName", "correct the name",
         "github.com/distribution/reference v0.6", check_image_tags},
};

}  // namespace ktrain::lint
