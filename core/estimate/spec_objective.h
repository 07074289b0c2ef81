// What objectives hold beside the model that trains.
#pragma once

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

// Sets `companions`. `c` has method and length already. A reference needs no copy
// where adapters train, nor where it has scored all rows before; reward and value models of PPO are adapters on the
// same frozen weights where the policy is one. Source: TRL 1.16, dpo_trainer.py, kto_trainer.py, ppo_trainer.py;
// Santacroce et al. 2023. The parameters of a teacher, or of a reference of
// another size, are set by the caller, who can find it. Errors: Error{input} for answers that leave no room for a
// prompt.
void set_objective(const TrainingSpec& spec, Conditions& c);

// The model that the objective names, of so many parameters: a teacher, or a reference in place of a copy.
void set_other(std::int64_t parameters, Conditions& c);

}  // namespace ktrain
