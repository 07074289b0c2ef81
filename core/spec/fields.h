// The fields of every spec struct, each listed once: name, help, range, choices. All visitors are driven from here
// (loading, --set, flags, explain, JSON Schema, init, docs/spec.md).
#pragma once

#include <array>
#include <string_view>

#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

namespace choices {
using Table = std::string_view;
inline constexpr std::array<Table, 1> model_type{"simple_cnn"};
inline constexpr std::array<Table, 3> dtype{"bfloat16", "float16", "float32"};
inline constexpr std::array<Table, 3> method{"full", "lora", "qlora"};
inline constexpr std::array<Table, 2> quant_type{"fp4", "nf4"};
inline constexpr std::array<Table, 2> objective{"classification", "sft"};
inline constexpr std::array<Table, 3> dataset{"cifar10", "fashion_mnist", "mnist"};
inline constexpr std::array<Table, 2> augment{"horizontal_flip", "random_crop"};
inline constexpr std::array<Table, 4> scheduler{"constant", "constant_with_warmup", "cosine", "linear"};
inline constexpr std::array<Table, 2> optim{"adam", "adamw_torch"};
inline constexpr std::array<Table, 3> save_strategy{"epoch", "no", "steps"};
inline constexpr std::array<Table, 4> access{"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"};
inline constexpr std::array<Table, 1> cluster_kind{"Job"};
inline constexpr std::array<Table, 2> report_to{"prometheus", "wandb"};
}  // namespace choices

// `list(self, visit)` calls visit(Field, member) for every field in the order of the document. `self` may be const.
template <class T>
struct Fields;

template <>
struct Fields<MetadataSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "name", .help = "Name of the job and of everything created for it.", .example = "cifar10-basic", .format = Format::dns_label, .required = true}, self.name);
        visit(Field{.name = "namespace", .help = "Namespace of the cluster that the job runs in.", .format = Format::dns_label}, self.namespace_);
        visit(Field{.name = "labels", .help = "Labels put on every object.", .example = "{team: vision}"}, self.labels);
    }
};

template <>
struct Fields<ModelSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "type", .help = "Built-in architecture to train from scratch; leave it out for a model by name or path.", .example = "simple_cnn", .choices = choices::model_type}, self.type);
        visit(Field{.name = "model_name_or_path", .help = "Catalog name of a model, or a folder with its config.json.", .example = "llama-2-7b", .format = Format::model}, self.model_name_or_path);
        visit(Field{.name = "input_channels", .help = "Channels of the input image.", .min = 1, .max = 1024}, self.input_channels);
        visit(Field{.name = "num_classes", .help = "Classes to tell apart.", .min = 2, .max = 100000}, self.num_classes);
        visit(Field{.name = "dtype", .help = "Storage type of the weights.", .choices = choices::dtype}, self.dtype);
    }
};

template <>
struct Fields<MethodSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "type", .help = "Which weights are trained.", .choices = choices::method}, self.type);
        visit(Field{.name = "r", .help = "Rank of the LoRA matrices.", .example = "16", .min = 1, .max = 1024}, self.r);
        visit(Field{.name = "lora_alpha", .help = "Scale of the LoRA update; it is multiplied by lora_alpha / r.", .min = 0, .above_min = true}, self.lora_alpha);
        visit(Field{.name = "lora_dropout", .help = "Dropout in front of the LoRA matrices.", .min = 0, .max = 1}, self.lora_dropout);
        visit(Field{.name = "target_modules", .help = "Linear layers that get LoRA matrices.", .example = "[q_proj, v_proj]"}, self.target_modules);
    }
};

