// The table of settings that have an effect only beside others.
#include "core/spec/idle_fields.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/spec/read.h"

namespace ktrain::spec {
namespace {

struct Idle {
    std::string_view path;
    bool (*is_set)(const TrainingSpec& spec);
    bool (*has_effect)(const TrainingSpec& spec);
    std::string_view why, fix;
};

bool is_full(const TrainingSpec& spec) {
    return spec.method.type == "full";
}

bool is_lora(const TrainingSpec& spec) {
    return !is_full(spec);
}

constexpr std::string_view no_lora = "it has no effect: method.type full has no LoRA matrices";
constexpr std::string_view use_lora = "write method.type: lora, or leave it out";
constexpr std::string_view no_freezing = "it has no effect: LoRA freezes the whole model";
constexpr std::string_view use_full = "write method.type: full, or leave it out";
const MethodSpec usual{};

constexpr std::array table{
    Idle{"method.alpha_pattern", [](auto& s) { return !s.method.alpha_pattern.empty(); }, is_lora, no_lora, use_lora},
    Idle{"method.freeze_layers", [](auto& s) { return s.method.freeze_layers > 0; }, is_full, no_freezing, use_full},
    Idle{"method.freeze_modules", [](auto& s) { return !s.method.freeze_modules.empty(); }, is_full, no_freezing,
         use_full},
    Idle{"method.lora_alpha", [](auto& s) { return s.method.lora_alpha != usual.lora_alpha; }, is_lora, no_lora,
         use_lora},
    Idle{"method.lora_dropout", [](auto& s) { return s.method.lora_dropout != usual.lora_dropout; }, is_lora, no_lora,
         use_lora},
    Idle{"method.modules_to_save", [](auto& s) { return !s.method.modules_to_save.empty(); }, is_lora,
         "it has no effect: method.type full trains and saves every module", use_lora},
    Idle{"method.r", [](auto& s) { return s.method.r != usual.r; }, is_lora, no_lora, use_lora},
    Idle{"method.rank_pattern", [](auto& s) { return !s.method.rank_pattern.empty(); }, is_lora, no_lora, use_lora},
    Idle{"method.target_modules", [](auto& s) { return !s.method.target_modules.empty(); }, is_lora, no_lora, use_lora},
    Idle{"method.use_dora", [](auto& s) { return s.method.use_dora; }, is_lora, no_lora, use_lora},
    Idle{"method.use_rslora", [](auto& s) { return s.method.use_rslora; }, is_lora, no_lora, use_lora},
};
static_assert(std::ranges::is_sorted(table, {}, &Idle::path));

}  // namespace

Diagnostics idle_fields(const TrainingSpec& spec) {
    Diagnostics warnings;
    for (const Idle& row : table)
        if (row.is_set(spec) && !row.has_effect(spec))
            warnings.push_back(warning(std::string(row.path), std::string(row.why), std::string(row.fix)));
    return warnings;
}

}  // namespace ktrain::spec
