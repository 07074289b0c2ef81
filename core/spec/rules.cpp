// The table of rules between fields, and the values that follow from others.
#include "core/spec/rules.h"

#include <algorithm>
#include <array>

namespace ktrain::spec {
namespace {

struct Rule {
    std::string_view sentence;               // for docs/spec.md
    std::array<std::string_view, 3> fields;  // it is skipped when one of these has a problem of its own
    void (*check)(const TrainingSpec&, Report&);
};

// In the order of the document; so are the problems.
constexpr std::array rules{
    Rule{"A model is named: `model.type` or `model.model_name_or_path`, not both.", {"model"}, rule_model_named},
    Rule{"`simple_cnn` is trained with `method.type: full`, and whole.", {"model.type", "method"}, rule_cnn_method},
    Rule{"`rank_pattern` and `alpha_pattern` give modules, by regular expressions for their names, whole ranks from 1 "
         "to "
         "1024 and alphas above 0.",
         {"method.rank_pattern", "method.alpha_pattern"},
         rule_patterns},
    Rule{"`simple_cnn` is trained for the objective `classification` only.",
         {"model", "objective.type"},
         rule_cnn_objective},
    Rule{"Texts that are scored one by one (objectives `classification` and `reward`) are not packed.",
         {"model", "objective.type", "objective.packing"},
         rule_scored_texts},
    Rule{"Weights are held in 4 or in 8 bits, not both.", {"quantization"}, rule_one_width},
    Rule{"`method.type: full` cannot train quantised weights.", {"quantization", "method.type"}, rule_frozen_weights},
    Rule{"`method.type: qlora` means `load_in_4bit: true`.", {"quantization", "method.type"}, rule_qlora_bits},
    Rule{"`method.type: prefix_tuning` goes without `gradient_checkpointing`.",
         {"method.type", "training.gradient_checkpointing"},
         rule_prefixes},
    Rule{"`training.group_by_length` is for texts that are not packed.",
         {"training.group_by_length", "objective.packing", "model"},
         rule_grouping},
    Rule{"`normalize_mean` and `normalize_std` have one value for each of `model.input_channels`.",
         {"data.normalize_mean", "data.normalize_std", "model"},
         rule_normalization},
    Rule{"`load_best_model_at_end` needs `save_strategy` and `eval_strategy` to be the same, `steps` or `epoch`, and "
         "`save_steps` to be a multiple of `eval_steps`.",
         {"training.load_best_model_at_end", "training.eval_strategy", "checkpoint.save_strategy"},
         rule_best_model},
    Rule{
        "`early_stopping_patience` needs evaluations; `early_stopping_threshold` and `metric_for_best_model: accuracy` "
        "need something that looks for the best evaluation.",
        {"training.early_stopping_patience", "training.eval_strategy", "training.metric_for_best_model"},
        rule_early_stopping},
    Rule{"`lr_scheduler_kwargs` has what the schedule takes, and rates below `learning_rate`.",
         {"training.lr_scheduler_type", "training.lr_scheduler_kwargs", "training.learning_rate"},
         rule_schedule},
    Rule{"`parallel` shares all GPUs evenly: `tp_size` x `pp_size` x `cp_size` divides nodes x gpus_per_node, and "
         "`ep_size` what is left of it and of `cp_size`.",
         {"parallel", "resources.nodes", "resources.gpus_per_node"},
         rule_degrees},
    Rule{"`zero1`, `zero2`, `zero3` and `fsdp` need GPUs to share among, or to offload something.",
         {"parallel", "resources.nodes", "resources.gpus_per_node"},
         rule_shards},
    Rule{"`offload_optimizer` needs `zero1`, `zero2`, `zero3` or `fsdp`; `offload_param` needs `zero3` or `fsdp`.",
         {"parallel"},
         rule_offload},
    Rule{"`fsdp` has `offload_optimizer` and `offload_param`, or neither.", {"parallel"}, rule_fsdp_offload},
    Rule{"`pp_size` above 1 goes with neither `zero2` nor `zero3`.", {"parallel"}, rule_pipeline},
    Rule{"`objective.type: distillation` names `teacher_model_name_or_path`.", {"objective"}, rule_teacher},
    Rule{"`metadata.name` leaves room for what Kubernetes appends (63 letters in all).", {"metadata.name"}, rule_name},
    Rule{"`metadata.namespace` is none of the cluster's own (kube-*).", {"metadata.namespace"}, rule_namespace},
    Rule{"Keys and values of `metadata.labels` and `cluster.node_selector` are Kubernetes labels.", {}, rule_labels},
    Rule{"Amounts of memory and storage are at least 1Ki.", {}, rule_bytes},
    Rule{"`resources.shm` is part of `resources.memory`.", {"resources.shm", "resources.memory"}, rule_shm},
    Rule{"`cluster.quota` has names that a ResourceQuota counts, and quantities.", {}, rule_quota},
    Rule{"Every volume has an absolute `mount_path` of its own.", {}, rule_mounts},
    Rule{"A `ReadWriteOncePod` volume serves one node.", {}, rule_access},
    Rule{"`output_dir` is on no volume that is mounted read-only.", {}, rule_output},
    Rule{"Names of variables are valid and given once over `cluster.env` and `cluster.secrets`.", {}, rule_env_names},
    Rule{"`cluster.env` holds nothing that looks like a secret.", {}, rule_env_secrets},
};

}  // namespace

void settle(TrainingSpec& spec, const Report& report) {
    const bool said = report.was_said("quantization.load_in_4bit") || spec.quantization.load_in_8bit;
    if (spec.method.type == "qlora" && !said) spec.quantization.load_in_4bit = true;
}

std::vector<std::string_view> rule_sentences() {
    std::vector<std::string_view> sentences;
    for (const Rule& rule : rules) sentences.push_back(rule.sentence);
    return sentences;
}

void check_rules(const TrainingSpec& spec, Report& report) {
    for (const Rule& rule : rules) {
        const bool bad = std::any_of(rule.fields.begin(), rule.fields.end(), [&](std::string_view field) {
            return !field.empty() && report.is_bad(std::string(field));
        });
        if (!bad) rule.check(spec, report);
    }
}

}  // namespace ktrain::spec
