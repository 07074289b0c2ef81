// How many parameters a method trains, for every method.type of the spec.
// Source: PEFT 0.21 (peft/tuners), Houlsby et al. 2019 for bottleneck adapters; tests/golden/estimate/peft_counts.csv.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

// Refuses a method that contradicts the model: a rank above the smaller side of a target, more virtual tokens than
// positions, more adapted layers than there are, a bottleneck wider than the model, inputs to scale that are no
// targets. Errors: Error{input} with the field and a remedy; as named_modules; Error{input} for a model without sizes
// (a bare count), and for simple_cnn with anything but full.
void check_method(const ModelShape& shape, const MethodSpec& method);

// The parameters that train: all, or those that are not frozen; or what the method adds and saves. Errors: as
// check_method; as lora_parameters and trainable_parameters for modules that are named; Error{input} for what cannot be
// counted of a model (prefixes of latent attention).
std::int64_t trained_parameters(const ModelShape& shape, const MethodSpec& method);

// The same, or nothing where it cannot be told: single modules are named of a model whose tensors are not known, the
// model is a bare count, or latent attention has no usual targets. Errors: as trained_parameters.
std::optional<std::int64_t> known_trained_parameters(const ModelShape& shape, const MethodSpec& method);

// The linear layers that ia3 scales: of some the outputs, of others the inputs.
struct ScaledModules {
    std::vector<LinearModule> outputs, inputs;
};
// target_modules and feedforward_modules, or PEFT's for the family: keys (queries, for some) and values, and the inputs
// of the matrix out of the MLP. Errors: as named_modules; Error{input} for inputs that are no targets.
ScaledModules ia3_modules(const ModelShape& shape, const MethodSpec& method);

// adaption_prompt: `tokens` for each of the last `layers`, and `gates` values that weigh them: one in PEFT; the paper's
// authors have one for each head.
std::int64_t adaption_prompt_parameters(std::int64_t layers, std::int64_t tokens, std::int64_t hidden,
                                        std::int64_t gates);

}  // namespace ktrain
