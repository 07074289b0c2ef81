// Training of the whole model: the parts that freeze_layers and freeze_modules leave as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

class Freezing {
public:
    // Errors: Error{input} for more layers than there are, and, with the nearest name, for a module that is not among
    // `modules` (all that have tensors), the groups around them and the ends of their names.
    Freezing(const ModelShape& shape, const MethodSpec& method, const std::vector<std::string>& modules);

    // Whether a module such as "model.layers.0.mlp.down_proj" keeps its weights.
    bool freezes(std::string_view module) const;

private:
    std::string layers_;  // "model.layers."
    std::int64_t first_;
    std::vector<std::string> words_;
};

}  // namespace ktrain
