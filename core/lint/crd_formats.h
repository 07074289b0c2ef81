// The formats of texts that schemas of custom resources name, as an API server looks at them.
#pragma once

#include <string_view>

namespace ktrain::lint {

struct CrdFormat {
    std::string_view name;
    std::string_view pattern;         // what it must match; empty: any text
    bool (*holds)(std::string_view);  // and what must hold of it; null: nothing
    std::string_view problem;
    std::string_view fix;
};

// Names are compared without their dashes, as the server does. Null for a format that it passes over.
const CrdFormat* crd_format(std::string_view name);
bool holds(const CrdFormat& format, std::string_view text);

}  // namespace ktrain::lint