template <>
struct Fields<QuantizationSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "load_in_4bit", .help = "Hold the frozen linear layers in 4 bits."}, self.load_in_4bit);
        visit(Field{.name = "load_in_8bit", .help = "Hold the frozen linear layers in 8 bits."}, self.load_in_8bit);
        visit(Field{.name = "bnb_4bit_quant_type", .help = "4-bit code book.", .choices = choices::quant_type}, self.bnb_4bit_quant_type);
        visit(Field{.name = "bnb_4bit_use_double_quant", .help = "Quantise the constants of the blocks as well."}, self.bnb_4bit_use_double_quant);
        visit(Field{.name = "bnb_4bit_compute_dtype", .help = "Type the 4-bit weights are expanded to for computing.", .choices = choices::dtype}, self.bnb_4bit_compute_dtype);
    }
};

template <>
struct Fields<ObjectiveSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "type", .help = "What is optimised; by default classification for simple_cnn and sft for language models.", .choices = choices::objective}, self.type);
        visit(Field{.name = "max_length", .help = "Tokens of a sequence; longer ones are cut.", .min = 1, .max = 10485760}, self.max_length);
        visit(Field{.name = "packing", .help = "Put several samples into one sequence."}, self.packing);
    }
};

template <>
struct Fields<DataSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "dataset", .help = "Data set family; by default it is told from the files in dataset_path.", .example = "cifar10", .choices = choices::dataset}, self.dataset);
        visit(Field{.name = "dataset_path", .help = "Folder with the data: CIFAR-10 binary batches or IDX files.", .example = "/data/cifar-10-batches-bin", .format = Format::path}, self.dataset_path);
        visit(Field{.name = "validation_split", .help = "Share of the training samples held out for validation.", .example = "0.2", .min = 0, .max = 0.99}, self.validation_split);
        visit(Field{.name = "augment", .help = "Random changes of the training images.", .example = "[random_crop, horizontal_flip]", .choices = choices::augment}, self.augment);
        visit(Field{.name = "normalize_mean", .help = "Mean subtracted from each channel (pixels in 0..1); by default the data set's own.", .example = "[0.4914, 0.4822, 0.4465]"}, self.normalize_mean);
        visit(Field{.name = "normalize_std", .help = "Standard deviation each channel is divided by; by default the data set's own.", .example = "[0.2023, 0.1994, 0.2010]", .min = 0, .above_min = true}, self.normalize_std);
        visit(Field{.name = "shuffle", .help = "Take the training samples in a new random order every epoch."}, self.shuffle);
    }
};

template <>
struct Fields<TrainingArgs> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "num_train_epochs", .help = "Passes over the training samples.", .example = "10", .min = 0, .above_min = true}, self.num_train_epochs);
        visit(Field{.name = "max_steps", .help = "Optimizer steps in all; overrides num_train_epochs when positive.", .min = -1}, self.max_steps);
        visit(Field{.name = "per_device_train_batch_size", .help = "Samples of a batch on each device.", .example = "64", .min = 1, .max = 1048576}, self.per_device_train_batch_size);
        visit(Field{.name = "per_device_eval_batch_size", .help = "Samples of an evaluation batch on each device.", .min = 1, .max = 1048576}, self.per_device_eval_batch_size);
        visit(Field{.name = "gradient_accumulation_steps", .help = "Batches whose gradients are added up for one optimizer step.", .min = 1, .max = 1048576}, self.gradient_accumulation_steps);
        visit(Field{.name = "learning_rate", .help = "Peak learning rate.", .example = "0.001", .min = 0, .max = 100, .above_min = true}, self.learning_rate);
        visit(Field{.name = "lr_scheduler_type", .help = "Shape of the learning rate over the run.", .choices = choices::scheduler}, self.lr_scheduler_type);
        visit(Field{.name = "warmup_ratio", .help = "Share of the steps over which the learning rate rises from 0.", .min = 0, .max = 1}, self.warmup_ratio);
        visit(Field{.name = "warmup_steps", .help = "Steps of warm-up; overrides warmup_ratio when positive.", .min = 0}, self.warmup_steps);
        visit(Field{.name = "optim", .help = "Optimizer.", .choices = choices::optim}, self.optim);
        visit(Field{.name = "weight_decay", .help = "Weight decay: decoupled for adamw_torch, added to the gradient for adam.", .min = 0, .max = 1}, self.weight_decay);
        visit(Field{.name = "adam_beta1", .help = "Decay of Adam's first moment.", .min = 0, .max = 0.9999999}, self.adam_beta1);
        visit(Field{.name = "adam_beta2", .help = "Decay of Adam's second moment.", .min = 0, .max = 0.9999999}, self.adam_beta2);
        visit(Field{.name = "adam_epsilon", .help = "Term added to Adam's denominator.", .min = 0}, self.adam_epsilon);
        visit(Field{.name = "max_grad_norm", .help = "Gradients are scaled down to this norm; 0 turns clipping off.", .min = 0}, self.max_grad_norm);
        visit(Field{.name = "seed", .help = "Seed of weights, shuffling, split and augmentation.", .min = 0}, self.seed);
        visit(Field{.name = "dataloader_num_workers", .help = "Threads that prepare batches ahead of the step; 0 prepares them in the step's own thread.", .min = 0, .max = 256}, self.dataloader_num_workers);
        visit(Field{.name = "logging_steps", .help = "Steps between two log lines.", .example = "100", .min = 1}, self.logging_steps);
        visit(Field{.name = "bf16", .help = "Compute in bfloat16."}, self.bf16);
        visit(Field{.name = "gradient_checkpointing", .help = "Recompute activations in the backward pass to save memory."}, self.gradient_checkpointing);
    }
};

