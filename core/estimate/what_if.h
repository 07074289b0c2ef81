// Estimates of what lies around a spec (other batches, lengths, ranks, ...), counted beforehand so that a page can look
// them up without counting itself.
#pragma once

#include <functional>

#include "core/base/json.h"
#include "core/estimate/estimate.h"

namespace ktrain {

// How a spec is counted; with the shape, the profile and the framework of `start`.
using Count = std::function<Estimate(const TrainingSpec&)>;

// `start`: the spec's own estimate, which is a cell of the grid. The result is
//   {axes: [{name, label, field, values, names, start}], texts, lines, phases, kinds, cells}
// where an axis has its values in ascending order, the names of the values from 0 on where a number says nothing, and
// the index of the spec's own; axes that change nothing of this job are left out. The cell at positions p of axes with
// n values is cells[(p0 * n1 + p1) * n2 + p2 ...], a number of kinds. A kind is
//   [needed, active, reserved, outside, host, trainable parameters, text of the margin, text of the peak, [lines],
//    [phases], low, high, [[GPUs, bytes]]]
// or, for what cannot be trained, the number of the text that says why. Texts are numbers of texts; lines of memory are
// numbers of lines, [text of the label, bytes, text of the formula]; phases are numbers of phases, [text of the name,
// bytes]. At the end is what each GPU of known memory has to have, in the order of Estimate::fits: so many GPUs, so
// many bytes. Unknown is null, and so is what profile docs has not. Errors: those of `count` that are not about the
// input.
Json what_if(const Estimate& start, const Count& count);

}  // namespace ktrain
