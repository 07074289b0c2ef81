// The C entry point of the trainer module.
#include <algorithm>
#include <array>
#include <string>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/json.h"
#include "core/run/trainer_api.h"
#include "core/spec/load.h"
#include "trainer/failure.h"
#include "trainer/recipe/merge.h"
#include "trainer/recipe/recipe.h"

namespace ktrain::trainer {
namespace {

const char* describe() noexcept try {
    return copy_text(description().dump().c_str());
} catch (...) {
    return nullptr;
}

// What a request may ask for by its "action".
struct Action {
    std::string_view name;
    int (*run)(const Json& request, const Host& host);  // the signal that stopped it, or 0
};
constexpr std::array actions{
    Action{"merge",
           [](const Json& request, const Host& host) {
               return merge_adapter(
                   {string_or(request, "adapter"), string_or(request, "base"), string_or(request, "output")}, host);
           }},
    Action{"run", [](const Json& request,
                     const Host& host) { return train(spec::from_json(at_path(request, {"spec"})), host); }},
};

int run(const char* request, const ktrain_host* host, const char** error) noexcept try {
    *error = nullptr;
    const Json json = parse_json(request, "request");
    const std::string name = string_or(json, "action", "run");
    const auto action = std::ranges::find(actions, name, &Action::name);
    if (action == actions.end()) throw Error(ErrorKind::bug, "the trainer has no action " + name);
    const int signal = action->run(json, Host(*host));
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
