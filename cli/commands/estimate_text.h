// Estimates, alone, compared and against measured rows, as people and machines read them.
#pragma once

#include <cstddef>
#include <string>

#include "core/estimate/estimate.h"
#include "core/estimate/largest.h"
#include "core/estimate/measured.h"
#include "core/estimate/recommend.h"

namespace ktrain {

// `width`: columns of the terminal; 0: as wide as it gets.
std::string estimate_report(const Estimate& result, std::size_t width);

// Both profiles side by side, what the handbook leaves out, and where it contradicts itself for such a job.
std::string compare_report(const Estimate& docs, const Estimate& detailed);
// {docs, detailed, ratio, missing: {label, bytes}, remarks: [{name, section, text}]}
Json compare_json(const Estimate& docs, const Estimate& detailed);

// "--set training.per_device_train_batch_size=12" with what it needs, or that not even one fits.
std::string largest_report(const std::optional<Largest>& found, const TrainingSpec& spec, std::string_view field);
// {field, value, recommended_bytes, gpu}; value null when not even one fits.
Json largest_json(const std::optional<Largest>& found, const TrainingSpec& spec, std::string_view field);

// The handbook's settings for LoRA, as --set lines of the lower end and with their ranges.
std::string recommend_report(const Recommendation& found);
// {size, r, lora_alpha, lora_dropout, learning_rate: {low, high}, target_modules, note}
Json recommend_json(const Recommendation& found);

// Tables for people: every row, then families; those that were left out last.
std::string score_report(const MeasuredRows& measured);

// {rows: [{id, family, metric, measured_bytes, estimated_bytes, error}], scores: [{family, rows, median, p90,
// within_10, within_20, bias}], left_out}; errors as shares, family null for all rows.
Json score_json(const MeasuredRows& measured);

}  // namespace ktrain
