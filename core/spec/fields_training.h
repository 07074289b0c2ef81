// The fields of the groups that say what is trained, and how.
#pragma once

#include "core/spec/choices.h"
#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

template <>
struct Fields<MetadataSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "name",
                    .help = "Name of the job and of everything created for it.",
                    .example = "cifar10-basic",
                    .format = Format::job_name,
                    .required = true},
              self.name);
        visit(Field{.name = "namespace",
                    .help = "Namespace of the cluster that the job runs in.",
                    .format = Format::dns_label},
              self.namespace_);
        visit(Field{.name = "labels", .help = "Labels put on every object.", .example = "{team: vision}"}, self.labels);
    }
};

template <>
struct Fields<ModelSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "type",
                    .help = "Built-in architecture to train from scratch; leave it out for a model by name or path.",
                    .example = "simple_cnn",
                    .choices = choices::model_type},
              self.type);
        visit(Field{.name = "model_name_or_path",
                    .help = "Catalog name of a model, or a folder with its config.json.",
                    .example = "llama-2-7b",
                    .format = Format::model},
              self.model_name_or_path);
        visit(Field{.name = "config_name",
                    .help = "Folder with the config.json of a new model with random weights.",
                    .example = "/models/my-llama",
                    .format = Format::path},
              self.config_name);
        visit(Field{.name = "tokenizer_name",
                    .help = "Folder with the tokenizer.json, if the model's own has none.",
                    .example = "/models/llama-2-7b",
                    .format = Format::path},
              self.tokenizer_name);
        visit(Field{.name = "input_channels", .help = "Channels of the input image.", .min = 1, .max = 1024},
              self.input_channels);
        visit(Field{.name = "num_classes", .help = "Classes to tell apart.", .min = 2, .max = 100000},
              self.num_classes);
        visit(Field{.name = "dtype", .help = "Storage type of the weights.", .choices = choices::dtype}, self.dtype);
    }
};

template <>
struct Fields<ObjectiveSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "type",
                    .help = "What is learned: the next token, labels or preferences; by default sft for language "
                            "models.",
                    .choices = choices::objective},
              self.type);
        visit(
            Field{
                .name = "max_length", .help = "Tokens of a sequence; longer ones are cut.", .min = 1, .max = 10485760},
            self.max_length);
        visit(Field{.name = "packing", .help = "Put several samples into one sequence."}, self.packing);
        visit(Field{.name = "completion_only_loss",
                    .help = "Learn only the completion of rows with a prompt and a completion."},
              self.completion_only_loss);
        visit(Field{.name = "assistant_only_loss", .help = "Learn only what the assistant says in conversations."},
              self.assistant_only_loss);
        visit(Field{.name = "dataset_text_field", .help = "Column of plain text."}, self.dataset_text_field);
        visit(Field{.name = "center_rewards_coefficient",
                    .help = "Pulls the rewards of a pair towards a mean of 0; 0 turns it off.",
                    .min = 0},
              self.center_rewards_coefficient);
        list_companions(self, visit);
    }

private:
    static void list_companions(auto& self, auto& visit) {
        visit(Field{.name = "precompute_ref_log_probs",
                    .help = "Score all rows with the reference before training; of dpo and kto, which then hold none."},
              self.precompute_ref_log_probs);
        visit(Field{.name = "ref_model_name_or_path",
                    .help = "Reference of dpo and kto; by default the weights as they were, which adapters leave "
                            "in place.",
                    .example = "/models/llama-2-7b-sft",
                    .format = Format::model},
              self.ref_model_name_or_path);
        visit(
            Field{
                .name = "response_length", .help = "Tokens that answer each prompt of ppo.", .min = 1, .max = 1048576},
            self.response_length);
        visit(Field{.name = "teacher_model_name_or_path",
                    .help = "Model that distillation learns from; a catalog name, or a folder with its config.json.",
                    .example = "llama-3.1-70b",
                    .format = Format::model},
              self.teacher_model_name_or_path);
    }
};

