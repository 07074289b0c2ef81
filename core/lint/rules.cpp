// The table of rules, and the words in which they report.
#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

constexpr std::array table{
    Rule{"KG101", "gpu-limit", Severity::error, "pod templates",
         "extended resources (nvidia.com/gpu and the like) without a limit, with a request other than the limit, or in "
         "fractions",
         "devices cannot be overcommitted: the API server refuses the pod",
         "write the resource under limits alone, as a whole number; the request follows",
         "kubernetes pkg/apis/core/validation, ValidateContainerResourceRequirements", check_extended_resources},
    Rule{"KG111", "cpu-mem-missing", Severity::warning, "pod templates",
         "containers with a GPU that set no CPU or memory",
         "the pod shares CPU with its neighbours and is the first to be killed when memory runs short, while its GPU "
         "waits",
         "set cpu and memory under limits; requests follow the limits where they are not set",
         "Kubernetes documentation, Resource Management for Pods and Containers", check_gpu_cpu_memory},
    Rule{"KT001", "yaml-syntax", Severity::error, "files",
         "text that is no YAML or JSON: syntax, encoding, tabs, NUL bytes, too deep or too large, alias cycles and "
         "bombs",
         "the API server reads no object from a file that is not valid YAML", "correct the text at the place shown",
         "YAML 1.1 as go-yaml reads it", nullptr},
    Rule{"KT002", "duplicate-key", Severity::error, "files",
         "a key that a map has twice (merge keys may be overridden)",
         "the last one would win silently and the first be lost", "keep one of the two",
         "kubectl --validate=strict; YAML 1.1, 3.2.1.1", nullptr},
    Rule{"KT003", "unknown-field", Severity::error, "kinds with a schema, metadata of all kinds",
         "fields that the kind does not have",
         "a misspelt field is refused, or ignored together with what it should do",
         "use the name that is offered, or move the field to where it belongs", "the kind's OpenAPI schema",
         check_structure},
    Rule{"KT004", "wrong-type", Severity::error, "kinds with a schema, metadata of all kinds",
         "values of the wrong type or out of range, after YAML has read yes, on, 0777 and 1e3 its own way",
         "the API server refuses the object", "quote what must be text; do not quote numbers and booleans",
         "the kind's OpenAPI schema; kubernetes pkg/apis/*/validation", check_structure},
    Rule{"KT005", "quantity", Severity::error, "kinds with a schema",
         "amounts that are no quantities (100MB, 1Gib), negative ones, and surprising ones (m for memory)",
         "the API server refuses the object, or reads another amount than was meant",
         "write a number and one of m, k, M, G, T, P, E or Ki, Mi, Gi, Ti, Pi, Ei",
         "apimachinery pkg/api/resource/quantity.go", check_structure},
    Rule{"KT006", "enum", Severity::error, "kinds with a schema",
         "words outside a closed set (restartPolicy, accessModes, ...), texts and lists of another form or size than "
         "the schema wants, and kinds that their group does not have",
         "the API server refuses the object", "use one of the words listed", "kubernetes pkg/apis/*/validation",
         check_structure},
    Rule{"KT007", "metadata", Severity::error, "all kinds",
         "names, labels, annotations and keys with characters or lengths that are not allowed",
         "the API server refuses the object", "use the characters and the length that the message names",
         "apimachinery pkg/util/validation; RFC 1123, RFC 1035", check_metadata},
    Rule{"KT008", "required", Severity::error, "kinds with a schema; metadata.name everywhere",
         "required fields that are missing, empty or null", "the API server refuses the object", "add the field",
         "the kind's OpenAPI schema; kubernetes pkg/apis/*/validation", check_structure},
    Rule{"KT009", "api-version", Severity::error, "all kinds",
         "an apiVersion that the targeted versions of Kubernetes do not have, or no more, or not yet; deprecated ones "
         "(warning)",
         "the API server does not know the kind and refuses the object", "write the apiVersion that replaces it",
         "k8s.io/api, APILifecycleRemoved; the kind's CRD", check_structure},
    Rule{"KT010", "field-version", Severity::error, "kinds with a schema",
         "fields and values that a targeted version of Kubernetes does not have; without --kubernetes-version, those "
         "that the newest one has no more",
         "the API server refuses the field, or drops it together with what it should do",
         "leave it out, or name the versions that your clusters have", "the kind's OpenAPI schema of each version",
         check_structure},
    Rule{"KT011", "object-size", Severity::error, "ConfigMap, Secret", "data of more than 1 MiB",
         "the API server refuses the object, and etcd would not keep it",
         "put the data into an image or a volume, or cut it into several objects",
         "kubernetes pkg/apis/core/validation, ValidateConfigMap, ValidateSecret", check_structure},
    Rule{"KT012", "secret-base64", Severity::error, "Secret, ConfigMap",
         "data (binaryData of a ConfigMap) that is not base64", "the API server refuses the object",
         "put plain text under stringData, or encode it with base64 -w0", "kubernetes api core/v1 Secret",
         check_structure},
    Rule{"KT013", "selector-mismatch", Severity::error, "workloads, Jobs, label selectors of pods",
         "selectors that do not select the pods of their template, that are empty, or that cannot be: values without "
         "an operator that takes them, or the other way round",
         "the API server refuses an object that would never find its own pods",
         "give the template the labels that the selector wants",
         "kubernetes pkg/apis/apps/validation; apimachinery pkg/apis/meta/v1/validation", check_workloads},
    Rule{"KT014", "job-restart-policy", Severity::error, "Job, CronJob",
         "pod templates whose restartPolicy is Always or missing",
         "a Job ends, so a pod that always restarts is refused", "add restartPolicy: Never or OnFailure",
         "kubernetes pkg/apis/batch/validation, validateJobSpec", check_jobs},
    Rule{"KT015", "pod-failure-policy", Severity::error, "Job, CronJob",
         "rules of failure and success that contradict the rest of the Job: podFailurePolicy with restartPolicy "
         "OnFailure, FailIndex without backoffLimitPerIndex, limits for each index without completionMode Indexed, "
         "codes out of order, containers that there are not",
         "the API server refuses the Job", "follow the message: each names the field that is missing or in the way",
         "kubernetes pkg/apis/batch/validation, validatePodFailurePolicy", check_jobs},
    Rule{"KT016", "request-gt-limit", Severity::error, "pod templates",
         "requests above the limit, huge pages in parts or without a limit, sums of containers above those of the pod, "
         "claims of devices that the pod does not have",
         "the API server refuses the pod", "raise the limit, or ask for less",
         "kubernetes pkg/apis/core/validation, ValidateContainerResourceRequirements", check_pod_templates},
    Rule{"KT017", "volume-ref", Severity::error, "pod templates",
         "mounts of volumes that are not defined, paths mounted twice, volumes with two sources, mounts that ask for "
         "what they cannot have; unused volumes (warning)",
         "the API server refuses the pod; what a container writes to an unmounted path is lost with it",
         "define each volume once and mount it", "kubernetes pkg/apis/core/validation, ValidateVolumeMounts",
         check_pod_templates},
    Rule{"KT018", "duplicate-names", Severity::error, "all kinds",
         "objects that the files have twice: the same group, kind, namespace and name; items of a list that share what "
         "tells them apart, such as two containers of one name",
         "applied one after the other, the last object silently replaces the first; lists with such items are refused",
         "remove one of the two, or give it another name",
         "Kubernetes documentation, Object Names and IDs; kubernetes pkg/apis/*/validation", check_structure},
    Rule{"KT019", "crd-quantity", Severity::error, "custom resources",
         "quantities written as a number with a fraction, without quotes",
         "schemas of custom resources take a whole number or a text: the API server refuses cpu: 0.5 there",
         "put the quantity in quotes", "apiextensions-apiserver, x-kubernetes-int-or-string", check_structure},
    Rule{"KT020", "training-operator-job", Severity::error, "PyTorchJob, TFJob, XGBoostJob, PaddleJob, JAXJob",
         "replicas of types that the kind does not have, no container of the name that trains (pytorch, ...) or one "
         "without an image, Master.replicas other than 1, elasticPolicy without Workers",
         "the webhook of the operator refuses the job, or its controller never starts the pods",
         "name the replicas and the container as the operator knows them",
         "kubeflow training-operator 1.9, pkg/webhooks", check_structure},
    Rule{"KT021", "generated-name-length", Severity::error, "JobSet",
         "names of Jobs and pods, made of the names of the JobSet and its jobs, with more than 63 characters",
         "the webhook refuses the JobSet: no such Job could be created", "shorten one of the names",
         "jobset 0.12, pkg/webhooks", check_structure},
    Rule{"KT024", "scheduling", Severity::error, "pod templates",
         "tolerations, affinity and spread constraints that cannot be: Exists with a value, seconds without NoExecute, "
         "operators without their values, labels that no node can have",
         "the API server refuses the pod", "follow the message: each names the field that is missing or in the way",
         "kubernetes pkg/apis/core/validation, ValidateTolerations, validateAffinity", check_pod_templates},
    Rule{"KT025", "volume-and-claim", Severity::error, "PersistentVolume, PersistentVolumeClaim",
         "sizes of 0, ReadWriteOncePod beside other access modes, capacities of other things than storage, two sources "
         "of data that differ",
         "the API server refuses the volume or the claim", "write one size and the access modes that go together",
         "kubernetes pkg/apis/core/validation, ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaimSpec",
         check_structure},
    Rule{"KT026", "cronjob", Severity::error, "CronJob",
         "schedules and time zones that there are not, and names with more than 52 characters",
         "the API server refuses the CronJob", "write five fields: minute, hour, day, month, day of the week",
         "kubernetes pkg/apis/batch/validation, validateCronJobSpec", check_cron},
    Rule{"KT028", "placeholder", Severity::error, "pod templates, PersistentVolumeClaim, Secret",
         "placeholders in images, secrets, claims and classes: <...>, CHANGEME, your-..., example.com",
         "the object is accepted and its pods never start", "fill in the real value", "RFC 2606 for example.com",
         check_placeholders},
    Rule{"KT029", "training-spec", Severity::error, "TrainingJob",
         "what the commands that read a spec would say of it: unknown fields, wrong values, broken rules",
         "ktrain refuses the spec with exit code 2",
         "correct the field; what it takes says ktrain init --explain FIELD", "docs/spec.md", check_spec},
    Rule{"KT030", "contradiction", Severity::error, "kinds with a schema",
         "fields that exclude each other or do not fit what stands beside them: a node port of a Service of type "
         "ClusterIP, a limit under its minimum, a metric of two sources, a name that its spec does not give",
         "the API server refuses the object", "remove one of the two, or make them agree",
         "kubernetes pkg/apis/*/validation", check_structure},
    Rule{"KT040", "handlers", Severity::error, "pod templates",
         "probes and hooks with no handler or two, in containers that cannot have them, or with times that cannot be",
         "the API server refuses the pod", "give each probe and hook one handler",
         "kubernetes pkg/apis/core/validation, validateHandler, validateLifecycle", check_pod_templates},
    Rule{"KT041", "env-sources", Severity::error, "pod templates",
         "variables with no source or two, and fields and amounts that a pod cannot read of itself",
         "the API server refuses the pod", "give each variable a value or one source",
         "kubernetes pkg/apis/core/validation, ValidateEnv", check_pod_templates},
    Rule{"KT042", "security-context", Severity::error, "pod templates",
         "security settings that contradict each other, profiles without a file, and settings of the other operating "
         "system",
         "the API server refuses the pod", "follow the message: each names the field that is missing or in the way",
         "kubernetes pkg/apis/core/validation, ValidateSecurityContext, validateWindows", check_pod_templates},
    Rule{"KT043", "pod-fields", Severity::error, "pod templates",
         "fields of a pod that need each other, or do not go together: name servers, ports of the node, host names, "
         "claims of devices, restart rules, priorities",
         "the API server refuses the pod", "follow the message: each names the field that is missing or in the way",
         "kubernetes pkg/apis/core/validation, ValidatePodSpec", check_pod_templates},
    Rule{"KT044", "volume-source", Severity::error, "pod templates",
         "sources of volumes that cannot be: paths that leave the volume, two files of one path, sources of a "
         "projected volume with nothing or too much in them",
         "the API server refuses the pod", "write paths relative to the volume, without '..'",
         "kubernetes pkg/apis/core/validation, validateVolumeSource", check_pod_templates},
    Rule{"KT045", "lasting-pods", Severity::error,
         "Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet",
         "pods that would end: restartPolicy other than Always, activeDeadlineSeconds",
         "pods of these kinds run for ever, and the API server refuses others", "remove the field, or make it a Job",
         "kubernetes pkg/apis/apps/validation", check_workloads},
    Rule{"KT046", "rollout", Severity::error, "Deployment, StatefulSet, DaemonSet",
         "ways to replace pods that cannot work: budgets of 0, above 100%, or of another strategy",
         "the API server refuses the object", "follow the message: each names the field that is missing or in the way",
         "kubernetes pkg/apis/apps/validation, ValidateDeploymentStrategy", check_workloads},
    Rule{"KT047", "job-indexes", Severity::error, "Job, CronJob", "numbers of pods and indexes that do not go together",
         "the API server refuses the Job", "follow the message: each names the field that is missing or in the way",
         "kubernetes pkg/apis/batch/validation, validateJobSpec", check_jobs},
    Rule{"KX601", "image-tag", Severity::warning, "pod templates", "images with the tag latest or none",
         "a retry or the next run may train with other code, and no result can be reproduced",
         "name a version, or a digest: image@sha256:DIGEST", "Kubernetes documentation, Images", check_image_tags},
};

static_assert(std::is_sorted(table.begin(), table.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; }));

}  // namespace

std::span<const Rule> rules() {
    return table;
}

const Rule* find_rule(std::string_view id_or_name) {
    for (const Rule& rule : table) {
        if (rule.id == id_or_name || rule.name == id_or_name) return &rule;
    }
    return nullptr;
}

void Findings::add(std::string_view rule_id, Place where, std::string message, std::string fix,
                   std::optional<Severity> severity) {
    const Rule* rule = find_rule(rule_id);
    if (rule == nullptr) throw Error(ErrorKind::bug, "no rule " + std::string(rule_id));
    where.file = object_.file;
    if (fix.empty()) fix = rule->fix;
    into_.push_back({std::string(rule_id), severity.value_or(rule->severity), std::move(where), std::move(message),
                     std::move(fix), std::string(rule->why)});
}

std::string shown(std::string_view text) {
    constexpr std::size_t limit = 80;
    return "'" + printable(text.substr(0, limit)) + (text.size() > limit ? "…'" : "'");
}

}  // namespace ktrain::lint
