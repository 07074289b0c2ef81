// Patterns of file names: '*', '?', '[a-z]', and '**' for folders of any depth.
#pragma once

#include <string_view>

namespace ktrain {

// Whether the whole path matches: "*" and "?" take no '/', "**/" takes any number of folders, none among them. Names
// that begin with a dot are matched like others.
bool glob_matches(std::string_view pattern, std::string_view path);

// Whether a name is a pattern at all.
bool is_glob(std::string_view name);

}  // namespace ktrain
