// The table of what is accepted without effect.
#include "core/spec/foreign.h"

#include <algorithm>
#include <array>

#include "core/base/names.h"

namespace ktrain::spec {
namespace {

constexpr std::array foreign{
    ForeignField{"lora", "bias", "none", "biases keep their values under LoRA"},
    ForeignField{"training", "dataloader_pin_memory", "", "batches are used where they are made"},
    ForeignField{"training", "ddp_find_unused_parameters", "", "every parameter that trains gets a gradient"},
    ForeignField{"training", "do_eval", "", "training.eval_strategy says when to evaluate"},
    ForeignField{"training", "do_train", "", "run always trains"},
    ForeignField{"training", "fp16", "false", "computing is in float32 or bfloat16, see training.bf16"},
    ForeignField{"training", "overwrite_output_dir", "", "checkpoint.resume_from_checkpoint says where to go on from"},
    ForeignField{"training", "remove_unused_columns", "", "columns that are not used are never read"},
    ForeignField{"lora", "task_type", "CAUSAL_LM", "the task follows from objective.type"},
    ForeignField{"model", "trust_remote_code", "", "no code of a model is ever run"},
};
static_assert(std::ranges::is_sorted(foreign, {}, &ForeignField::name));

}  // namespace

std::span<const ForeignField> foreign_fields() {
    return foreign;
}

const ForeignField* find_foreign(std::string_view name) {
    const auto row = std::ranges::find(foreign, name, &ForeignField::name);
    return row == foreign.end() ? nullptr : &*row;
}

bool asks_nothing(const ForeignField& row, std::string_view value) {
    return row.accepted.empty() || lower(value) == lower(row.accepted);
}

}  // namespace ktrain::spec
