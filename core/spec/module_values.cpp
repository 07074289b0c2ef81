// Numbers for some modules of a model, by the ends of their names.
#include "core/spec/module_values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <regex>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::spec {
namespace {

// The matcher takes stack for every letter; no module and no sensible pattern is longer.
constexpr std::size_t longest = 1000;

std::function<bool(const std::string&)> matcher(const std::string& pattern) try {
    if (pattern.size() > longest) throw std::regex_error(std::regex_constants::error_space);
    return [form = std::regex("(.*\\.)?(" + pattern + ")")](const std::string& module) {
        return module.size() <= longest && std::regex_match(module, form);
    };
} catch (const std::regex_error&) {
    throw Error(ErrorKind::input, fmt::format("\"{}\" is no pattern for names of modules", printable(pattern)), {},
                "write the end of a module's name, such as mlp.down_proj, or a regular expression for it");
}

}  // namespace

std::optional<double> number_above_zero(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value <= 0) return {};
    return value;
}

ModuleValues::ModuleValues(const std::vector<std::pair<std::string, double>>& values) {
    for (const auto& [pattern, value] : values) entries_.push_back({matcher(pattern), value});
}

std::optional<double> ModuleValues::of(const std::string& module) const {
    for (const Entry& entry : entries_)
        if (entry.fits(module)) return entry.value;
    return std::nullopt;
}

}  // namespace ktrain::spec
