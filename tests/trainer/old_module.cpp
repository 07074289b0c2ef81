// A module of another interface version, which the program must refuse.
#include "core/run/trainer_api.h"

static const struct ktrain_trainer_api api { 0, nullptr, nullptr, nullptr };

extern "C" const struct ktrain_trainer_api* ktrain_trainer_module() {
    return &api;
}
