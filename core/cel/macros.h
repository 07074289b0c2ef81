// The macros of the rule language: calls whose arguments are names of variables and expressions over them.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core/cel/program.h"

namespace ktrain::cel {

struct MacroForm {
    std::string_view name;
    std::size_t arguments;
    Macro macro;
    bool pair;  // two variables
};

inline constexpr std::array<MacroForm, 19> macro_forms{{
    {"all", 2, Macro::all, false},
    {"all", 3, Macro::all, true},
    {"exists", 2, Macro::exists, false},
    {"exists", 3, Macro::exists, true},
    {"existsOne", 3, Macro::exists_one, true},
    {"exists_one", 2, Macro::exists_one, false},
    {"exists_one", 3, Macro::exists_one, true},
    {"filter", 2, Macro::filter, false},
    {"map", 2, Macro::map, false},
    {"map", 3, Macro::map, false},
    {"optFlatMap", 2, Macro::opt_flat_map, false},
    {"optMap", 2, Macro::opt_map, false},
    {"sortBy", 2, Macro::sort_by, false},
    {"transformList", 3, Macro::transform_list, true},
    {"transformList", 4, Macro::transform_list, true},
    {"transformMap", 3, Macro::transform_map, true},
    {"transformMap", 4, Macro::transform_map, true},
    {"transformMapEntry", 3, Macro::transform_map_entry, true},
    {"transformMapEntry", 4, Macro::transform_map_entry, true},
}};
static_assert(std::is_sorted(macro_forms.begin(), macro_forms.end(), [](const MacroForm& a, const MacroForm& b) {
    return a.name != b.name ? a.name < b.name : a.arguments < b.arguments;
}));

// Null when there is no macro of that name with so many arguments.
constexpr const MacroForm* find_macro(std::string_view name, std::size_t arguments) {
    for (const MacroForm& form : macro_forms) {
        if (form.name == name && form.arguments == arguments) return &form;
    }
    return nullptr;
}

}  // namespace ktrain::cel
