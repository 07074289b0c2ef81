// The objectives, and which of them score texts as a whole instead of predicting the next token.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace ktrain::spec {

struct ObjectiveRow {
    std::string_view name;
    bool scores_texts = false;
    bool estimate_only = false;  // no trainer of this version takes it
};

inline constexpr std::array objectives{
    ObjectiveRow{"classification", true},
    ObjectiveRow{.name = "distillation", .estimate_only = true},
    ObjectiveRow{.name = "dpo", .estimate_only = true},
    ObjectiveRow{.name = "kto", .estimate_only = true},
    ObjectiveRow{.name = "orpo", .estimate_only = true},
    ObjectiveRow{.name = "ppo", .estimate_only = true},
    ObjectiveRow{"pretrain"},
    ObjectiveRow{"reward", true},
    ObjectiveRow{"sft"},
};
static_assert(std::ranges::is_sorted(objectives, {}, &ObjectiveRow::name));

// nullptr for a name that the spec does not allow.
constexpr const ObjectiveRow* find_objective(std::string_view name) {
    const auto row = std::ranges::find(objectives, name, &ObjectiveRow::name);
    return row == objectives.end() ? nullptr : &*row;
}

// Of a language model; empty is sft.
constexpr bool scores_texts(std::string_view objective) {
    const ObjectiveRow* row = find_objective(objective);
    return row != nullptr && row->scores_texts;
}

}  // namespace ktrain::spec
