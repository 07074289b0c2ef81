// Bytes of the files of a checkpoint.
#include "core/estimate/checkpoint_files.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/count.h"
#include "core/spec/optimizers.h"

namespace ktrain {

MemoryBreakdown checkpoint_files(const TrainingSpec& spec, const ModelShape& shape,
                                 std::optional<std::int64_t> trainable) {
    const bool full = spec.method.type == "full";
    const std::int64_t trained = trainable.value_or(full ? shape.parameters : 0);
    const std::int64_t written = full ? shape.parameters : trained;
    const double state = optimizer_state(spec.training).per_parameter();
    MemoryBreakdown files;
    files.lines.push_back({"weights", product({written, 4}), fmt::format("{} x 4 B", grouped(written)), ""});
    if (spec.training.ema_decay > 0)
        files.lines.push_back({"average", product({trained, 4}), fmt::format("{} x 4 B", grouped(trained)), ""});
    files.lines.push_back({"optimizer", static_cast<std::int64_t>(static_cast<double>(trained) * state),
                           fmt::format("{} x {} B", grouped(trained), state), ""});
    return files;
}

}  // namespace ktrain
