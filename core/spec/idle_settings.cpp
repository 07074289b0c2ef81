// The table of settings without effect.
#include "core/spec/idle_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/spec/methods.h"
#include "core/spec/objectives.h"
#include "core/spec/optimizers.h"
#include "core/spec/read.h"

namespace ktrain::spec {
namespace {

OptimizerReads reads(const TrainingSpec& spec) {
    return optimizer_reads(optimizer_row(spec.training.optim).kind);
}

std::string unread(const TrainingSpec& spec) {
    return fmt::format("the optimizer {} does not read it", spec.training.optim);
}

bool is_constant(const TrainingSpec& spec) {
    return spec.training.lr_scheduler_type == "constant";
}

std::string has_no_warmup(const TrainingSpec&) {
    return "the schedule constant has no warm-up";
}

struct Idle {
    std::string_view field;
    bool (*has_no_effect)(const TrainingSpec& spec);
    std::string (*why)(const TrainingSpec& spec);
    std::string_view fix;
};

const TrainingArgs& defaults() {
    static const TrainingArgs made;
    return made;
}

bool is_full(const TrainingSpec& spec) {
    return spec.method.type == "full";
}

bool is_lora(const TrainingSpec& spec) {
    const MethodRow* row = find_method(spec.method.type);
    return row != nullptr && row->lora;
}

bool takes_targets(const TrainingSpec& spec) {
    const MethodRow* row = find_method(spec.method.type);
    return row != nullptr && row->target_modules;
}

bool takes_tokens(const TrainingSpec& spec) {
    const MethodRow* row = find_method(spec.method.type);
    return row != nullptr && row->num_virtual_tokens;
}

std::string has_no_matrices(const TrainingSpec& spec) {
    return fmt::format("method.type {} has no LoRA matrices", spec.method.type);
}

std::string has_no_targets(const TrainingSpec& spec) {
    return is_full(spec) ? has_no_matrices(spec) : fmt::format("method.type {} has no targets", spec.method.type);
}

// Of bitsandbytes.
bool has_4_bits(const TrainingSpec& spec) {
    return spec.quantization.load_in_4bit && spec.quantization.quant_method == "bitsandbytes";
}

std::string has_no_4_bits(const TrainingSpec& spec) {
    return spec.quantization.load_in_4bit
               ? fmt::format("quantization.quant_method {} has a format of its own", spec.quantization.quant_method)
               : std::string("no weights are held in 4 bits");
}

std::string saves_all(const TrainingSpec& spec) {
    return is_full(spec) ? "method.type full trains and saves every module"
                         : fmt::format("method.type {} trains what it adds alone", spec.method.type);
}

std::string freezes_all(const TrainingSpec& spec) {
    return fmt::format("{} freezes the whole model", is_lora(spec) ? "LoRA" : spec.method.type);
}

std::string belongs_to_another(const TrainingSpec& spec) {
    return fmt::format("method.type {} does not read it", spec.method.type);
}

bool evaluates(const TrainingSpec& spec) {
    return spec.training.eval_strategy != "no";
}

std::string is_never_read(const TrainingSpec& spec) {
    return fmt::format("training.eval_strategy is {}", spec.training.eval_strategy);
}

bool reports_to(const TrainingSpec& spec, std::string_view service) {
    return std::ranges::find(spec.monitoring.report_to, service) != spec.monitoring.report_to.end();
}

std::string names_no_tensorboard(const TrainingSpec&) {
    return "monitoring.report_to does not name tensorboard";
}

std::string names_no_wandb(const TrainingSpec&) {
    return "monitoring.report_to does not name wandb";
}

bool has_reference(const TrainingSpec& spec) {
    return spec.objective.type == "dpo" || spec.objective.type == "kto";
}

std::string has_no_reference(const TrainingSpec&) {
    return "objective.type is neither dpo nor kto";
}

constexpr std::string_view use_wandb = "add wandb to monitoring.report_to, or leave it out";
constexpr std::string_view use_lora = "write method.type: lora, or leave it out";
constexpr std::string_view use_full = "write method.type: full, or leave it out";

const MethodSpec& usual() {
    static const MethodSpec made;
    return made;
}

constexpr std::array table{
    Idle{"data.eval_dataset_path",
         [](const TrainingSpec& s) { return !s.data.eval_dataset_path.empty() && !evaluates(s); }, is_never_read,
         "set training.eval_strategy: epoch"},
    Idle{"data.validation_split", [](const TrainingSpec& s) { return s.data.validation_split > 0 && !evaluates(s); },
         [](const TrainingSpec&) {
             return std::string("training.eval_strategy is no: the rows held out are not evaluated");
         },
         "set training.eval_strategy: epoch, or leave it out"},
    Idle{"method.adapter_layers",
         [](const TrainingSpec& s) {
             return s.method.type != "adaption_prompt" && s.method.adapter_layers != usual().adapter_layers;
         },
         belongs_to_another, "write method.type: adaption_prompt, or leave it out"},
    Idle{"method.adapter_len",
         [](const TrainingSpec& s) {
             return s.method.type != "adaption_prompt" && s.method.adapter_len != usual().adapter_len;
         },
         belongs_to_another, "write method.type: adaption_prompt, or leave it out"},
    Idle{"method.alpha_pattern", [](const TrainingSpec& s) { return !is_lora(s) && !s.method.alpha_pattern.empty(); },
         has_no_matrices, use_lora},
    Idle{"method.bottleneck_size",
         [](const TrainingSpec& s) {
             return s.method.type != "bottleneck" && s.method.bottleneck_size != usual().bottleneck_size;
         },
         belongs_to_another, "write method.type: bottleneck, or leave it out"},
    Idle{"method.encoder_hidden_size",
         [](const TrainingSpec& s) {
             return s.method.type != "p_tuning" && s.method.encoder_hidden_size != usual().encoder_hidden_size;
         },
         belongs_to_another, "write method.type: p_tuning, or leave it out"},
    Idle{"method.feedforward_modules",
         [](const TrainingSpec& s) { return s.method.type != "ia3" && !s.method.feedforward_modules.empty(); },
         belongs_to_another, "write method.type: ia3, or leave it out"},
    Idle{"method.freeze_layers", [](const TrainingSpec& s) { return !is_full(s) && s.method.freeze_layers > 0; },
         freezes_all, use_full},
    Idle{"method.freeze_modules", [](const TrainingSpec& s) { return !is_full(s) && !s.method.freeze_modules.empty(); },
         freezes_all, use_full},
    Idle{"method.lora_alpha",
         [](const TrainingSpec& s) { return !is_lora(s) && s.method.lora_alpha != usual().lora_alpha; },
         has_no_matrices, use_lora},
    Idle{"method.lora_dropout",
         [](const TrainingSpec& s) { return !is_lora(s) && s.method.lora_dropout != usual().lora_dropout; },
         has_no_matrices, use_lora},
    Idle{"method.modules_to_save",
         [](const TrainingSpec& s) { return !is_lora(s) && !s.method.modules_to_save.empty(); }, saves_all, use_lora},
    Idle{"method.num_virtual_tokens",
         [](const TrainingSpec& s) {
             return !takes_tokens(s) && s.method.num_virtual_tokens != usual().num_virtual_tokens;
         },
         belongs_to_another, "write method.type: prompt_tuning, or leave it out"},
    Idle{"method.r", [](const TrainingSpec& s) { return !is_lora(s) && s.method.r != usual().r; }, has_no_matrices,
         use_lora},
    Idle{"method.rank_pattern", [](const TrainingSpec& s) { return !is_lora(s) && !s.method.rank_pattern.empty(); },
         has_no_matrices, use_lora},
    Idle{"method.target_modules",
         [](const TrainingSpec& s) { return !takes_targets(s) && !s.method.target_modules.empty(); }, has_no_targets,
         use_lora},
    Idle{"method.use_dora", [](const TrainingSpec& s) { return !is_lora(s) && s.method.use_dora; }, has_no_matrices,
         use_lora},
    Idle{"method.use_rslora", [](const TrainingSpec& s) { return !is_lora(s) && s.method.use_rslora; }, has_no_matrices,
         use_lora},
    Idle{"model.num_classes",
         [](const TrainingSpec& s) {
             return s.model.type != "simple_cnn" && s.model.num_classes != ModelSpec{}.num_classes;
         },
         [](const TrainingSpec&) { return std::string("a model of texts has the classes of its data"); },
         "leave it out"},
    Idle{"monitoring.logging_dir",
         [](const TrainingSpec& s) { return !s.monitoring.logging_dir.empty() && !reports_to(s, "tensorboard"); },
         names_no_tensorboard, "add tensorboard to monitoring.report_to, or leave it out"},
    Idle{"monitoring.report_to",
         [](const TrainingSpec& s) { return reports_to(s, "prometheus") && s.monitoring.metrics_port == 0; },
         [](const TrainingSpec&) { return std::string("prometheus has no port to scrape"); },
         "write monitoring.metrics_port: 9400, or leave prometheus out"},
    Idle{"monitoring.run_name",
         [](const TrainingSpec& s) { return !s.monitoring.run_name.empty() && !reports_to(s, "wandb"); },
         names_no_wandb, use_wandb},
    Idle{"monitoring.wandb_entity",
         [](const TrainingSpec& s) { return !s.monitoring.wandb_entity.empty() && !reports_to(s, "wandb"); },
         names_no_wandb, use_wandb},
    Idle{"monitoring.wandb_mode",
         [](const TrainingSpec& s) { return s.monitoring.wandb_mode == "offline" && !reports_to(s, "wandb"); },
         names_no_wandb, use_wandb},
    Idle{"monitoring.wandb_project",
         [](const TrainingSpec& s) { return !s.monitoring.wandb_project.empty() && !reports_to(s, "wandb"); },
         names_no_wandb, use_wandb},
    Idle{"objective.assistant_only_loss",
         [](const TrainingSpec& s) { return s.objective.assistant_only_loss && scores_texts(s.objective.type); },
         [](const TrainingSpec& s) { return fmt::format("{} learns no tokens", s.objective.type); }, "leave it out"},
    Idle{"objective.center_rewards_coefficient",
         [](const TrainingSpec& s) {
             return s.objective.center_rewards_coefficient != 0 && s.objective.type != "reward";
         },
         [](const TrainingSpec&) { return std::string("objective.type is not reward"); }, "leave it out"},
    Idle{"objective.precompute_ref_log_probs",
         [](const TrainingSpec& s) { return s.objective.precompute_ref_log_probs && !has_reference(s); },
         has_no_reference, "leave it out"},
    Idle{"objective.ref_model_name_or_path",
         [](const TrainingSpec& s) { return !s.objective.ref_model_name_or_path.empty() && !has_reference(s); },
         has_no_reference, "leave it out"},
    Idle{"objective.response_length",
         [](const TrainingSpec& s) {
             return s.objective.response_length != ObjectiveSpec{}.response_length && s.objective.type != "ppo";
         },
         [](const TrainingSpec&) { return std::string("objective.type is not ppo"); }, "leave it out"},
    Idle{"objective.teacher_model_name_or_path",
         [](const TrainingSpec& s) {
             return !s.objective.teacher_model_name_or_path.empty() && s.objective.type != "distillation";
         },
         [](const TrainingSpec&) { return std::string("objective.type is not distillation"); }, "leave it out"},
    Idle{"parallel.pp_virtual_stages",
         [](const TrainingSpec& s) { return s.parallel.pp_virtual_stages > 1 && s.parallel.pp_size == 1; },
         [](const TrainingSpec&) { return std::string("parallel.pp_size is 1: there is no pipeline"); },
         "leave it out"},
    Idle{"quantization.bnb_4bit_quant_type",
         [](const TrainingSpec& s) {
             return s.quantization.bnb_4bit_quant_type != QuantizationSpec{}.bnb_4bit_quant_type && !has_4_bits(s);
         },
         has_no_4_bits, "leave it out"},
    Idle{"quantization.bnb_4bit_use_double_quant",
         [](const TrainingSpec& s) { return s.quantization.bnb_4bit_use_double_quant && !has_4_bits(s); },
         has_no_4_bits, "leave it out"},
    Idle{"quantization.quant_method",
         [](const TrainingSpec& s) {
             return s.quantization.quant_method != QuantizationSpec{}.quant_method && !s.quantization.load_in_4bit &&
                    !s.quantization.load_in_8bit;
         },
         [](const TrainingSpec&) { return std::string("nothing is quantised"); },
         "write load_in_4bit or load_in_8bit: true, or leave it out"},
    Idle{"training.adam_beta1",
         [](const TrainingSpec& s) { return s.training.adam_beta1 != defaults().adam_beta1 && !reads(s).betas; },
         unread, "leave it out"},
    Idle{"training.adam_beta2",
         [](const TrainingSpec& s) { return s.training.adam_beta2 != defaults().adam_beta2 && !reads(s).betas; },
         unread, "leave it out"},
    Idle{"training.adam_epsilon",
         [](const TrainingSpec& s) { return s.training.adam_epsilon != defaults().adam_epsilon && !reads(s).epsilon; },
         unread, "leave it out"},
    Idle{"training.disable_kernels",
         [](const TrainingSpec& s) { return s.model.type == "simple_cnn" && !s.training.disable_kernels.empty(); },
         [](const TrainingSpec&) { return std::string("simple_cnn has none of these kernels"); }, "leave it out"},
    Idle{"training.eval_steps",
         [](const TrainingSpec& s) {
             return s.training.eval_steps != defaults().eval_steps && s.training.eval_strategy != "steps";
         },
         is_never_read, "set training.eval_strategy: steps"},
    Idle{"training.momentum", [](const TrainingSpec& s) { return s.training.momentum != 0 && !reads(s).momentum; },
         unread, "leave it out, or set training.optim: sgd"},
    Idle{"training.warmup_ratio", [](const TrainingSpec& s) { return s.training.warmup_ratio > 0 && is_constant(s); },
         has_no_warmup, "set training.lr_scheduler_type: constant_with_warmup"},
    Idle{"training.warmup_ratio",
         [](const TrainingSpec& s) {
             return s.training.warmup_ratio > 0 && s.training.warmup_steps > 0 && !is_constant(s);
         },
         [](const TrainingSpec&) { return std::string("training.warmup_steps is there too, and overrides it"); },
         "leave out one of them"},
    Idle{"training.warmup_steps", [](const TrainingSpec& s) { return s.training.warmup_steps > 0 && is_constant(s); },
         has_no_warmup, "set training.lr_scheduler_type: constant_with_warmup"},
};
static_assert(std::ranges::is_sorted(table, {}, &Idle::field));

}  // namespace

Diagnostics idle_settings(const TrainingSpec& spec) {
    Diagnostics warnings;
    for (const Idle& idle : table)
        if (idle.has_no_effect(spec))
            warnings.push_back(
                warning(std::string(idle.field), idle.why(spec) + ", so it has no effect", std::string(idle.fix)));
    return warnings;
}

}  // namespace ktrain::spec
