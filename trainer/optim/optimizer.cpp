// The table of optimizers.
#include "trainer/optim/optimizer.h"

#include <algorithm>
#include <array>

#include "core/spec/optimizers.h"
#include "trainer/optim/adam.h"
#include "trainer/optim/kinds.h"

namespace ktrain::trainer {
namespace {

using Made = std::unique_ptr<Optimizer>;

template <bool decoupled>
Made make_adam(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays) {
    const AdamOptions options{decoupled, args.adam_beta1, args.adam_beta2, args.adam_epsilon, args.weight_decay};
    return std::make_unique<Adam>(parameters, options, decays);
}

struct Row {
    OptimizerKind kind;
    Made (*make)(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays);
};
constexpr std::array table{
    Row{OptimizerKind::adafactor, make_adafactor}, Row{OptimizerKind::adam, make_adam<false>},
    Row{OptimizerKind::adamw, make_adam<true>},    Row{OptimizerKind::adamw_8bit, make_adamw_8bit},
    Row{OptimizerKind::lion, make_lion},           Row{OptimizerKind::sgd, make_sgd},
};
static_assert(table.size() == optimizer_kinds);
static_assert(std::ranges::is_sorted(table, {}, &Row::kind));

}  // namespace

bool decays_unless_norm_or_bias(const TensorDecl& declaration) {
    return declaration.role != Role::norm && !declaration.name.ends_with(".bias");
}

Made make_optimizer(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays) {
    const auto row = std::ranges::find(table, optimizer_row(args.optim).kind, &Row::kind);
    return row->make(args, parameters, decays);
}

}  // namespace ktrain::trainer
