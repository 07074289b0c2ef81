// Pairs of answers, one preferred to the other, whose prompt is their common beginning.
// Source: TRL 1.16, data_utils.py, extract_prompt.
#pragma once

#include "core/base/json.h"

namespace ktrain::trainer {

// Three texts, or three lists of messages.
struct Preference {
    Json prompt;
    Json chosen;
    Json rejected;
};

// Splits the common beginning off; both keep something. A blank before the difference belongs to the answers.
// Errors: Error{input} when the two are not both texts or both lists, or one is empty.
Preference split_preference(const Json& chosen, const Json& rejected);

}  // namespace ktrain::trainer
