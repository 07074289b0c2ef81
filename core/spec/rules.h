// What must hold between the fields of a spec: one table of rules.
#pragma once

#include "core/spec/read.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

// Sets what follows from other fields: qlora holds the base weights in 4 bits unless the spec says otherwise.
void settle(TrainingSpec& spec, const Report& report);

// Adds a problem for every rule that is broken, except where a field of the rule has a problem of its own already.
void check_rules(const TrainingSpec& spec, Report& report);

// What the rules demand, for docs/spec.md.
std::vector<std::string_view> rule_sentences();

// The rules, grouped by what they are about (rules_training.cpp, schedules.cpp, rules_parallel.cpp,
// rules_cluster.cpp).
void rule_model_named(const TrainingSpec& spec, Report& report);
void rule_cnn_method(const TrainingSpec& spec, Report& report);
void rule_cnn_objective(const TrainingSpec& spec, Report& report);
void rule_scored_texts(const TrainingSpec& spec, Report& report);
void rule_one_width(const TrainingSpec& spec, Report& report);
void rule_frozen_weights(const TrainingSpec& spec, Report& report);
void rule_qlora_bits(const TrainingSpec& spec, Report& report);
void rule_prefixes(const TrainingSpec& spec, Report& report);
void rule_patterns(const TrainingSpec& spec, Report& report);
void rule_grouping(const TrainingSpec& spec, Report& report);
void rule_normalization(const TrainingSpec& spec, Report& report);
void rule_best_model(const TrainingSpec& spec, Report& report);
void rule_early_stopping(const TrainingSpec& spec, Report& report);
void rule_schedule(const TrainingSpec& spec, Report& report);

void rule_teacher(const TrainingSpec& spec, Report& report);
void rule_degrees(const TrainingSpec& spec, Report& report);
void rule_shards(const TrainingSpec& spec, Report& report);
void rule_offload(const TrainingSpec& spec, Report& report);
void rule_fsdp_offload(const TrainingSpec& spec, Report& report);
void rule_pipeline(const TrainingSpec& spec, Report& report);

void rule_name(const TrainingSpec& spec, Report& report);
void rule_namespace(const TrainingSpec& spec, Report& report);
void rule_labels(const TrainingSpec& spec, Report& report);
void rule_bytes(const TrainingSpec& spec, Report& report);
void rule_shm(const TrainingSpec& spec, Report& report);
void rule_quota(const TrainingSpec& spec, Report& report);
void rule_mounts(const TrainingSpec& spec, Report& report);
void rule_access(const TrainingSpec& spec, Report& report);
void rule_output(const TrainingSpec& spec, Report& report);
void rule_env_names(const TrainingSpec& spec, Report& report);
void rule_env_secrets(const TrainingSpec& spec, Report& report);

}  // namespace ktrain::spec
