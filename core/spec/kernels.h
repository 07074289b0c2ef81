// The fused kernels of the trainer that training.disable_kernels can switch off, and which are on.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

enum class Kernel { attention, cross_entropy, dropout, gated, gemm, norm };

struct KernelRow {
    std::string_view name;
    Kernel kernel;
    std::string_view help;
    std::string_view plain;  // what computes the same when it is off
};

// The optimizers have none: their steps are rounded as torch.optim rounds them, so that there is nothing to compare.
inline constexpr std::array switchable_kernels{
    KernelRow{"attention", Kernel::attention, "rotary positions and causal attention, without a matrix of scores",
              "scores of all pairs of tokens, masked"},
    KernelRow{"cross_entropy", Kernel::cross_entropy, "loss of rows of logits, with their gradient in place",
              "at::cross_entropy_loss on the same rows"},
    KernelRow{"dropout", Kernel::dropout, "dropout in front of LoRA's matrices, which keeps no mask",
              "a mask of integer operations: the same values fall"},
    KernelRow{"gated", Kernel::gated, "SwiGLU and GeGLU", "at::silu or at::gelu, times the other half"},
    KernelRow{"gemm", Kernel::gemm, "large products by oneDNN or MKL, where they are faster", "at::linear"},
    KernelRow{"norm", Kernel::norm, "RMSNorm; layer norm of libtorch", "means, roots and products"},
};
static_assert(std::ranges::is_sorted(switchable_kernels, {}, &KernelRow::name));

// Which kernels compute; at first all do.
class Kernels {
public:
    constexpr Kernels() = default;
    // All but those with these names; a name that no kernel has says nothing.
    explicit Kernels(const std::vector<std::string>& disabled) {
        for (const KernelRow& row : switchable_kernels)
            if (std::ranges::find(disabled, row.name) != disabled.end()) off_ |= bit(row.kernel);
    }

    constexpr bool has(Kernel kernel) const { return (off_ & bit(kernel)) == 0; }
    // The names of the others, sorted.
    std::vector<std::string> disabled() const {
        std::vector<std::string> names;
        for (const KernelRow& row : switchable_kernels)
            if (!has(row.kernel)) names.emplace_back(row.name);
        return names;
    }
    constexpr bool operator==(const Kernels&) const = default;

private:
    static constexpr unsigned bit(Kernel kernel) { return 1U << static_cast<unsigned>(kernel); }

    unsigned off_ = 0;
};

}  // namespace ktrain
