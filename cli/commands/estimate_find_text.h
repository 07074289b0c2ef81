// How plans are shown to people.
#pragma once

#include <string>
#include <vector>

#include "core/estimate/find.h"

namespace ktrain {

// The cheapest and the fastest plans, what has to be said about them, and the first of each as --set lines; or, where
// there is none, what comes nearest. `width`: of the terminal, 0 for none.
std::string find_report(const FindResult& result, const FindInput& input, std::size_t width);

// One plan in two lines, and whether it keeps the limits.
std::string judged_report(const NearPlan& given, const FindInput& input);
std::string notes_text(const std::vector<std::string>& notes);  // a line each
std::string nearest_report(const FindResult& result, const FindInput& input, std::size_t width);

// The offers of the plans that find_report shows, for their dates.
std::vector<Offer> shown_offers(const FindResult& result);

}  // namespace ktrain