template <>
struct Fields<CheckpointSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "save_strategy", .help = "When checkpoints are written.", .choices = choices::save_strategy}, self.save_strategy);
        visit(Field{.name = "save_steps", .help = "Steps between two checkpoints.", .min = 1}, self.save_steps);
        visit(Field{.name = "save_total_limit", .help = "Checkpoints to keep; older ones are removed. 0 keeps all.", .example = "3", .min = 0}, self.save_total_limit);
        visit(Field{.name = "resume_from_checkpoint", .help = "auto goes on from the newest valid checkpoint, never starts anew, or name a checkpoint folder."}, self.resume_from_checkpoint);
        visit(Field{.name = "on_sigterm", .help = "Write a checkpoint when the pod is asked to stop."}, self.on_sigterm);
    }
};

template <>
struct Fields<ResourcesSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "nodes", .help = "Pods of the job.", .min = 1, .max = 100000}, self.nodes);
        visit(Field{.name = "gpus_per_node", .help = "GPUs of each pod; 0 trains on the CPU.", .example = "1", .min = 0, .max = 64}, self.gpus_per_node);
        visit(Field{.name = "gpu", .help = "GPU model to run on and to estimate for.", .example = "nvidia-a100-80gb", .format = Format::gpu}, self.gpu);
        visit(Field{.name = "cpu", .help = "CPU of each pod, request and limit.", .example = "\"4\"", .format = Format::quantity}, self.cpu);
        visit(Field{.name = "memory", .help = "Memory of each pod, request and limit.", .example = "16Gi", .format = Format::quantity}, self.memory);
        visit(Field{.name = "shm", .help = "Size of /dev/shm, counted against memory; by default an eighth of memory, 64Mi to 32Gi.", .example = "2Gi", .format = Format::quantity}, self.shm);
    }
};

template <>
struct Fields<VolumeSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "claim", .help = "Name of the PersistentVolumeClaim.", .example = "training-data", .format = Format::dns_label, .required = true}, self.claim);
        visit(Field{.name = "mount_path", .help = "Where the pods see it.", .example = "/data", .format = Format::path, .required = true}, self.mount_path);
        visit(Field{.name = "size", .help = "Size to create the claim with; without it the claim must exist.", .example = "100Gi", .format = Format::quantity}, self.size);
        visit(Field{.name = "access", .help = "Access mode of the claim.", .choices = choices::access}, self.access);
        visit(Field{.name = "storage_class", .help = "Storage class; by default the cluster's own.", .example = "fast-ssd"}, self.storage_class);
        visit(Field{.name = "read_only", .help = "Mount it read-only."}, self.read_only);
    }
};

