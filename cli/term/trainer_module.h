// The trainer module: found, loaded and called; nothing of libtorch is linked into the program.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/world.h"

struct ktrain_trainer_api;

namespace ktrain::term {

class TrainerModule {
public:
    // Where the module is looked for, in this order: $KTRAIN_TRAINER_MODULE alone if it is set, else ../lib/ktrain
    // beside the folder of the executable and the install path. Never the current directory.
    static std::vector<std::string> candidates(const Env& env);

    // Loads the first candidate that exists; it stays loaded. Errors: Error{not_found} saying how to get a module,
    // Error{failed} when it cannot be loaded or is of another version.
    static TrainerModule load(const Env& env, const Files& files);

    const std::string& path() const { return path_; }
    Json describe() const;  // versions, devices, models

    // Trains. `on_event` may throw: the run then ends at its next step, and the exception comes out of here.
    // Returns the exit code of a run that was done or stopped. Errors: those of the module.
    int run(const Json& request, const std::function<void(const Json&)>& on_event,
            const std::function<int()>& stop_signal) const;

private:
    TrainerModule(std::string path, const ktrain_trainer_api* api) : path_(std::move(path)), api_(api) {}

    std::string path_;
    const ktrain_trainer_api* api_;
};

}  // namespace ktrain::term
