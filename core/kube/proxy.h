// Which proxy the environment names for a server, by the rules of kubectl: those of Go, not of libcurl.
#pragma once

#include <string>

#include "core/base/world.h"

namespace ktrain::kube {

// The URL of HTTPS_PROXY or HTTP_PROXY by the scheme of the server's URL (or the same in lower case), unless NO_PROXY
// names the server: a domain with what is below it, ".domain" for that alone, an address, a range in CIDR, each with a
// port or without, or "*". Empty: no proxy. This machine itself is asked directly.
std::string proxy_of(const std::string& server, const Env& env);

}  // namespace ktrain::kube
