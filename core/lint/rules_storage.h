// Rules of storage, and of what objects of a bundle refer to (KS).
#pragma once

#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {

inline constexpr std::array storage_rules{
    Rule{"KS401", "rwo-multi-pod", Severity::error, "pod templates",
         "claims of the files that several pods mount, and one node (warning) or one pod may have",
         "pods on other nodes wait for the volume for ever, while the first ones hold their GPUs",
         "use a class with accessModes: [ReadWriteMany], or a claim for each pod",
         "Kubernetes documentation, Persistent Volumes, Access Modes", check_pod_volumes},
    Rule{"KS402", "ref-missing", Severity::error, "pod templates, claims, queues",
         "claims, ConfigMaps, Secrets, ServiceAccounts, classes, queues and runtimes that the files do not hold: an "
         "error with --closed, which says that they are all there is; a warning where they hold others of the kind; "
         "else a hint, for the cluster may have them",
         "pods that need something that is not there wait for ever",
         "add the object, or see that the cluster has it before the job starts",
         "Kubernetes documentation, Volumes, Secrets, ServiceAccounts", check_references},
    Rule{"KS403", "ref-namespace", Severity::error, "pod templates, claims, queues",
         "references to an object that the files hold in another namespace (warning: one of the two gives none)",
         "claims, ConfigMaps, Secrets and ServiceAccounts are seen in their own namespace alone: the pods never start",
         "put both into one namespace", "Kubernetes documentation, Namespaces", check_references},
    Rule{"KS404", "namespace-missing", Severity::error, "objects of namespaces",
         "objects that give no namespace where others do, and namespaces that are not among those that the files "
         "declare "
         "(an error with --closed)",
         "what belongs together lands in different places, or is refused",
         "write metadata.namespace in all of them and declare the Namespace", "Kubernetes documentation, Namespaces",
         check_namespaces},
    Rule{"KS405", "secret-key-missing", Severity::error, "pod templates",
         "keys that a ConfigMap or a Secret of the files does not have",
         "the container is not created until the key is there", "use a key that it has, or add the key to it",
         "Kubernetes documentation, Secrets, ConfigMaps", check_references},
    Rule{"KS406", "mount-shadows", Severity::info, "pod templates",
         "volumes on the working directory of a container, or where images keep code and programs",
         "a mount hides what the image has at its path: files that were copied into the image are not there",
         "mount the volume elsewhere", "Kubernetes documentation, Volumes", check_pod_volumes},
    Rule{"KS407", "zonal-pair", Severity::info, "pod templates",
         "two claims in one pod whose StorageClass in the files binds at once",
         "their volumes may be in two zones, and no node can have both", "set volumeBindingMode: WaitForFirstConsumer",
         "Kubernetes documentation, Storage Classes", check_pod_volumes},
    Rule{"KS408", "pvc-size", Severity::warning, "pod templates that train a known model as a whole",
         "claims of the files that are smaller than the checkpoints that the command line keeps",
         "training fails when the volume is full, hours after its start",
         "make the claim larger, or keep fewer checkpoints", "templates/models.csv; docs/estimate.md",
         check_pod_volumes},
    Rule{"KS409", "hostpath", Severity::error, "pod templates, PersistentVolume",
         "folders of the node (warning; those of DaemonSets are left alone), its whole file system where it may be "
         "written to and the socket of its container runtime (errors)",
         "what a pod finds there depends on the node, and what it may do there makes it root",
         "use a PersistentVolumeClaim, or an emptyDir",
         "Kubernetes documentation, Volumes, hostPath; Pod Security Standards", check_host_paths},
    Rule{"KS410", "script-missing", Severity::warning, "pod templates",
         "scripts with a relative path in an image that is known to hold libraries alone, where no volume may supply "
         "them",
         "the container ends at once: no such file",
         "build an image with the script, or mount it and give its whole path", "documentation of the images",
         check_scripts},
    Rule{"KS411", "config-scalar", Severity::warning, "*.yaml and *.yml in a ConfigMap",
         "scalars such as 2e-4, 1e9, 012, 1_000, 12:30 and on, which readers of YAML 1.1 and 1.2 take for different "
         "things",
         "PyYAML reads 2e-4 as a text: the learning rate becomes a string, and training fails or compares it as one",
         "write a dot and a sign (0.0002, 1.0e+9), true or false, or quotes", "yaml.org/type; YAML 1.2.2, 10.3",
         check_config_files},
    Rule{"KS412", "embedded-config", Severity::error, "*.json, *.yaml and *.yml in a ConfigMap",
         "files that do not parse; keys twice (warning). Files with {{ }}, {% %} or <% %> are templates, and left "
         "alone. "
         "Manifests in such files are checked as others are",
         "the program that reads the file ends at once, in every pod", "correct the text at the place shown",
         "RFC 8259; YAML 1.1", check_config_files},
};

}  // namespace ktrain::lint
