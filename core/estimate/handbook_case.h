// A job as remarks about the handbook look at it, and the texts of the remarks, one function each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/estimate/estimate.h"
#include "core/estimate/prices.h"
#include "core/spec/sharing.h"

namespace ktrain::handbook {

// An estimate of profile detailed, and the prices of today.
struct Case {
    const Estimate& estimate;
    const PriceTable& prices;

    const TrainingSpec& spec() const { return estimate.spec; }
    double parameters() const { return static_cast<double>(estimate.shape.parameters); }
    bool about(double low, double high) const;  // billions of parameters
    bool about_7b() const { return about(6.5, 7.7); }
    bool full() const { return spec().method.type == "full"; }
    bool lora() const;       // LoRA, on quantised weights or not
    bool quantised() const;  // weights of fewer than 16 bits beside adapters
    std::int64_t gpus() const { return spec::gpus_of_job(spec()); }
    double tokens() const;  // of a micro-batch
    double active() const { return static_cast<double>(estimate.step->active); }
    double line(std::string_view label) const;              // bytes; 0 without that component
    std::optional<double> trained() const;                  // parameters; empty where they cannot be told
    std::optional<double> parted(std::int64_t over) const;  // bytes in use on each of so many GPUs, by FSDP
    bool bf16() const { return spec().training.bf16 || spec().model.dtype == "bfloat16"; }
    // The GPU that was asked for, or the one that the handbook has for the method; its id.
    std::string_view gpu() const;
};

// Nothing: the inconsistency does not matter for the job.
using Text = std::optional<std::string>;

std::string gigabytes(double bytes);  // "13.5 GB"

// Sections 1 to 5, and the hardware of section 7.1: memory.
Text activations(const Case& c);
Text dpo_reference(const Case& c);
Text full_bytes(const Case& c);
Text gradients(const Case& c);
Text logits(const Case& c);
Text master(const Case& c);
Text offload_host_memory(const Case& c);
Text qlora_host_memory(const Case& c);
Text qlora_range(const Case& c);
Text same_hardware(const Case& c);
Text two_gpus(const Case& c);
Text unsharded(const Case& c);

// Sections 1, 2 and 8.1: adapters.
Text adapter_range(const Case& c);
Text high_rank(const Case& c);
Text ia3_range(const Case& c);
Text lora_formula(const Case& c);
Text lora_layer(const Case& c);
Text lora_range(const Case& c);
Text more_gpus(const Case& c);
Text prompt_range(const Case& c);

// Section 7: money.
Text a10g_memory(const Case& c);
Text cost_70b(const Case& c);
Text cost_full(const Case& c);
Text cost_lora(const Case& c);
Text cost_qlora(const Case& c);
Text cost_spot(const Case& c);
Text cost_without_tokens(const Case& c);
Text spot_discount(const Case& c);
Text v100(const Case& c);

}  // namespace ktrain::handbook
