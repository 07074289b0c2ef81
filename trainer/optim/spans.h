// Stretches of the arena that an optimizer treats alike.
#pragma once

#include <vector>

#include "trainer/optim/optimizer.h"

namespace ktrain::trainer {

struct Span {
    std::int64_t begin = 0, end = 0;
    bool decays = true;

    std::int64_t size() const { return end - begin; }
    float* in(const at::Tensor& flat) const { return flat.mutable_data_ptr<float>() + begin; }
};

// The parameters that train; neighbours with the same decay are one.
std::vector<Span> spans_of(const Parameters& parameters, const DecayRule& decays);

// The parts of a tensor that is laid out like the parameters that train: "<parameter>.<what>".
void add_parts(NamedTensors& state, const Parameters& parameters, const at::Tensor& flat, std::string_view what);

}  // namespace ktrain::trainer
