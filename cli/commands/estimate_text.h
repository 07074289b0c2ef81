// An estimate as people read it.
#pragma once

#include <cstddef>
#include <string>

#include "cli/term/output.h"
#include "core/estimate/estimate.h"

namespace ktrain {

// `width`: columns of the terminal; 0: as wide as it gets.
std::string estimate_report(const Estimate& result, std::size_t width);

// The parts of it that other formats share, without line ends.
std::string estimate_headline(const Estimate& result);
std::string estimate_verdict(const Estimate& result);  // on the GPU that was asked for
// The GPUs around the border between too small and large enough, smallest first, and how many there are beyond: lines.
struct NearFits {
    term::Table table;
    std::string beyond;
};
NearFits near_fits(const std::vector<Fit>& fits);

}  // namespace ktrain
