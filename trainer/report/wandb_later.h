// What W&B did not get, kept for `wandb sync`.
#pragma once

#include <cstdint>
#include <string>

#include "trainer/report/wandb.h"

namespace ktrain::trainer {

// The lines of a run that is over.
struct WandbLoss {
    std::int64_t lost = 0;  // never 0
    bool begun = false;     // W&B has some of its lines: the whole run goes there under another id then
    int exit_code = 0;
};

// Writes the run whole into an offline folder, from the metrics.jsonl beside settings.folder. Returns the sentence that
// says what was not sent, and how it is sent later; why not, where the folder cannot be made.
std::string keep_for_later(WandbSettings settings, const WandbLoss& loss) noexcept;

}  // namespace ktrain::trainer
