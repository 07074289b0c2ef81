// From the group `parallel` of a spec to shards and degrees, checked against the model.
#include "core/estimate/spec_parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/spec/choices.h"
#include "core/spec/sharing.h"

namespace ktrain {
namespace {

struct Strategy {
    std::string_view name;
    Sharding sharding;
};
constexpr std::array strategies{Strategy{"ddp", Sharding::ddp}, Strategy{"fsdp", Sharding::fsdp},
                                Strategy{"zero1", Sharding::zero1}, Strategy{"zero2", Sharding::zero2},
                                Strategy{"zero3", Sharding::zero3}};
static_assert(std::ranges::equal(strategies, spec::choices::strategy, {}, &Strategy::name));

[[noreturn]] void refuse(const char* field, std::string message, std::string hint) {
    throw Error(ErrorKind::input, std::move(message), {"", 0, 0, std::string("parallel.") + field}, std::move(hint));
}

void check_division(const Conditions& c) {
    const ModelShape& shape = c.shape;
    const Degrees& d = c.degrees;
    if (d.tensor > 1 && shape.heads % d.tensor != 0)
        refuse("tp_size", fmt::format("{} GPUs cannot share the {} heads of {}", d.tensor, shape.heads, shape.name),
               fmt::format("write a divisor of {}", shape.heads));
    if (d.tensor > 1 && shape.kv_heads > 0 && shape.kv_heads % d.tensor != 0)
        refuse("tp_size",
               fmt::format("{} GPUs cannot share the {} key heads of {}", d.tensor, shape.kv_heads, shape.name),
               fmt::format("write a divisor of {}", shape.kv_heads));
    if (d.pipeline * d.virtual_stages > layer_count(shape))
        refuse("pp_size",
               fmt::format("{} has {} layers, too few for {} stages", shape.name, layer_count(shape),
                           d.pipeline * d.virtual_stages),
               fmt::format("write at most {} for pp_size x pp_virtual_stages", layer_count(shape)));
    if (d.expert > 1 && (shape.experts == 0 || shape.experts % d.expert != 0))
        refuse("ep_size",
               shape.experts == 0
                   ? fmt::format("{} has no experts to share", shape.name)
                   : fmt::format("{} GPUs cannot share the {} experts of {}", d.expert, shape.experts, shape.name),
               shape.experts == 0 ? "leave ep_size out" : fmt::format("write a divisor of {}", shape.experts));
    if (d.context > c.length)
        refuse("cp_size", fmt::format("{} GPUs cannot share {} tokens of a sequence", d.context, c.length),
               "write a smaller number");
}

}  // namespace

void set_parallel(const TrainingSpec& spec, Conditions& c) {
    const ParallelSpec& parallel = spec.parallel;
    const std::int64_t gpus = spec::gpus_of_job(spec), copy = spec::gpus_of_copy(parallel);
    c.nodes = spec.resources.nodes;
    c.degrees = {std::max<std::int64_t>(1, gpus / copy),
                 parallel.tp_size,
                 parallel.pp_size,
                 parallel.cp_size,
                 parallel.ep_size,
                 parallel.pp_virtual_stages};
    const auto row = std::ranges::find(strategies, parallel.strategy, &Strategy::name);
    const bool several = c.degrees.data * c.degrees.context > 1;
    c.sharding = row != strategies.end() ? row->sharding : several ? Sharding::ddp : Sharding::none;
    if (c.sharding == Sharding::ddp && !several) c.sharding = Sharding::none;
    if (parallel.offload_optimizer || parallel.offload_param)
        c.offload = !parallel.offload_param       ? Offload::optimizer
                    : !parallel.offload_optimizer ? Offload::parameters
                                                  : Offload::both;
    check_division(c);
}

}  // namespace ktrain
