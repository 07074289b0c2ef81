// Printing of places and building of JSON paths.
#include "core/base/place.h"

#include <algorithm>

#include "core/base/ascii.h"

namespace ktrain {

namespace {

bool is_plain(char c) {
    return ascii::is_alphanumeric(c) || c == '_' || c == '-';
}

}  // namespace

std::string to_string(const Place& place) {
    std::string text = place.file;
    if (place.line > 0) {
        text += (text.empty() ? "line " : ":") + std::to_string(place.line);
        if (place.column > 0) text += ":" + std::to_string(place.column);
    }
    return text;
}

std::string join_path(const std::string& base, const std::string& key) {
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), is_plain);
    if (!plain) return base + "[\"" + key + "\"]";
    if (base.empty()) return key;
    std::string path;
    path.reserve(base.size() + 1 + key.size());
    return path.append(base).append(1, '.').append(key);
}

std::string join_path(const std::string& base, std::size_t index) {
    return base + "[" + std::to_string(index) + "]";
}

}  // namespace ktrain
