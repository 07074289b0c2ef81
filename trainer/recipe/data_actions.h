// What `ktrain data` does: texts made to tokens, looked at, counted and split, by the rules of a run.
#pragma once

#include "core/base/json.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// `request`: {"command": tokenize, preview, stats or split; "spec": resolved spec} and for preview "row" (or null) and
// "limit", for split "output". Ends with one "data" event that holds the answer. Returns the signal that stopped it, or
// 0. Errors: Error{input} for a spec without data or tokenizer, and what reading and encoding rows throws;
// Error{conflict} for an output folder that is there.
int data_action(const Json& request, const Host& host);

}  // namespace ktrain::trainer
