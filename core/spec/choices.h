// The closed lists of values that spec fields choose from.
#pragma once

#include <array>
#include <string_view>

#include "core/spec/kernels.h"
#include "core/spec/methods.h"
#include "core/spec/objectives.h"
#include "core/spec/optimizers.h"

namespace ktrain::spec {

namespace choices {
using Table = std::string_view;
inline constexpr std::array<Table, 1> model_type{"simple_cnn"};
inline constexpr std::array<Table, 3> dtype{"bfloat16", "float16", "float32"};
inline constexpr auto method = [] {
    std::array<Table, methods.size()> names;
    std::ranges::transform(methods, names.begin(), &MethodRow::name);
    return names;
}();
inline constexpr std::array<Table, 2> quant_method{"bitsandbytes", "gptq"};
inline constexpr std::array<Table, 2> quant_type{"fp4", "nf4"};
inline constexpr auto objective = [] {
    std::array<Table, objectives.size()> names;
    std::ranges::transform(objectives, names.begin(), &ObjectiveRow::name);
    return names;
}();
inline constexpr std::array<Table, 5> strategy{"ddp", "fsdp", "zero1", "zero2", "zero3"};
inline constexpr std::array<Table, 3> dataset{"cifar10", "fashion_mnist", "mnist"};
inline constexpr std::array<Table, 2> augment{"horizontal_flip", "random_crop"};
inline constexpr std::array<Table, 9> scheduler{"constant",
                                                "constant_with_warmup",
                                                "cosine",
                                                "cosine_with_min_lr",
                                                "cosine_with_restarts",
                                                "inverse_sqrt",
                                                "linear",
                                                "polynomial",
                                                "warmup_stable_decay"};
inline constexpr auto optim = [] {
    std::array<Table, optimizers.size()> names;
    std::ranges::transform(optimizers, names.begin(), &OptimizerRow::name);
    return names;
}();
inline constexpr auto kernel = [] {
    std::array<Table, switchable_kernels.size()> names;
    std::ranges::transform(switchable_kernels, names.begin(), &KernelRow::name);
    return names;
}();
inline constexpr std::array<Table, 2> nan_policy{"skip", "stop"};
inline constexpr std::array<Table, 2> best_metric{"accuracy", "loss"};
inline constexpr std::array<Table, 3> save_strategy{"epoch", "no", "steps"};
inline constexpr std::array<Table, 4> access{"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"};
inline constexpr std::array<Table, 1> cluster_kind{"Job"};
inline constexpr std::array<Table, 3> report_to{"prometheus", "tensorboard", "wandb"};
inline constexpr std::array<Table, 3> wandb_mode{"disabled", "offline", "online"};
}  // namespace choices

}  // namespace ktrain::spec