template <>
struct Fields<SecretEnvSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "env", .help = "Environment variable of the pods.", .example = "WANDB_API_KEY", .required = true}, self.env);
        visit(Field{.name = "secret", .help = "Name of the existing Secret; its values are never read here.", .example = "wandb-secret", .format = Format::dns_label, .required = true}, self.secret);
        visit(Field{.name = "key", .help = "Key inside the Secret.", .example = "api-key", .required = true}, self.key);
    }
};

template <>
struct Fields<ClusterSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "kind", .help = "Kind of object that runs the pods.", .choices = choices::cluster_kind}, self.kind);
        visit(Field{.name = "image", .help = "Container image with ktrain.", .example = "ghcr.io/acme/ktrain:1.0.0", .format = Format::image}, self.image);
        visit(Field{.name = "quota", .help = "ResourceQuota of the namespace: resource to amount.", .example = "{requests.cpu: 8, requests.memory: 32Gi}"}, self.quota);
        visit(Field{.name = "volumes", .help = "PersistentVolumeClaims the pods mount."}, self.volumes);
        visit(Field{.name = "secrets", .help = "Environment variables taken from Secrets."}, self.secrets);
        visit(Field{.name = "env", .help = "Further environment variables; no secrets here.", .example = "{OMP_NUM_THREADS: \"4\"}"}, self.env);
        visit(Field{.name = "node_selector", .help = "Labels a node must have.", .example = "{pool: training}"}, self.node_selector);
        visit(Field{.name = "create_namespace", .help = "Create the namespace (never the one called default)."}, self.create_namespace);
        visit(Field{.name = "max_restarts", .help = "Failed pods replaced before the job fails; evictions do not count.", .min = 0, .max = 10000}, self.max_restarts);
        visit(Field{.name = "deadline", .help = "The job is stopped after this time.", .format = Format::duration}, self.deadline);
        visit(Field{.name = "ttl_after_finished", .help = "The finished job is removed after this time.", .format = Format::duration}, self.ttl_after_finished);
        visit(Field{.name = "termination_grace_period", .help = "Time a pod gets to write its checkpoint when asked to stop.", .format = Format::duration}, self.termination_grace_period);
    }
};

template <>
struct Fields<MonitoringSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "report_to", .help = "Services that receive metrics beside metrics.jsonl.", .example = "[wandb]", .choices = choices::report_to}, self.report_to);
        visit(Field{.name = "wandb_project", .help = "Project name at Weights & Biases.", .example = "basic-model-training"}, self.wandb_project);
    }
};

template <>
struct Fields<TrainingSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "metadata", .help = "Name and place of the job."}, self.metadata);
        visit(Field{.name = "model", .help = "What is trained."}, self.model);
        visit(Field{.name = "method", .help = "How the weights are trained."}, self.method);
        visit(Field{.name = "quantization", .help = "How frozen weights are stored."}, self.quantization);
        visit(Field{.name = "objective", .help = "What is optimised."}, self.objective);
        visit(Field{.name = "data", .help = "What it is trained on."}, self.data);
        visit(Field{.name = "training", .help = "Steps, batches, optimizer."}, self.training);
        visit(Field{.name = "checkpoint", .help = "Saving and resuming."}, self.checkpoint);
        visit(Field{.name = "output_dir", .help = "Folder for checkpoints, metrics and the trained model.", .example = "/output/cifar10", .format = Format::path}, self.output_dir);
        visit(Field{.name = "resources", .help = "What each pod needs."}, self.resources);
        visit(Field{.name = "cluster", .help = "How it runs on Kubernetes."}, self.cluster);
        visit(Field{.name = "monitoring", .help = "Where metrics go."}, self.monitoring);
    }
};

}  // namespace ktrain::spec
