// `ktrain eval`: loss, perplexity and multiple choice of a model that is there.
#pragma once

#include "core/base/json.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// `request`: {"spec": resolved spec, whose model may be an adapter; "base": folder or ""; "tasks": [files of
// questions]}. Evaluates what a run of the spec would evaluate (all its rows where none are held out), if it names
// data, and each task. Ends with one "evaluated" event in the form of lm-eval's results. Returns the signal that
// stopped it, or 0. Errors: Error{input} for nothing to evaluate, two tasks of one name, and what reading model, data
// and tasks throws.
int evaluate_model(const Json& request, const Host& host);

}  // namespace ktrain::trainer
