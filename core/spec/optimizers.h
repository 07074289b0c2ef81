// The optimizers that training.optim names: which names mean the same, what each reads and what it remembers.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/spec/spec.h"

namespace ktrain {

enum class OptimizerKind { adafactor, adam, adamw, adamw_8bit, lion, sgd };
inline constexpr std::size_t optimizer_kinds = 6;

struct OptimizerRow {
    std::string_view name;  // Hugging Face's, and PyTorch's adam and adamw
    OptimizerKind kind;
};

// Names that differ in where or how another library computes the same are one kind here: fused kernels, and state in
// pages of host memory, where the state is anyway on a CPU.
inline constexpr std::array optimizers{
    OptimizerRow{"adafactor", OptimizerKind::adafactor},
    OptimizerRow{"adam", OptimizerKind::adam},
    OptimizerRow{"adamw", OptimizerKind::adamw},
    OptimizerRow{"adamw_8bit", OptimizerKind::adamw_8bit},
    OptimizerRow{"adamw_apex_fused", OptimizerKind::adamw},
    OptimizerRow{"adamw_bnb_8bit", OptimizerKind::adamw_8bit},
    OptimizerRow{"adamw_torch", OptimizerKind::adamw},
    OptimizerRow{"adamw_torch_fused", OptimizerKind::adamw},
    OptimizerRow{"lion_32bit", OptimizerKind::lion},
    OptimizerRow{"paged_adamw_32bit", OptimizerKind::adamw},
    OptimizerRow{"paged_adamw_8bit", OptimizerKind::adamw_8bit},
    OptimizerRow{"paged_lion_32bit", OptimizerKind::lion},
    OptimizerRow{"sgd", OptimizerKind::sgd},
};
static_assert(std::ranges::is_sorted(optimizers, {}, &OptimizerRow::name));

// Errors: Error{bug} for a name the spec does not allow.
const OptimizerRow& optimizer_row(std::string_view name);

// Which settings of TrainingArgs an optimizer reads beside learning_rate and weight_decay.
struct OptimizerReads {
    bool betas = false, epsilon = false, momentum = false;
};
OptimizerReads optimizer_reads(OptimizerKind kind);

// What is remembered of each parameter that trains: `bytes`, and `bytes_per_block` for 256 parameters. Adafactor's rows
// and columns of matrices are not counted: of a model's matrices they are less than 1 in 100 values.
struct OptimizerState {
    std::int64_t bytes = 0, bytes_per_block = 0;

    double per_parameter() const { return static_cast<double>(bytes) + static_cast<double>(bytes_per_block) / 256; }
};
OptimizerState optimizer_state(const TrainingArgs& args);

}  // namespace ktrain
