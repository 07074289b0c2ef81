// The table of optimizers.
#include "trainer/optim/optimizer.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "trainer/optim/adam.h"

namespace ktrain::trainer {
namespace {

using Made = std::unique_ptr<Optimizer>;

Made make_adam(bool decoupled, const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays) {
    const AdamOptions options{decoupled, args.adam_beta1, args.adam_beta2, args.adam_epsilon, args.weight_decay};
    return std::make_unique<Adam>(parameters, options, decays);
}

struct Row {
    std::string_view name;
    Made (*make)(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays);
};
constexpr std::array table{
    Row{"adam", [](auto& args, auto& parameters, auto& decays) { return make_adam(false, args, parameters, decays); }},
    Row{"adamw_torch",
        [](auto& args, auto& parameters, auto& decays) { return make_adam(true, args, parameters, decays); }},
};
static_assert(std::ranges::is_sorted(table, {}, &Row::name));

}  // namespace

bool decays_unless_norm_or_bias(const TensorDecl& declaration) {
    return declaration.role != Role::norm && !declaration.name.ends_with(".bias");
}

Made make_optimizer(const TrainingArgs& args, const Parameters& parameters, const DecayRule& decays) {
    const auto row = std::ranges::find(table, args.optim, &Row::name);
    if (row == table.end()) throw Error(ErrorKind::bug, "there is no optimizer " + args.optim);
    return row->make(args, parameters, decays);
}

}  // namespace ktrain::trainer
