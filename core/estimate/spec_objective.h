// What objectives hold beside the model that trains.
#pragma once

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

// Sets `companions`, and the labels of models that score texts. `c` has the method already. A reference needs no copy
// where adapters train, nor where it has scored all rows before; reward and value models of PPO are adapters on the
// same frozen weights where the policy is one. Source: TRL 1.16, dpo_trainer.py, kto_trainer.py, ppo_trainer.py;
// Santacroce et al. 2023. The teacher's parameters are set by the caller, who can find it.
void set_objective(const TrainingSpec& spec, Conditions& c);

}  // namespace ktrain
