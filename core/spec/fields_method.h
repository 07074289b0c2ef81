// The fields of the groups that say which weights are trained, and how frozen ones are stored.
#pragma once

#include "core/spec/choices.h"
#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

template <>
struct Fields<MethodSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "type", .help = "Which weights are trained.", .choices = choices::method}, self.type);
        list_lora(self, visit);
        list_frozen(self, visit);
        list_others(self, visit);
    }

private:
    static void list_lora(auto& self, auto& visit) {
        visit(Field{.name = "r", .help = "Rank of the LoRA matrices.", .example = "16", .min = 1, .max = 1024}, self.r);
        visit(Field{.name = "lora_alpha",
                    .help = "Scale of the LoRA update; it is multiplied by lora_alpha / r.",
                    .min = 0,
                    .above_min = true},
              self.lora_alpha);
        visit(Field{.name = "lora_dropout", .help = "Dropout in front of the LoRA matrices.", .min = 0, .max = 1},
              self.lora_dropout);
        visit(Field{.name = "target_modules",
                    .help = "Linear layers that get LoRA matrices, or are scaled by ia3.",
                    .example = "[q_proj, v_proj]"},
              self.target_modules);
        visit(Field{.name = "use_rslora", .help = "Multiply the LoRA update by lora_alpha / sqrt(r) instead."},
              self.use_rslora);
        visit(Field{.name = "use_dora", .help = "Train the length of each weight row beside its direction (DoRA)."},
              self.use_dora);
        visit(Field{.name = "modules_to_save",
                    .help = "Modules that are trained whole and saved with the adapter.",
                    .example = "[embed_tokens, lm_head]"},
              self.modules_to_save);
        visit(Field{.name = "rank_pattern",
                    .help = "Ranks of some layers instead of r, such as {q_proj: 16}.",
                    .example = "{q_proj: 16, layers.0.self_attn.v_proj: 4}"},
              self.rank_pattern);
        visit(Field{.name = "alpha_pattern",
                    .help = "Values of some layers instead of lora_alpha, such as {q_proj: 32}.",
                    .example = "{q_proj: 32}"},
              self.alpha_pattern);
    }

    static void list_frozen(auto& self, auto& visit) {
        visit(Field{.name = "freeze_layers",
                    .help = "First layers that keep their weights when the whole model is trained.",
                    .min = 0,
                    .max = 4096},
              self.freeze_layers);
        visit(Field{.name = "freeze_modules",
                    .help = "Modules that keep their weights when the whole model is trained.",
                    .example = "[embed_tokens]"},
              self.freeze_modules);
    }

    static void list_others(auto& self, auto& visit) {
        visit(Field{.name = "num_virtual_tokens",
                    .help = "Trained tokens, or keys and values, in front of every text.",
                    .min = 1,
                    .max = 65536},
              self.num_virtual_tokens);
        visit(Field{.name = "encoder_hidden_size",
                    .help = "Width of the MLP behind p_tuning's tokens; 0: that of the model.",
                    .min = 0,
                    .max = 1 << 20},
              self.encoder_hidden_size);
        visit(Field{.name = "feedforward_modules",
                    .help = "Targets of ia3 whose inputs are scaled instead of their outputs.",
                    .example = "[down_proj]"},
              self.feedforward_modules);
        visit(Field{.name = "adapter_len",
                    .help = "Trained tokens of adaption_prompt in each layer.",
                    .min = 1,
                    .max = 65536},
              self.adapter_len);
        visit(Field{.name = "adapter_layers",
                    .help = "Last layers that adaption_prompt adapts; 0: all.",
                    .min = 0,
                    .max = 4096},
              self.adapter_layers);
        visit(Field{.name = "bottleneck_size",
                    .help = "Inner width of the adapters of method.type bottleneck.",
                    .min = 1,
                    .max = 1 << 20},
              self.bottleneck_size);
    }
};

template <>
struct Fields<QuantizationSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "quant_method",
                    .help = "How the frozen linear layers were quantised.",
                    .choices = choices::quant_method},
              self.quant_method);
        visit(Field{.name = "load_in_4bit", .help = "Hold the frozen linear layers in 4 bits."}, self.load_in_4bit);
        visit(Field{.name = "load_in_8bit", .help = "Hold the frozen linear layers in 8 bits."}, self.load_in_8bit);
        visit(Field{.name = "bnb_4bit_quant_type", .help = "4-bit code book.", .choices = choices::quant_type},
              self.bnb_4bit_quant_type);
        visit(Field{.name = "bnb_4bit_use_double_quant", .help = "Quantise the constants of the blocks as well."},
              self.bnb_4bit_use_double_quant);
        visit(Field{.name = "bnb_4bit_compute_dtype",
                    .help = "Type the 4-bit weights are expanded to for computing.",
                    .choices = choices::dtype},
              self.bnb_4bit_compute_dtype);
    }
};

}  // namespace ktrain::spec
