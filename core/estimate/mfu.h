// Which share of a GPU's peak a training reaches (MFU), by method, GPU and conditions, from published measurements.
#pragma once

#include <string_view>

#include "core/estimate/gpus.h"
#include "core/estimate/range.h"

namespace ktrain {

// What trains: everything, adapters beside frozen weights (LoRA and its kin), or adapters beside quantised ones.
enum class Training { full, adapters, quantised };

// GPUs whose measured shares are alike.
enum class GpuClass { ampere, hopper, blackwell, geforce, pcie, other };

// What of a GPU decides about time. To be made once and kept.
struct GpuSpeed {
    GpuClass kind = GpuClass::other;
    double peak = 0;        // training_peak: dense, FLOP/s; 0 when not known
    double attainable = 0;  // best matrix product measured, FLOP/s; 0 when not known
    double fastest = 0;     // the highest peak of any type, FLOP/s: nothing is faster
};
GpuSpeed gpu_speed(const Gpu& gpu);

struct MfuCase {
    Training training = Training::full;
    GpuSpeed gpu;
    double parameters = 0;          // that multiply a token
    double seq_len = 0;             // tokens of a row
    double micro_batch_tokens = 0;  // of one GPU; 0 when not known
    bool packed = true;
    bool sharded = false;    // FSDP, ZeRO-3: weights are gathered for each layer
    bool offloaded = false;  // optimizer or weights in host memory
    bool recompute = false;  // full activation checkpointing
};

// A share of the dense peak in 16 bits, counted over the useful FLOPs: what is computed again does not count, so that
// full checkpointing lowers it. `low` is 0.6 and `high` 1.3 times `mid`.
struct Mfu {
    Range share;
    std::string_view name;    // of the case: "LoRA"
    std::string_view source;  // the measurements behind it
    bool padding = false;     // the measurements had padding: it is in the share
};

// The table in mfu.cpp names the measurements row by row.
Mfu mfu(const MfuCase& wanted);

// Above it, a speed is a mistake of labelling (another GPU, other units) rather than a fast training, unless it
// computes in 8 bits.
inline constexpr double plausible_mfu = 0.75;

}  // namespace ktrain
