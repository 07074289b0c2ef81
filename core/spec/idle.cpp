// The table of what is accepted without effect.
#include "core/spec/idle.h"

#include <algorithm>
#include <array>

#include "core/base/names.h"

namespace ktrain::spec {
namespace {

constexpr std::array idle{
    Idle{"lora", "bias", "none", "biases keep their values under LoRA"},
    Idle{"training", "dataloader_pin_memory", "", "batches are used where they are made"},
    Idle{"training", "ddp_find_unused_parameters", "", "every parameter that trains gets a gradient"},
    Idle{"training", "do_eval", "", "training.eval_strategy says when to evaluate"},
    Idle{"training", "do_train", "", "run always trains"},
    Idle{"training", "fp16", "false", "computing is in float32 or bfloat16, see training.bf16"},
    Idle{"training", "overwrite_output_dir", "", "checkpoint.resume_from_checkpoint says where to go on from"},
    Idle{"training", "remove_unused_columns", "", "columns that are not used are never read"},
    Idle{"lora", "task_type", "CAUSAL_LM", "the task follows from objective.type"},
    Idle{"model", "trust_remote_code", "", "no code of a model is ever run"},
};
static_assert(std::ranges::is_sorted(idle, {}, &Idle::name));

}  // namespace

std::span<const Idle> idle_fields() {
    return idle;
}

const Idle* find_idle(std::string_view name) {
    const auto row = std::ranges::find(idle, name, &Idle::name);
    return row == idle.end() ? nullptr : &*row;
}

bool is_idle(const Idle& row, std::string_view value) {
    return row.accepted.empty() || lower(value) == lower(row.accepted);
}

}  // namespace ktrain::spec
