// The changes that mend a finding, by what they do. Paths are those of Spots.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/text.h"

namespace ktrain::lint {

inline Change set_value(std::string path, Json value) {
    return {Change::Kind::replace, std::move(path), "", std::move(value)};
}
inline Change add_member(std::string path, std::string key, Json value) {
    return {Change::Kind::add, std::move(path), std::move(key), std::move(value)};
}
inline Change remove_value(std::string path) {
    return {Change::Kind::remove, std::move(path), "", nullptr};
}
inline Change rename_key(std::string path, std::string key) {
    return {Change::Kind::rename, std::move(path), std::move(key), nullptr};
}

// Whether no other candidate than `near` can have been meant by the word.
inline bool is_clear(std::string_view word, std::string_view near, std::vector<std::string_view> candidates) {
    if (near.empty()) return false;
    std::erase(candidates, near);
    return nearest(word, candidates).empty();
}

}  // namespace ktrain::lint
