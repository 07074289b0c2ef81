// Label selectors, checked before a server is asked: it would refuse each list of a command.
#pragma once

#include <string_view>

namespace ktrain::kube {

// Errors: Error{usage} that names the selector and says what is wrong with it in the words of kubectl.
void check_selector(std::string_view text);

}  // namespace ktrain::kube
