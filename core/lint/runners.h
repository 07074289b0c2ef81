// The containers of an object, whatever kind it is of, and the commands they run; for the checks of security.
#pragma once

#include <functional>

#include "core/lint/workload.h"

namespace ktrain::lint {

// Each container and init container of the pod templates; of a TrainJob what replaces those of its runtime.
void each_container(const Object& object, const Bundle& bundle,
                    const std::function<void(Value container, const Launch& launch)>& use);

struct RunCommand {
    const LaunchedCommand& command;
    Value container;
    Value script;  // of a Workflow's template, which the command stands in; none: it is in command and args

    Value holder(const std::string& word) const;  // the value that the word of the command stands in
};

// Each command of the container, those of its script ("source") included.
void each_command(Value container, const Launch& launch, const std::function<void(const RunCommand&)>& use);

}  // namespace ktrain::lint
