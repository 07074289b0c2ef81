// A plausible shape for a model of which only the number of parameters is known.
#pragma once

#include "core/model/shape.h"

namespace ktrain {

// A bare count with the sizes of a dense model like Llama 3 (below a billion parameters, like SmolLM2): the hidden size
// and the MLP's are interpolated between those of the catalog, over the logarithm of the count, and rounded to whole
// groups of heads; the layers are as many as come nearest to the count. Below the smallest of them heads get narrower and
// the vocabulary shrinks, so that the count stays near down to a million. The source becomes "guess", the note says what
// was guessed, and the number of parameters stays as asked. A shape that has sizes, or no count, is returned as it is.
ModelShape guessed_shape(const ModelShape& bare);

}  // namespace ktrain
