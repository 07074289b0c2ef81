// Rules of quotas, queues and priorities (KQ).
#pragma once

#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {

inline constexpr std::array quota_rules{
    Rule{"KQ501", "quota-ineffective", Severity::warning, "ResourceQuota", "limits of extended resources in a quota",
         "extended resources are counted by their requests alone: the line limits nothing",
         "write requests.nvidia.com/gpu", "Kubernetes documentation, Resource Quotas", check_quotas, true},
    Rule{"KQ502", "quota-needs-resources", Severity::error, "pod templates in a namespace with a ResourceQuota",
         "containers that give no amount of what a quota of their namespace counts, where no LimitRange of the files "
         "fills "
         "it in",
         "the API server refuses such pods: the object is made and its pods never are",
         "set cpu and memory under requests and limits, or add a LimitRange with defaults",
         "Kubernetes documentation, Resource Quotas", check_quotas},
    Rule{"KQ503", "quota-exceeded", Severity::error, "ResourceQuota",
         "quotas that what the files hold cannot keep: what always runs is too much, or leaves too little for a job "
         "(errors), a job alone is too much (warning), jobs must wait for each other (hint). DaemonSets count once",
         "the last pods are never made, and the job waits for ever", "raise the quota, or ask for less",
         "Kubernetes documentation, Resource Quotas", check_quotas},
    Rule{"KQ504", "limitrange", Severity::error, "pod templates and claims in a namespace with a LimitRange",
         "containers and claims outside the bounds of a LimitRange of the files",
         "the API server refuses such pods and claims", "stay within the LimitRange, or change it",
         "Kubernetes documentation, Limit Ranges", check_limit_ranges},
    Rule{"KQ505", "kueue", Severity::warning, "pod templates",
         "the label of the queue on the pods or as an annotation, suspend: false beside it, and queues of Workflows",
         "Kueue does not see the job, or fights with what is applied",
         "put kueue.x-k8s.io/queue-name under metadata.labels of the job and leave suspend out",
         "Kueue documentation, Run Jobs", check_queues},
    Rule{"KQ506", "priority", Severity::warning, "pod templates that train",
         "jobs that others may replace and that keep nothing (warning); jobs without a priority where the files define "
         "some (hint)",
         "a pod that is preempted loses all that is not on a volume", "write checkpoints, or choose another priority",
         "Kubernetes documentation, Pod Priority and Preemption", check_queues},
    Rule{"KQ507", "nodepool-limits", Severity::warning, "NodePool; pod templates with GPUs",
         "NodePools without limits, and jobs with more GPUs than the limits of all of the files' NodePools allow",
         "a mistake in a manifest starts nodes without end; or the job waits for nodes that never come",
         "set spec.limits, and raise them to what the largest job needs", "Karpenter documentation, NodePools",
         check_queues},
    Rule{"KQ508", "quota-gpu-lt-job", Severity::error, "pod templates in a namespace with a ResourceQuota",
         "jobs that ask for more devices than a quota allows (a warning where its pods can run one after another)",
         "some pods are never made, and the others wait for them while they hold their GPUs",
         "raise the quota, or use fewer GPUs", "Kubernetes documentation, Resource Quotas", check_quotas},
};

}  // namespace ktrain::lint
