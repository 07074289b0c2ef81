// The table of measured shares of the peak, and the choice among its rows.
#include "core/estimate/mfu.h"

#include <algorithm>
#include <array>

namespace ktrain {
namespace {

struct ClassRow {
    std::string_view prefix;  // of GPU ids
    GpuClass kind;
};
constexpr std::array classes{
    ClassRow{"a10", GpuClass::pcie},        ClassRow{"a100", GpuClass::ampere},
    ClassRow{"a10g", GpuClass::pcie},       ClassRow{"a40", GpuClass::pcie},
    ClassRow{"b200", GpuClass::blackwell},  ClassRow{"b300", GpuClass::blackwell},
    ClassRow{"gb200", GpuClass::blackwell}, ClassRow{"h100", GpuClass::hopper},
    ClassRow{"h200", GpuClass::hopper},     ClassRow{"l4", GpuClass::pcie},
    ClassRow{"rtx-", GpuClass::pcie},       ClassRow{"rtx-3090", GpuClass::geforce},
    ClassRow{"rtx-40", GpuClass::geforce},  ClassRow{"t4", GpuClass::pcie},
};
static_assert(std::ranges::is_sorted(classes, {}, &ClassRow::prefix));

// The longest prefix decides.
GpuClass class_of(std::string_view id) {
    GpuClass kind = GpuClass::other;
    std::size_t longest = 0;
    for (const ClassRow& row : classes)
        if (id.starts_with(row.prefix) && row.prefix.size() > longest) {
            kind = row.kind;
            longest = row.prefix.size();
        }
    return kind;
}

constexpr unsigned bit(Training training) {
    return 1U << static_cast<unsigned>(training);
}
constexpr unsigned bit(GpuClass kind) {
    return 1U << static_cast<unsigned>(kind);
}
constexpr unsigned any = ~0U;
constexpr unsigned full = bit(Training::full);
constexpr unsigned quantised = bit(Training::quantised);
constexpr unsigned ampere = bit(GpuClass::ampere), geforce = bit(GpuClass::geforce), pcie = bit(GpuClass::pcie);
constexpr unsigned new_server = bit(GpuClass::hopper) | bit(GpuClass::blackwell);

enum class When { always, sharded, offloaded, short_rows, small, huge };

struct MfuRow {
    std::string_view name;
    unsigned trainings, gpus;
    When when;
    double plain, recomputed;  // without and with full checkpointing; 0: not measured, taken from the other
    std::string_view source;
};

constexpr double short_row = 512;         // tokens
constexpr double small_parameters = 2e9;  // kernels of smaller models do not fill a data-centre GPU ...
constexpr double small_tokens = 8192;     // ... with micro-batches up to this
constexpr double huge_parameters = 2e11;

// The first that applies counts. Shares in brackets are those that the named measurements reached.
constexpr std::array rows{
    MfuRow{"unpacked short rows", any, any, When::short_rows, 0.15, 0.15,
           "torchtune Llama-3.2-3B unpacked (0.13), Qwen-7B LoRA at 256 tokens (0.16)"},
    MfuRow{"small model in small batches", any, ampere | new_server, When::small, 0.22, 0.22,
           "torchtitan 1B and 1.7B (0.14 to 0.24), Qwen-1.8B LoRA (0.15 to 0.29)"},
    MfuRow{"full, offloaded", full, any, When::offloaded, 0, 0.235, "torchtune Llama-3.1-70B on 8 A100 (0.20 to 0.27)"},
    MfuRow{"full, above 200B", full, new_server, When::huge, 0, 0.29, "torchtitan Llama-3.1-405B on 128 H100"},
    MfuRow{"full, sharded over PCIe", full, geforce | pcie, When::sharded, 0, 0.14,
           "torchtune Llama-2-7B on 4 RTX 4090 (0.09)"},
    MfuRow{"full, A100", full, ampere, When::always, 0.50, 0.40,
           "llm-foundry MPT 1B to 70B (0.44 to 0.58), torchtitan (0.51 to 0.61), torchtune (0.36 to 0.69)"},
    MfuRow{"full, H100 and later", full, new_server, When::always, 0.40, 0.38,
           "llm-foundry MPT 1B to 70B (0.38 to 0.46), torchtitan 8B and 14B (0.32 to 0.39)"},
    MfuRow{"full, consumer GPU", full, geforce, When::always, 0, 0.45, "torchtune Llama-3.1-8B on RTX 4090 (0.48)"},
    MfuRow{"full", full, any, When::always, 0, 0.38, "as H100: no measurement of this GPU"},
    MfuRow{"QLoRA, sharded, A100", quantised, ampere, When::sharded, 0, 0.35,
           "fsdp_qlora 70B (0.35), torchtune 405B (0.43)"},
    MfuRow{"QLoRA, sharded, consumer GPU", quantised, geforce, When::sharded, 0, 0.30,
           "fsdp_qlora 7B on 2 RTX 4090 (0.40)"},
    MfuRow{"QLoRA, sharded over PCIe", quantised, pcie, When::sharded, 0, 0.14,
           "fsdp_qlora 70B on 2 RTX 6000 Ada (0.14)"},
    MfuRow{"QLoRA, sharded", quantised, any, When::sharded, 0, 0.22, "fsdp_qlora 70B on 4 H100 (0.22)"},
    MfuRow{"adapters, sharded over PCIe", any, geforce | pcie, When::sharded, 0, 0.30,
           "torchtune Llama-2-7B on 2 RTX 4090 (0.24), fsdp_qlora (0.38)"},
    MfuRow{"adapters, consumer GPU", any, geforce, When::always, 0, 0.45,
           "torchtune Llama-3.1-8B on RTX 4090 (0.47 to 0.61)"},
    MfuRow{"QLoRA", quantised, any, When::always, 0, 0.30, "torchtune Llama-3.2-3B on A100 (0.33 to 0.41)"},
    MfuRow{"LoRA", any, any, When::always, 0, 0.32, "Qwen-7B and 14B on A100 (0.25 to 0.39), torchtune (0.40 to 0.42)"},
};

bool applies(When when, const MfuCase& wanted) {
    switch (when) {
        case When::always:
            return true;
        case When::sharded:
            return wanted.sharded;
        case When::offloaded:
            return wanted.offloaded;
        case When::short_rows:
            return !wanted.packed && wanted.seq_len < short_row;
        case When::small:
            return wanted.parameters < small_parameters && wanted.micro_batch_tokens > 0 &&
                   wanted.micro_batch_tokens <= small_tokens;
        case When::huge:
            return wanted.parameters >= huge_parameters;
    }
    return false;
}

// Where one state was measured, the other does the same FLOPs a second: of full training a forward is a third of the
// useful work, beside frozen weights half of it.
double in_state(const MfuRow& row, const MfuCase& wanted) {
    const double again = wanted.training == Training::full ? 4.0 / 3 : 3.0 / 2;
    if (wanted.recompute) return row.recomputed > 0 ? row.recomputed : row.plain / again;
    return row.plain > 0 ? row.plain : row.recomputed * again;
}

// GPUs without measurements of their own whose matrix products are far from their peak, as MI300X: in proportion to
// H100, which attains 0.8 of it.
double scale(const GpuSpeed& gpu) {
    if (gpu.kind != GpuClass::other || gpu.attainable <= 0 || gpu.peak <= 0) return 1;
    return std::min(1.0, gpu.attainable / gpu.peak / 0.8);
}

}  // namespace

GpuSpeed gpu_speed(const Gpu& gpu) {
    return {class_of(gpu.id), training_peak(gpu), gpu.attainable_bf16,
            std::max({gpu.peak_bf16, gpu.peak_fp16, gpu.peak_fp8})};
}

Mfu mfu(const MfuCase& wanted) {
    const auto row = std::ranges::find_if(rows, [&](const MfuRow& candidate) {
        return (candidate.trainings & bit(wanted.training)) != 0 && (candidate.gpus & bit(wanted.gpu.kind)) != 0 &&
               applies(candidate.when, wanted);
    });  // the last row takes all
    const double mid = in_state(*row, wanted) * scale(wanted.gpu);
    return {
        {0.6 * mid, mid, std::min(1.3 * mid, plausible_mfu)}, row->name, row->source, row->when == When::short_rows};
}

}  // namespace ktrain
