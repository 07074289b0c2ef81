// Looks for it as tests/parity/packages.py names it.
#include "tests/support/fetched.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/base/digest.h"
#include "core/base/world.h"
#include "tests/support/paths.h"

namespace ktrain::test {
namespace {

std::string cache() {
    const char *cache = std::getenv("KTRAIN_CACHE"), *xdg = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    if (cache != nullptr) return cache;
    return (xdg != nullptr ? std::string(xdg) : std::string(home ? home : "") + "/.cache") + "/ktrain";
}

}  // namespace

std::string fetched(const std::string& name) {
    const std::string sources = source_path("/tests/parity/" + name);
    const std::string content =
        real_files().read(sources + "/packages.lock") + real_files().read(sources + "/fetch.py");
    const std::string folder = fmt::format("{}/{}-{}", cache(), name, sha256(content).substr(0, 16));
    if (real_files().exists(folder)) return folder;
    fmt::print("SKIP {0} parity: no {1}; fetch it with tests/parity/{0}/fetch.py\n", name, folder);
    return "";
}

}  // namespace ktrain::test
