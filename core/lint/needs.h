// What a command line says that a training needs: memory of its GPUs, and of the host, and the size of a checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/lint/workload.h"

namespace ktrain::lint {

// In bytes. As far as the command says it: other settings may be in files that are not read here.
struct Needs {
    std::string model;  // of the catalog
    std::int64_t parameters = 0;
    std::int64_t weights = 0;  // on all GPUs together at the very least: 4 bits each, or 16 where nothing is quantised
    std::int64_t each = 0;     // what a GPU should have by estimate(); 0: the command does not say enough
    std::int64_t checkpoint = 0;  // 0: as above
};

// Nothing where the command names no model of the catalog. Kept by command: see NeedsByCommand.
std::optional<Needs> needs_of(const Workload& work, const Container& container, NeedsByCommand& known);

}  // namespace ktrain::lint
