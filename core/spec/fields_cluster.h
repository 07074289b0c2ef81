// The fields of the groups that say where the training runs, and with what.
#pragma once

#include "core/spec/choices.h"
#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

template <>
struct Fields<ResourcesSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "nodes", .help = "Pods of the job.", .min = 1, .max = 100000}, self.nodes);
        visit(Field{.name = "gpus_per_node",
                    .help = "GPUs of each pod; 0 trains on the CPU.",
                    .example = "1",
                    .min = 0,
                    .max = 64},
              self.gpus_per_node);
        visit(Field{.name = "gpu",
                    .help = "GPU model to run on and to estimate for.",
                    .example = "nvidia-a100-80gb",
                    .format = Format::gpu},
              self.gpu);
        visit(Field{.name = "cpu",
                    .help = "CPU of each pod, request and limit.",
                    .example = "\"4\"",
                    .format = Format::quantity},
              self.cpu);
        visit(Field{.name = "memory",
                    .help = "Memory of each pod, request and limit; by default what is estimated, 4Gi at least.",
                    .example = "16Gi",
                    .format = Format::quantity},
              self.memory);
        visit(Field{.name = "shm",
                    .help = "Size of /dev/shm, counted against memory; by default an eighth of it, 64Mi to 32Gi, or "
                            "what is estimated.",
                    .example = "2Gi",
                    .format = Format::quantity},
              self.shm);
    }
};

template <>
struct Fields<VolumeSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "claim",
                    .help = "Name of the PersistentVolumeClaim.",
                    .example = "training-data",
                    .format = Format::dns_label,
                    .required = true},
              self.claim);
        visit(Field{.name = "mount_path",
                    .help = "Where the pods see it.",
                    .example = "/data",
                    .format = Format::path,
                    .required = true},
              self.mount_path);
        visit(Field{.name = "size",
                    .help = "Size to create the claim with; without it the claim must exist.",
                    .example = "100Gi",
                    .format = Format::quantity},
              self.size);
        visit(Field{.name = "access", .help = "Access mode of the claim.", .choices = choices::access}, self.access);
        visit(
            Field{
                .name = "storage_class", .help = "Storage class; by default the cluster's own.", .example = "fast-ssd"},
            self.storage_class);
        visit(Field{.name = "read_only", .help = "Mount it read-only."}, self.read_only);
    }
};

template <>
struct Fields<SecretEnvSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "env",
                    .help = "Environment variable of the pods.",
                    .example = "WANDB_API_KEY",
                    .required = true},
              self.env);
        visit(Field{.name = "secret",
                    .help = "Name of the existing Secret; its values are never read here.",
                    .example = "wandb-secret",
                    .format = Format::dns_label,
                    .required = true},
              self.secret);
        visit(Field{.name = "key", .help = "Key inside the Secret.", .example = "api-key", .required = true}, self.key);
    }
};

template <>
struct Fields<ClusterSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "kind", .help = "Kind of object that runs the pods.", .choices = choices::cluster_kind},
              self.kind);
        visit(Field{.name = "image",
                    .help = "Container image with ktrain.",
                    .example = "ghcr.io/acme/ktrain:1.0.0",
                    .format = Format::image},
              self.image);
        visit(Field{.name = "quota",
                    .help = "ResourceQuota of the namespace: resource to amount.",
                    .example = "{requests.cpu: 8, requests.memory: 32Gi}"},
              self.quota);
        visit(Field{.name = "volumes", .help = "PersistentVolumeClaims the pods mount."}, self.volumes);
        visit(Field{.name = "secrets", .help = "Environment variables taken from Secrets."}, self.secrets);
        visit(Field{.name = "env",
                    .help = "Further environment variables; no secrets here.",
                    .example = "{OMP_NUM_THREADS: \"4\"}"},
              self.env);
        visit(Field{.name = "node_selector", .help = "Labels a node must have.", .example = "{pool: training}"},
              self.node_selector);
        visit(Field{.name = "create_namespace", .help = "Create the namespace (never the one called default)."},
              self.create_namespace);
        visit(Field{.name = "max_restarts",
                    .help = "Failed pods replaced before the job fails; evictions do not count.",
                    .min = 0,
                    .max = 10000},
              self.max_restarts);
        visit(Field{.name = "deadline", .help = "The job is stopped after this time.", .format = Format::duration},
              self.deadline);
        visit(Field{.name = "ttl_after_finished",
                    .help = "The finished job is removed after this time.",
                    .format = Format::duration},
              self.ttl_after_finished);
        visit(Field{.name = "termination_grace_period",
                    .help = "Time a pod gets to write its checkpoint when asked to stop.",
                    .format = Format::duration},
              self.termination_grace_period);
    }
};

template <>
struct Fields<MonitoringSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "report_to",
                    .help = "Services that receive metrics beside metrics.jsonl.",
                    .example = "[wandb]",
                    .choices = choices::report_to},
              self.report_to);
        visit(Field{.name = "run_name",
                    .help = "Name of the run there; by default that of the job.",
                    .example = "cifar10-1"},
              self.run_name);
        visit(Field{.name = "logging_dir",
                    .help = "Folder of TensorBoard's event files; by default \"runs\" in output_dir.",
                    .example = "/output/runs",
                    .format = Format::path},
              self.logging_dir);
        visit(Field{.name = "metrics_port",
                    .help = "Port of the Prometheus endpoint of a run; 0 opens none.",
                    .example = "9400",
                    .min = 0,
                    .max = 65535},
              self.metrics_port);
        visit(Field{.name = "wandb_project",
                    .help = "Project name at Weights & Biases.",
                    .example = "basic-model-training"},
              self.wandb_project);
        visit(Field{.name = "wandb_entity",
                    .help = "User or team at Weights & Biases; by default the key's own.",
                    .example = "acme"},
              self.wandb_entity);
        visit(Field{.name = "wandb_mode",
                    .help = "Send metrics as they come, as files for wandb sync, or not at all.",
                    .choices = choices::wandb_mode},
              self.wandb_mode);
    }
};

}  // namespace ktrain::spec
