// The table of objectives with their passes.
#include "core/estimate/objective_passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/spec/objectives.h"

namespace ktrain {
namespace {

struct ObjectivePasses {
    std::string_view name;
    double texts = 1;  // of a row
    Passes passes;     // of the models, but for a reference
    double reference = 0;
    std::string_view words;  // of an assumption, or empty
};

// Sources: TRL (trainer/*_trainer.py), Ouyang et al. 2022 (InstructGPT, appendix C.4) and Hinton et al. 2015. KTO's
// policy and its reference see the completions of other rows too, without gradients, for the divergence; of PPO the
// reference, the reward and the value model score a rollout, which the policy has written, before policy and value
// model learn from it.
constexpr std::array table{
    ObjectivePasses{.name = "classification", .passes = {.trained = 0, .trained_scored = 1}},
    ObjectivePasses{.name = "distillation", .words = "the teacher makes a forward pass of every token"},
    ObjectivePasses{.name = "dpo", .texts = 2, .reference = 1},
    ObjectivePasses{.name = "kto",
                    .passes = {.forward = 1},
                    .reference = 2,
                    .words = "completions of other rows are as long as a row's own, and pass without gradients"},
    ObjectivePasses{.name = "orpo", .texts = 2},
    ObjectivePasses{.name = "ppo",
                    .passes = {.trained = 1, .trained_scored = 1, .forward = 2, .forward_scored = 2},
                    .words = "tokens are those of prompts and answers; each rollout is learned from once, as by "
                             "InstructGPT (TRL's num_ppo_epochs is 4 unless it is set)"},
    ObjectivePasses{.name = "pretrain"},
    ObjectivePasses{.name = "reward", .texts = 2, .passes = {.trained = 0, .trained_scored = 1}},
    ObjectivePasses{.name = "sft"},
};
static_assert(std::ranges::equal(table, spec::objectives, {}, &ObjectivePasses::name, &spec::ObjectiveRow::name));

// Empty is sft.
const ObjectivePasses& row_of(const TrainingSpec& spec) {
    const auto row = std::ranges::find(table, spec.objective.type, &ObjectivePasses::name);
    return row != table.end() ? *row : table.back();
}

}  // namespace

Passes passes_of(const TrainingSpec& spec, double epochs) {
    const ObjectivePasses& row = row_of(spec);
    Passes passes = row.passes;
    passes.forward += spec.objective.precompute_ref_log_probs ? row.reference / std::max(1.0, epochs) : row.reference;
    return passes;
}

double texts_of(const TrainingSpec& spec) {
    return row_of(spec).texts;
}

std::vector<std::string> pass_assumptions(const TrainingSpec& spec) {
    const ObjectivePasses& row = row_of(spec);
    std::vector<std::string> lines;
    if (row.texts > 1) lines.push_back(fmt::format("a row has {} texts, and tokens are those of both", row.texts));
    if (row.reference > 0)
        lines.emplace_back(spec.objective.precompute_ref_log_probs
                               ? "the reference's forward passes of all rows before training are counted, once"
                               : "the reference makes forward passes of every token");
    if (!row.words.empty()) lines.emplace_back(row.words);
    return lines;
}

std::string pass_warning(const TrainingSpec& spec) {
    if (spec.objective.type != "ppo") return "";
    return "writing the rollouts is counted as one forward pass of their tokens, but the memory's bandwidth bounds it: "
           "it can take longer than all the rest; measure a few steps (--throughput)";
}

}  // namespace ktrain
