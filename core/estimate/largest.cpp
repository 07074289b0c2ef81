// Doubles until it no longer fits, then halves the gap: memory grows with both.
#include "core/estimate/largest.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/estimate/estimate.h"

namespace ktrain {
namespace {

constexpr std::int64_t bound = std::int64_t{1} << 30;  // of both, beyond every GPU

class Trial {
public:
    Trial(const TrainingSpec& spec, const ModelShape& shape, Extent extent, std::string_view framework,
          const ModelShape* other, const Calibration& calibration)
        : spec_(spec),
          shape_(shape),
          extent_(extent),
          framework_(framework),
          other_(other),
          calibration_(calibration) {}

    // The bytes that `value` needs, if they are there.
    std::optional<std::int64_t> needs(std::int64_t value) {
        (extent_ == Extent::batch ? spec_.training.per_device_train_batch_size : spec_.objective.max_length) = value;
        Estimate result = estimate(spec_, shape_, Profile::detailed, framework_, other_);
        apply(calibration_, "", result);
        return result.wanted->fits ? std::optional(result.needed) : std::nullopt;
    }

private:
    TrainingSpec spec_;
    const ModelShape& shape_;
    Extent extent_;
    std::string_view framework_;
    const ModelShape* other_;
    const Calibration& calibration_;
};

}  // namespace

std::optional<Largest> largest_that_fits(const TrainingSpec& spec, const ModelShape& shape, Extent extent,
                                         std::string_view framework, const ModelShape* other,
                                         const Calibration& calibration) {
    if (spec.resources.gpu.empty())
        throw Error(ErrorKind::input, "what fits depends on the GPU", {"", 0, 0, "resources.gpu"},
                    "name it: --gpu a100-80gb");
    if (extent == Extent::length && shape.hidden == 0)
        throw Error(ErrorKind::input, "the model takes no tokens of a known size", {"", 0, 0, "model"},
                    "name a model of the catalog, or a folder with config.json");
    const bool limited = extent == Extent::length && shape.max_positions > 0;
    const std::int64_t most = limited ? shape.max_positions : bound;
    Trial trial(spec, shape, extent, framework, other, calibration);
    // GPUs that share a sequence have a token each.
    const std::int64_t least = extent == Extent::length ? std::max<std::int64_t>(1, spec.parallel.cp_size) : 1;
    auto needed = trial.needs(least);
    if (!needed) return std::nullopt;
    Largest best{least, *needed};
    std::int64_t beyond = most + 1;
    for (std::int64_t value = 2 * least; value < beyond; value *= 2) {
        if ((needed = trial.needs(value)))
            best = {value, *needed};
        else
            beyond = value;
    }
    while (beyond - best.value > 1) {
        const std::int64_t middle = best.value + (beyond - best.value) / 2;
        if ((needed = trial.needs(middle)))
            best = {middle, *needed};
        else
            beyond = middle;
    }
    return best;
}

}  // namespace ktrain
