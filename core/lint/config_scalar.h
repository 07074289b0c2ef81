// Plain YAML scalars that readers of YAML 1.1 (PyYAML, go-yaml 2) and of YAML 1.2 take for different things.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ktrain::lint {

struct TwoReadings {
    std::string_view older;  // "a text"
    std::string_view newer;  // "a number"
    std::string instead;     // what both read as it is probably meant; "" where a person must say
    bool sure = false;       // `instead` is what those of YAML 1.2 read already: nothing but the spelling changes
};

// Of a scalar without quotes; nothing where both agree. Sources: YAML 1.1 types (yaml.org/type), the resolver of
// PyYAML 6, YAML 1.2.2 section 10.3.
std::optional<TwoReadings> two_readings(std::string_view plain);

}  // namespace ktrain::lint
