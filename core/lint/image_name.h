// Names of images as nodes read them.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::lint {

// Why no node can pull an image of this name, to follow its quotation; "" when it can be one.
std::string image_problem(std::string_view image);

}  // namespace ktrain::lint
