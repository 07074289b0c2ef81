// The objectives, and which of them score texts as a whole instead of predicting the next token.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace ktrain::spec {

struct ObjectiveRow {
    std::string_view name;
    bool scores_texts;
};

inline constexpr std::array objectives{ObjectiveRow{"classification", true}, ObjectiveRow{"pretrain", false},
                                       ObjectiveRow{"reward", true}, ObjectiveRow{"sft", false}};
static_assert(std::ranges::is_sorted(objectives, {}, &ObjectiveRow::name));

// Of a language model; empty is sft.
constexpr bool scores_texts(std::string_view objective) {
    const auto row = std::ranges::find(objectives, objective, &ObjectiveRow::name);
    return row != objectives.end() && row->scores_texts;
}

}  // namespace ktrain::spec
