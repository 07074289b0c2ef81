// A run of W&B and a step of it, for tests.
#pragma once

#include <string>

#include "trainer/report/wandb_service.h"

namespace ktrain::test {

inline const std::string key = "0123456789abcdef0123456789abcdef01234567";

inline trainer::WandbSettings settings_in(const std::string& folder) {
    return {.mode = "online",
            .base_url = "https://api.wandb.ai",
            .key = key,
            .project = "cats",
            .name = "small",
            .id = "abc",
            .folder = folder,
            .config = {{"training", {{"learning_rate", 0.1}}}}};
}

inline Json step_event(int step) {
    return {{"event", "step"}, {"step", step}, {"loss", 2.5}};
}

}  // namespace ktrain::test
