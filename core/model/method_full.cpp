// Frozen layers and modules.
#include "core/model/method_full.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

[[noreturn]] void unknown(const ModelShape& shape, const std::string& word, const std::vector<std::string>& modules) {
    std::vector<std::string> names = modules;
    for (const auto& module : modules) names.push_back(module.substr(module.rfind('.') + 1));
    std::string near = nearest(word, names);
    std::string hint =
        near.empty() ? fmt::format("it has {}, for example", names.back()) : fmt::format("did you mean {}?", near);
    if (shape.tied && shape.labels == 0 && word == "lm_head")
        hint =
            fmt::format("its head is its embedding: write {}", modules.front().substr(modules.front().rfind('.') + 1));
    throw Error(ErrorKind::input, fmt::format("{} has no module \"{}\"", shape.name, printable(word)),
                {"", 0, 0, "method.freeze_modules"}, hint);
}

}  // namespace

Freezing::Freezing(const ModelShape& shape, const MethodSpec& method, const std::vector<std::string>& modules)
    : layers_(layers_place(shape)), first_(method.freeze_layers), words_(method.freeze_modules) {
    if (first_ > shape.layers)
        throw Error(ErrorKind::input, fmt::format("{} has {} layers, not {}", shape.name, shape.layers, first_),
                    {"", 0, 0, "method.freeze_layers"}, fmt::format("write at most {}", shape.layers));
    for (const auto& word : words_)
        if (std::ranges::none_of(modules, [&](const auto& module) { return is_or_is_in(module, word); }))
            unknown(shape, word, modules);
}

bool Freezing::freezes(std::string_view module) const {
    if (module.starts_with(layers_)) {
        std::int64_t number = 0;
        std::from_chars(module.data() + layers_.size(), module.data() + module.size(), number);
        if (number < first_) return true;
    }
    return std::ranges::any_of(words_, [&](const auto& word) { return is_or_is_in(module, word); });
}

}  // namespace ktrain
