// Where the handbook's words about memory and money contradict each other, what is measured or today's prices, and
// whether that matters for a job.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/estimate.h"
#include "core/estimate/prices.h"

namespace ktrain {

struct HandbookRemark {
    std::string_view name;     // "gradients-in-float32"
    std::string_view section;  // of the handbook
    std::string text;          // what it says, and what holds for this job
};

// Those that apply, in the order of the table. `detailed`: an estimate of profile detailed.
std::vector<HandbookRemark> handbook_remarks(const Estimate& detailed, const PriceTable& prices);

}  // namespace ktrain
