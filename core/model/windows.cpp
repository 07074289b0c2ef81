// Sliding windows by family.
#include "core/model/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/model/config_limits.h"

namespace ktrain {
namespace {

// How a family's layers are told apart where layer_types does not.
enum class Pattern { all, even, even_below, from, not_every };

struct Sliding {
    std::string_view family;
    Pattern pattern;
    std::int64_t window = 0;  // when the config does not say; 0: none
    bool switched = false;    // only with use_sliding_window
};

// The code of other families does not look at sliding_window.
constexpr std::array table{
    Sliding{"gemma2", Pattern::even, 4096},
    Sliding{"gemma3", Pattern::not_every, 4096},
    Sliding{"gemma3_text", Pattern::not_every, 4096},
    Sliding{"gpt_oss", Pattern::even, 128},
    Sliding{"mistral", Pattern::all, 4096},
    Sliding{"mixtral", Pattern::all},
    Sliding{"phi3", Pattern::all},
    Sliding{"qwen2", Pattern::from, 4096, true},
    Sliding{"qwen2_moe", Pattern::even_below, 4096, true},
    Sliding{"qwen3", Pattern::from, 4096, true},
    Sliding{"qwen3_moe", Pattern::all, 4096, true},
};
static_assert(std::ranges::is_sorted(table, {}, &Sliding::family));

struct Groups {
    std::int64_t of = 6;  // not_every: the last of so many layers sees all
    double from = 28;     // max_window_layers
};

bool slides(Pattern pattern, const Groups& groups, std::int64_t layer) {
    const bool below = static_cast<double>(layer) < groups.from;
    switch (pattern) {
        case Pattern::all:
            return true;
        case Pattern::even:
            return layer % 2 == 0;
        case Pattern::even_below:
            return layer % 2 == 0 && below;
        case Pattern::from:
            return !below;
        case Pattern::not_every:
            break;
    }
    return (layer + 1) % groups.of != 0;
}

}  // namespace

std::vector<std::int64_t> read_windows(const ConfigReader& config, std::string_view family, std::int64_t layers) {
    std::vector<std::int64_t> windows(static_cast<std::size_t>(layers), 0);
    const auto row = std::ranges::find(table, family, &Sliding::family);
    if (row == table.end() || (row->switched && !config.flag_or("use_sliding_window", false))) return windows;
    if (!config.says("sliding_window") ? row->window == 0 : !config.has("sliding_window")) return windows;
    const std::int64_t window = config.size_or("sliding_window", config_limits::width, row->window);
    const std::vector<std::string> types = config.texts("layer_types");
    if (!types.empty() && types.size() != windows.size())
        config.fail("layer_types", fmt::format("layer_types has {} entries for {} layers", types.size(), layers));
    const Groups groups{config.size_or("sliding_window_pattern", config_limits::layers, 6),
                        config.number_or("max_window_layers", 28)};
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const bool on = types.empty() ? slides(row->pattern, groups, static_cast<std::int64_t>(i))
                                      : types[i] == "sliding_attention";
        if (on) windows[i] = window;
    }
    return windows;
}

std::int64_t usual_sliding_layers(std::string_view family, std::int64_t layers) {
    const auto row = std::ranges::find(table, family, &Sliding::family);
    const Pattern pattern = row == table.end() ? Pattern::all : row->pattern;
    std::int64_t sliding = 0;
    for (std::int64_t i = 0; i < layers; ++i) sliding += slides(pattern, {}, i) ? 1 : 0;
    return sliding;
}

}  // namespace ktrain
