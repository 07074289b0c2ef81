// How often an objective sends a token through which models.
#pragma once

#include <string>
#include <vector>

#include "core/spec/spec.h"

namespace ktrain {

// Passes of one token. Models that score texts have no head of the vocabulary.
struct Passes {
    double trained = 1, trained_scored = 0;  // forward and backward
    double forward = 0, forward_scored = 0;  // without gradients
    double teacher = 0;                      // parameters of another model, which makes a forward pass

    bool alone() const { return trained == 1 && trained_scored + forward + forward_scored + teacher == 0; }
};

// Of objective.type, a row of the table in objective_passes.cpp, which names the sources. `epochs`: of the run, over
// which the scores of a reference serve that were made before it; fewer than 1 count as 1. The teacher is left at 0.
Passes passes_of(const TrainingSpec& spec, double epochs);

// Texts of a row, which pass the models together: 2 of a pair.
double texts_of(const TrainingSpec& spec);

// What the passes take as given, a sentence each.
std::vector<std::string> pass_assumptions(const TrainingSpec& spec);
// Of what takes longer than is counted; or empty.
std::string pass_warning(const TrainingSpec& spec);

}  // namespace ktrain
