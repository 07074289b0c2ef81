// A module of another interface version, which the program must refuse.
#include <csignal>
#include <cstdlib>

#include "core/run/trainer_api.h"

// A signal while the module is loaded.
__attribute__((constructor)) static void receive_signal() {
    if (const char* number = std::getenv("KTRAIN_TEST_SIGNAL")) std::raise(std::atoi(number));
}

static const struct ktrain_trainer_api api { 0, nullptr, nullptr, nullptr };

extern "C" const struct ktrain_trainer_api* ktrain_trainer_module() {
    return &api;
}
