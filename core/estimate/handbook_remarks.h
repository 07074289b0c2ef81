// Where the handbook's words about memory (section 1 and others) contradict each other or what is measured, and whether
// that matters for a job.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/estimate.h"

namespace ktrain {

struct HandbookRemark {
    std::string_view name;     // "gradients-in-float32"
    std::string_view section;  // of the handbook
    std::string text;          // what it says, and what holds for this job
};

// Those that apply, in the order of the table. `detailed`: an estimate of profile detailed.
std::vector<HandbookRemark> handbook_remarks(const Estimate& detailed);

}  // namespace ktrain
