// The most that fits a GPU: samples of a batch, or tokens of a sequence.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/estimate/calibration.h"
#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

struct Largest {
    std::int64_t value = 0;
    std::int64_t needed = 0;  // bytes of a GPU, as recommended
};

enum class Extent { batch, length };

// For spec.resources.gpu, with everything else as the spec says; a sequence is no longer than the model's positions.
// Nothing when not even one fits. Errors: Error{input} without a GPU, and as estimate().
std::optional<Largest> largest_that_fits(const TrainingSpec& spec, const ModelShape& shape, Extent extent,
                                         std::string_view framework = "ktrain", const ModelShape* other = nullptr,
                                         const Calibration& calibration = {});

}  // namespace ktrain
