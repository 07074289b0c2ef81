// Golden tests: every folder under tests/golden/<topic>/ is a case; KTRAIN_UPDATE_GOLDEN=1 writes what is expected.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/world.h"
#include "tests/support/paths.h"

namespace ktrain::test {

inline std::vector<std::string> golden_cases(const std::string& topic) {
    std::vector<std::string> folders;
    for (const auto& entry :
         std::filesystem::directory_iterator(source_path("/tests/golden/" + topic)))
        if (entry.is_directory()) folders.push_back(entry.path().string());
    std::ranges::sort(folders);
    REQUIRE_FALSE(folders.empty());
    return folders;
}

// The file is equal to `actual`, byte for byte; for an empty text it does not exist.
inline void check_golden(const std::string& path, const std::string& actual) {
    if (std::getenv("KTRAIN_UPDATE_GOLDEN") != nullptr) {
        if (actual.empty())
            real_files().remove(path);
        else
            real_files().write(path, actual);
    }
    const std::string expected = real_files().exists(path) ? real_files().read(path) : "";
    CHECK_MESSAGE(actual == expected, path << " differs; look at the change, then run with KTRAIN_UPDATE_GOLDEN=1");
}

}  // namespace ktrain::test
