// The C entry point of the trainer module.
#include "core/base/exit_code.h"
#include "core/base/json.h"
#include "core/run/trainer_api.h"
#include "trainer/failure.h"
#include "trainer/recipe/actions.h"
#include "trainer/recipe/recipe.h"

namespace ktrain::trainer {
namespace {

const char* describe() noexcept try { return copy_text(description().dump().c_str()); } catch (...) {
    return nullptr;
}

int run(const char* request, const ktrain_host* host, const char** error) noexcept try {
    *error = nullptr;
    const int signal = act(parse_json(request, "request"), Host(*host));
    return signal == 0 ? static_cast<int>(exit_code::done) : exit_code_for_signal(signal);
} catch (...) {
    const Failure failure = current_failure();
    *error = failure.text;
    return failure.code;
}

constexpr struct ktrain_trainer_api api { KTRAIN_TRAINER_API_VERSION, describe, run, release_text };

}  // namespace
}  // namespace ktrain::trainer

extern "C" __attribute__((visibility("default"))) const struct ktrain_trainer_api* ktrain_trainer_module() {
    return &ktrain::trainer::api;
}
