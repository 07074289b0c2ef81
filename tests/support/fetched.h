// What the fetch.py of a parity test has brought into the cache.
#pragma once

#include <string>

namespace ktrain::test {

// The folder of tests/parity/NAME/fetch.py, named by the hash of the lock and the script (tests/parity/packages.py).
// Empty, with a line that begins with SKIP, when it is not there.
std::string fetched(const std::string& name);

}  // namespace ktrain::test