template <>
struct Fields<DataSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "dataset",
                    .help = "Data set family; by default it is told from the files in dataset_path.",
                    .example = "cifar10",
                    .choices = choices::dataset},
              self.dataset);
        visit(Field{.name = "dataset_path",
                    .help = "Folder or file with the data: CIFAR-10, IDX, or rows of texts.",
                    .example = "/data/cifar-10-batches-bin",
                    .format = Format::path},
              self.dataset_path);
        visit(Field{.name = "eval_dataset_path",
                    .help = "Folder or file with texts to evaluate on.",
                    .example = "/data/validation.jsonl",
                    .format = Format::path},
              self.eval_dataset_path);
        visit(Field{.name = "cache_dir",
                    .help = "Folder for tokenised texts; by default \"cache\" in output_dir.",
                    .example = "/data/cache",
                    .format = Format::path},
              self.cache_dir);
        visit(Field{.name = "validation_split",
                    .help = "Share of the training samples held out for validation.",
                    .example = "0.2",
                    .min = 0,
                    .max = 0.99},
              self.validation_split);
        visit(Field{.name = "augment",
                    .help = "Random changes of the training images.",
                    .example = "[random_crop, horizontal_flip]",
                    .choices = choices::augment},
              self.augment);
        visit(Field{.name = "normalize_mean",
                    .help = "Mean subtracted from each channel (pixels in 0..1); by default the data set's own.",
                    .example = "[0.4914, 0.4822, 0.4465]"},
              self.normalize_mean);
        visit(Field{.name = "normalize_std",
                    .help = "Standard deviation each channel is divided by; by default the data set's own.",
                    .example = "[0.2023, 0.1994, 0.2010]",
                    .min = 0,
                    .above_min = true},
              self.normalize_std);
        visit(Field{.name = "shuffle", .help = "Take the training samples in a new random order every epoch."},
              self.shuffle);
    }
};

template <>
struct Fields<TrainingArgs> {
    static void list(auto& self, auto&& visit) {
        list_batches(self, visit);
        list_optimizer(self, visit);
        list_evaluation(self, visit);
        list_execution(self, visit);
    }

private:
    static void list_batches(auto& self, auto& visit) {
        visit(Field{.name = "num_train_epochs",
                    .help = "Passes over the training samples.",
                    .example = "10",
                    .min = 0,
                    .max = 1'000'000,
                    .above_min = true},
              self.num_train_epochs);
        visit(Field{.name = "max_steps",
                    .help = "Optimizer steps in all; overrides num_train_epochs when positive.",
                    .min = -1,
                    .max = 1e12},
              self.max_steps);
        visit(Field{.name = "per_device_train_batch_size",
                    .help = "Samples of a batch on each device.",
                    .example = "64",
                    .min = 1,
                    .max = 1048576},
              self.per_device_train_batch_size);
        visit(Field{.name = "per_device_eval_batch_size",
                    .help = "Samples of an evaluation batch on each device.",
                    .min = 1,
                    .max = 1048576},
              self.per_device_eval_batch_size);
        visit(Field{.name = "gradient_accumulation_steps",
                    .help = "Batches whose gradients are added up for one optimizer step.",
                    .min = 1,
                    .max = 1048576},
              self.gradient_accumulation_steps);
    }

    static void list_optimizer(auto& self, auto& visit) {
        visit(Field{.name = "learning_rate",
                    .help = "Peak learning rate.",
                    .example = "0.001",
                    .min = 0,
                    .max = 100,
                    .above_min = true},
              self.learning_rate);
        visit(Field{.name = "lr_scheduler_type",
                    .help = "Shape of the learning rate over the run.",
                    .choices = choices::scheduler},
              self.lr_scheduler_type);
        visit(
            Field{
                .name = "lr_scheduler_kwargs", .help = "Numbers that the schedule takes.", .example = "{min_lr: 1e-6}"},
            self.lr_scheduler_kwargs);
        visit(Field{.name = "warmup_ratio",
                    .help = "Share of the steps over which the learning rate rises from 0.",
                    .min = 0,
                    .max = 1},
              self.warmup_ratio);
        visit(
            Field{.name = "warmup_steps", .help = "Steps of warm-up; overrides warmup_ratio when positive.", .min = 0},
            self.warmup_steps);
        visit(Field{.name = "optim", .help = "Optimizer.", .choices = choices::optim}, self.optim);
        visit(Field{.name = "weight_decay",
                    .help = "Weight decay; decoupled, but for adam and sgd added to the gradient.",
                    .min = 0,
                    .max = 1},
              self.weight_decay);
        visit(Field{.name = "momentum", .help = "Momentum of sgd.", .min = 0, .max = 0.9999999}, self.momentum);
        visit(Field{.name = "adam_beta1",
                    .help = "Decay of Adam's first moment, and of Lion's sign.",
                    .min = 0,
                    .max = 0.9999999},
              self.adam_beta1);
        visit(Field{.name = "adam_beta2",
                    .help = "Decay of Adam's second moment, and of Lion's average.",
                    .min = 0,
                    .max = 0.9999999},
              self.adam_beta2);
        visit(Field{.name = "adam_epsilon", .help = "Term added to Adam's denominator.", .min = 0}, self.adam_epsilon);
        visit(Field{.name = "max_grad_norm",
                    .help = "Gradients are scaled down to this norm; 0 turns clipping off.",
                    .min = 0},
              self.max_grad_norm);
        visit(Field{.name = "ema_decay",
                    .help = "Decay of the average of the weights that is evaluated and saved; 0: none.",
                    .min = 0,
                    .max = 0.9999999},
              self.ema_decay);
        visit(Field{.name = "nan_policy",
                    .help = "What a loss that is no number does: stop the run, or skip the step.",
                    .choices = choices::nan_policy},
              self.nan_policy);
        visit(Field{.name = "seed", .help = "Seed of weights, shuffling, split and augmentation.", .min = 0},
              self.seed);
    }

