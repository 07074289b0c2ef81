// What remarks about the handbook ask of a job.
#include "core/estimate/handbook_case.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/estimate/handbook.h"
#include "core/estimate/parted.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/method_lora.h"

namespace ktrain::handbook {

std::string gigabytes(double bytes) {
    return human_bytes(static_cast<std::uint64_t>(std::clamp(bytes, 0.0, 1e18)));
}

bool Case::about(double low, double high) const {
    return parameters() >= low * 1e9 && parameters() <= high * 1e9;
}

bool Case::lora() const {
    return uses_lora(spec().method);
}

bool Case::quantised() const {
    return !full() && weight_bits(spec()) < 16;
}

double Case::tokens() const {
    return static_cast<double>(spec().training.per_device_train_batch_size) *
           static_cast<double>(counted_length(spec(), estimate.shape));
}

double Case::line(std::string_view label) const {
    for (const MemoryLine& each : estimate.memory.lines)
        if (each.label == label) return static_cast<double>(each.bytes);
    return 0;
}

std::optional<double> Case::trained() const {
    return estimate.trainable_parameters ? std::optional(static_cast<double>(*estimate.trainable_parameters))
                                         : std::nullopt;
}

std::optional<double> Case::parted(std::int64_t over) const {
    const auto step = parted_over(estimate, over);
    return step ? std::optional(static_cast<double>(step->active)) : std::nullopt;
}

std::string_view Case::gpu() const {
    if (estimate.wanted) return estimate.wanted->gpu.id;
    return full() ? "a100-80gb" : quantised() ? "a10g" : "a100-40gb";
}

}  // namespace ktrain::handbook
