// What is known of each kind of optimizer without running it.
#include "core/spec/optimizers.h"

#include "core/base/error.h"

namespace ktrain {
namespace {

struct Traits {
    OptimizerKind kind;
    OptimizerReads reads;
    OptimizerState state;
};

constexpr std::array table{
    Traits{OptimizerKind::adafactor, {}, {}},
    Traits{OptimizerKind::adam, {.betas = true, .epsilon = true}, {.bytes = 8}},
    Traits{OptimizerKind::adamw, {.betas = true, .epsilon = true}, {.bytes = 8}},
    Traits{OptimizerKind::adamw_8bit, {.betas = true, .epsilon = true}, {.bytes = 2, .bytes_per_block = 8}},
    Traits{OptimizerKind::lion, {.betas = true}, {.bytes = 4}},
    Traits{OptimizerKind::sgd, {.momentum = true}, {.bytes = 4}},
};
static_assert(table.size() == optimizer_kinds);
static_assert(std::ranges::is_sorted(table, {}, &Traits::kind));

const Traits& traits_of(OptimizerKind kind) {
    return *std::ranges::find(table, kind, &Traits::kind);
}

}  // namespace

const OptimizerRow& optimizer_row(std::string_view name) {
    const auto row = std::ranges::find(optimizers, name, &OptimizerRow::name);
    if (row == optimizers.end()) throw Error(ErrorKind::bug, "there is no optimizer " + std::string(name));
    return *row;
}

OptimizerReads optimizer_reads(OptimizerKind kind) {
    return traits_of(kind).reads;
}

OptimizerState optimizer_state(const TrainingArgs& args) {
    const OptimizerKind kind = optimizer_row(args.optim).kind;
    if (kind == OptimizerKind::sgd && args.momentum == 0) return {};
    return traits_of(kind).state;
}

}  // namespace ktrain
