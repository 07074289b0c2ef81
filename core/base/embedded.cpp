// Look-up of compiled-in files.
#include "core/base/embedded.h"

#include <algorithm>

#include "core/base/error.h"

namespace ktrain {

std::string_view embedded(std::string_view name) {
    const auto files = embedded_files();
    const auto found = std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& f) { return f.name == name; });
    if (found == files.end()) throw Error(ErrorKind::bug, "no compiled-in file " + std::string(name));
    return found->content;
}

}  // namespace ktrain