    static void list_evaluation(auto& self, auto& visit) {
        visit(Field{.name = "eval_strategy",
                    .help = "When the held-out data are evaluated.",
                    .choices = choices::save_strategy},
              self.eval_strategy);
        visit(Field{.name = "eval_steps", .help = "Steps between two evaluations.", .min = 1}, self.eval_steps);
        visit(Field{.name = "load_best_model_at_end",
                    .help = "Keep the checkpoint with the best metric, and end with its weights."},
              self.load_best_model_at_end);
        visit(Field{.name = "metric_for_best_model",
                    .help = "Metric of the evaluation that tells the best: loss or accuracy.",
                    .choices = choices::best_metric},
              self.metric_for_best_model);
        visit(Field{.name = "early_stopping_patience",
                    .help = "Evaluations without a better metric after which the run ends; 0 never ends it.",
                    .min = 0},
              self.early_stopping_patience);
        visit(Field{.name = "early_stopping_threshold",
                    .help = "By how much the metric must be better to count.",
                    .min = 0},
              self.early_stopping_threshold);
        visit(Field{.name = "group_by_length", .help = "Put samples of similar length into a batch."},
              self.group_by_length);
    }

    static void list_execution(auto& self, auto& visit) {
        visit(Field{.name = "dataloader_num_workers",
                    .help =
                        "Threads that prepare batches ahead of the step; with 0 the step's own does, or one for texts.",
                    .min = 0,
                    .max = 256},
              self.dataloader_num_workers);
        visit(Field{.name = "logging_steps", .help = "Steps between two log lines.", .example = "100", .min = 1},
              self.logging_steps);
        visit(Field{.name = "bf16", .help = "Compute in bfloat16."}, self.bf16);
        visit(Field{.name = "full_determinism",
                    .help = "Refuse operations whose result could differ between equal runs."},
              self.full_determinism);
        visit(Field{.name = "gradient_checkpointing",
                    .help = "Recompute activations in the backward pass to save memory."},
              self.gradient_checkpointing);
        visit(Field{.name = "disable_kernels",
                    .help = "Fused kernels that libtorch's own operations stand in for.",
                    .example = "[attention, norm]",
                    .choices = choices::kernel},
              self.disable_kernels);
    }
};

template <>
struct Fields<CheckpointSpec> {
    static void list(auto& self, auto&& visit) {
        visit(
            Field{.name = "save_strategy", .help = "When checkpoints are written.", .choices = choices::save_strategy},
            self.save_strategy);
        visit(Field{.name = "save_steps", .help = "Steps between two checkpoints.", .min = 1}, self.save_steps);
        visit(Field{.name = "save_total_limit",
                    .help = "Checkpoints to keep; older ones are removed. 0 keeps all.",
                    .example = "3",
                    .min = 0},
              self.save_total_limit);
        visit(Field{.name = "resume_from_checkpoint",
                    .help = "Where to go on from: auto (the newest valid one), never, or a folder."},
              self.resume_from_checkpoint);
        visit(Field{.name = "on_sigterm", .help = "Write a checkpoint when the pod is asked to stop."},
              self.on_sigterm);
        visit(Field{.name = "async_save", .help = "Write checkpoints while the next steps are computed."},
              self.async_save);
    }
};

}  // namespace ktrain::spec
