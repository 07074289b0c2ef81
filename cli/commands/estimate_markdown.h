// An estimate as a comment on a pull request.
#pragma once

#include <string>

#include "cli/commands/estimate_input.h"

namespace ktrain {

// GitHub's Markdown: the headline, the verdict, tables of components and peaks, hours and dollars where they are known.
std::string estimate_markdown(const EstimateAnswer& answer);

}  // namespace ktrain
