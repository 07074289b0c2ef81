// Tells of each request to a server as it ends, for who wants to see them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/kube/http.h"

namespace ktrain::kube {

// `tell` gets a line for each request: its method, its path with the query, how it ended and how long that took. No
// header and no body is in it.
std::unique_ptr<Http> make_traced(std::unique_ptr<Http> http, Clock& clock,
                                  std::function<void(const std::string& line)> tell);

}  // namespace ktrain::kube
