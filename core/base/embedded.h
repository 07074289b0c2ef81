// The files of templates/ as compiled into the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ktrain {

struct EmbeddedFile {
    std::string_view name;  // relative to templates/, such as "gpus.csv" or "init/cnn.yaml"
    std::string_view content;
};

std::span<const EmbeddedFile> embedded_files();  // sorted by name

// The content of one file. Errors: Error{bug} when it is not compiled in.
std::string_view embedded(std::string_view name);

}  // namespace ktrain
