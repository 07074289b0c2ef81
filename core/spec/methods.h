// The methods that method.type names: which fields of the spec each reads, and which can only be estimated.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace ktrain::spec {

struct MethodRow {
    std::string_view name;            // PEFT's, where it has the method
    bool estimate_only = true;        // no trainer of this version takes it
    bool lora = false;                // reads r, lora_alpha and the other fields of LoRA
    bool target_modules = false;      // reads them
    bool num_virtual_tokens = false;  // reads them
    bool checkpointing = true;        // goes with training.gradient_checkpointing
};

inline constexpr std::array methods{
    MethodRow{"adaption_prompt"},
    MethodRow{"bottleneck"},
    MethodRow{"full", false},
    MethodRow{.name = "ia3", .target_modules = true},
    MethodRow{"ln_tuning"},
    MethodRow{"lora", false, true, true},
    MethodRow{.name = "p_tuning", .num_virtual_tokens = true},
    MethodRow{.name = "prefix_tuning", .num_virtual_tokens = true, .checkpointing = false},
    MethodRow{.name = "prompt_tuning", .num_virtual_tokens = true},
    MethodRow{"qlora", true, true, true},
};
static_assert(std::ranges::is_sorted(methods, {}, &MethodRow::name));

// nullptr for a name that the spec does not allow.
constexpr const MethodRow* find_method(std::string_view name) {
    const auto row = std::ranges::find(methods, name, &MethodRow::name);
    return row == methods.end() ? nullptr : &*row;
}

}  // namespace ktrain::spec
