// Where the tests find what they read and start. In a file of its own, so that a compiler cache knows the others again
// in another folder.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::test {

// A path of the source tree, from its root: "/tests/golden".
std::string source_path(std::string_view path);

extern const char* const program_path;       // ktrain
extern const char* const module_path;        // ktrain_trainer.so; empty in builds without it
extern const char* const other_module_path;  // one that speaks another version of the interface

}  // namespace ktrain::test
