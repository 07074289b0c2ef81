// The table of objectives with their companions.
#include "core/estimate/spec_objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/spec/objectives.h"

namespace ktrain {
namespace {

void alone(const TrainingSpec&, Conditions&) {}

void scored(const TrainingSpec&, Conditions& c) {
    c.companions.scored = true;  // the shape has its head already
}

void pairs(const TrainingSpec&, Conditions& c) {
    c.companions.texts = 2;
}

void scored_pairs(const TrainingSpec& spec, Conditions& c) {
    scored(spec, c);
    pairs(spec, c);
}

void reference(const TrainingSpec& spec, Conditions& c) {
    const bool named = !spec.objective.ref_model_name_or_path.empty();
    if (spec.objective.precompute_ref_log_probs) return;
    c.companions.second_logits = true;
    if (c.full || named) c.companions.frozen = 1;
}

void pairs_and_reference(const TrainingSpec& spec, Conditions& c) {
    pairs(spec, c);
    reference(spec, c);
}

// Mismatched completions of the same rows estimate the divergence, in a pass without gradients.
void reference_and_divergence(const TrainingSpec& spec, Conditions& c) {
    reference(spec, c);
    c.companions.second_logits = true;
}

void actor_and_critic(const TrainingSpec& spec, Conditions& c) {
    c.companions.trained = 2;  // the policy and its value model
    if (c.full)
        c.companions.frozen = 2;  // the reference and the reward model
    else
        c.companions.adapters = 1;  // of the reward model
    c.companions.generated = spec.objective.response_length;
    if (spec.objective.response_length < c.length) return;
    throw Error(
        ErrorKind::input,
        fmt::format("answers of {} tokens leave no room for a prompt in {}", spec.objective.response_length, c.length),
        {"", 0, 0, "objective.response_length"},
        "write fewer, or raise objective.max_length, which is of prompt and answer");
}

void teacher(const TrainingSpec&, Conditions& c) {
    c.companions.second_logits = true;
}

struct ObjectiveMemory {
    std::string_view name;
    void (*set)(const TrainingSpec& spec, Conditions& c);
};

constexpr std::array table{
    ObjectiveMemory{"classification", scored},
    ObjectiveMemory{"distillation", teacher},
    ObjectiveMemory{"dpo", pairs_and_reference},
    ObjectiveMemory{"kto", reference_and_divergence},
    ObjectiveMemory{"orpo", pairs},
    ObjectiveMemory{"ppo", actor_and_critic},
    ObjectiveMemory{"pretrain", alone},
    ObjectiveMemory{"reward", scored_pairs},
    ObjectiveMemory{"sft", alone},
};
static_assert(std::ranges::equal(table, spec::objectives, {}, &ObjectiveMemory::name, &spec::ObjectiveRow::name));

}  // namespace

void set_objective(const TrainingSpec& spec, Conditions& c) {
    const auto row = std::ranges::find(table, spec.objective.type, &ObjectiveMemory::name);
    if (row != table.end()) row->set(spec, c);
}

void set_other(std::int64_t parameters, Conditions& c) {
    if (parameters == 0) return;
    c.companions.other = parameters;
    if (c.companions.trained == 1) c.companions.frozen = 0;
}

}  // namespace ktrain
