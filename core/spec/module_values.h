// Numbers for some modules of a model, by the ends of their names: rank_pattern and alpha_pattern.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/spec/spec.h"

namespace ktrain::spec {

// A number above 0 as a map of the spec holds it; nullopt when the text is none.
std::optional<double> number_above_zero(std::string_view text);

// Source: get_pattern_key of PEFT. A pattern is a regular expression for the whole name of a module, or for its end
// behind a dot; the first pattern that fits decides.
class ModuleValues {
public:
    ModuleValues() = default;
    // Errors: Error{input} for a pattern that is no regular expression.
    explicit ModuleValues(const std::vector<std::pair<std::string, double>>& values);

    std::optional<double> of(const std::string& module) const;

private:
    struct Entry {
        std::function<bool(const std::string& module)> fits;
        double value = 0;
    };
    std::vector<Entry> entries_;
};

}  // namespace ktrain::spec
