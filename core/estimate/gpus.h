// The built-in catalog of GPUs (templates/gpus.csv).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

struct Gpu {
    std::string id;             // "a100-80gb"
    std::string name;           // "A100-SXM4-80GB"
    std::string vendor;         // "NVIDIA"
    std::string product_label;  // value of the node label nvidia.com/gpu.product; empty when not known
    std::int64_t memory = 0;    // bytes: what the driver or what clouds report, the smaller; 0 when not known
    bool bf16 = true;

    // Dense, in FLOP/s; 0 when not known or when the GPU has no such type.
    double peak_bf16 = 0, peak_fp16 = 0, peak_fp8 = 0;
    double attainable_bf16 = 0;  // best matrix product measured, in FLOP/s; 0 when not known
    double bandwidth = 0;        // of its memory, bytes/s; 0 when not known
};

// What training in 16 bits is measured against: the dense peak in bfloat16, in float16 where there is none. FLOP/s, 0
// when not known.
double training_peak(const Gpu& gpu);

// By memory, then by id; those of unknown memory last.
std::vector<Gpu> all_gpus();

// By id, with or without "nvidia-" in front, or by product label; without regard to case.
// Errors: Error{input} with the ids that are likely meant.
Gpu find_gpu(std::string_view name);

}  // namespace ktrain
