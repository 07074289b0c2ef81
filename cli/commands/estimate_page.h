// An estimate as a page that needs nothing beside itself.
#pragma once

#include <string>

#include "cli/commands/estimate_input.h"

namespace ktrain {

// HTML. `grid`: what_if() of the estimate. What the sliders show is looked up in it; without scripts the page has the
// estimate alone.
std::string estimate_page(const EstimateAnswer& answer, const Json& grid);

// The same data as the page's script reads: {estimate, grid, gpus: [{id, memory}], wanted: {id, memory}, shades,
// basis}.
Json page_data(const EstimateAnswer& answer, const Json& grid);

}  // namespace ktrain
