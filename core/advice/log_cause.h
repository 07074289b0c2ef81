// Which line of a log says why its program ended.
#pragma once

#include <string_view>

#include "core/advice/symptoms.h"

namespace ktrain::advice {

// The row whose line stands nearest to the end, since programs go on after what they merely complain about. All of a
// traceback with the exceptions that led to it counts as one line, and stands behind the few lines that follow it; so
// does a line with what is indented below it, and torchrun's report of how its ranks ended. What Python ignores while
// it ends counts for nothing. Of one line the first row of the table. Rows that are certain anywhere come before all
// others, those that follow from another process's end last, and general ones (that name no cause of their own) only
// with `general`; those that are both only where nothing else in the log fits.
Symptoms::Match cause_in_log(const Symptoms& symptoms, std::string_view text, bool general);

}  // namespace ktrain::advice
