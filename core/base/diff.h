// The difference of two texts as people read it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

// A unified diff with three lines of context, as `patch -p1` takes it; "" when the texts are equal.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view file);

// Lines that may not be shown, by their numbers from 0; those behind the end of a list may be.
struct ClosedLines {
    std::vector<bool> before, after;
};

struct OpenDiff {
    std::string text;
    std::size_t left_out = 0;  // hunks that change a closed line
};

// The same without closed lines: context ends before them. `patch` takes it.
OpenDiff open_diff(std::string_view before, std::string_view after, std::string_view file, const ClosedLines& closed);

}  // namespace ktrain
