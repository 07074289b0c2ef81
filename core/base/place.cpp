// Printing of places and building of JSON paths.
#include "core/base/place.h"

#include <algorithm>
#include <cctype>

namespace ktrain {

std::string to_string(const Place& place) {
    std::string text = place.file;
    if (place.line > 0) {
        text += (text.empty() ? "line " : ":") + std::to_string(place.line);
        if (place.column > 0) text += ":" + std::to_string(place.column);
    }
    return text;
}

std::string join_path(const std::string& base, const std::string& key) {
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    if (!plain) return base + "[\"" + key + "\"]";
    return base.empty() ? key : base + "." + key;
}

std::string join_path(const std::string& base, std::size_t index) { return base + "[" + std::to_string(index) + "]"; }

}  // namespace ktrain
