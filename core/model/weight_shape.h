// The shape of a model from the names and shapes of its tensors, without their values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/shape.h"

namespace ktrain {

struct WeightTensor {
    std::string name;
    std::vector<std::int64_t> shape;  // [out, in] of a linear layer; GPT-2 has [in, out]
    std::string type;                 // "BF16", "Q4_K"
};

// The parameters are counted exactly. Sizes are those of the stack with most of them; all are 0, and the note says so,
// where there is no decoder that is known here. Heads are not in a file of tensors: their number follows from norms of
// queries, attention sinks and latent attention, is assumed otherwise, and the note says so. `file` is for messages.
// Errors: Error{input} for no tensor at all, weights that are packed into fewer bits, more layers than a model has,
// numbers that do not fit 63 bits.
ModelShape shape_of_weights(const std::vector<WeightTensor>& tensors, const std::string& file);

// Adds to the note of a shape, after "; ".
void add_note(ModelShape& shape, const std::string& note);

}  // namespace ktrain
