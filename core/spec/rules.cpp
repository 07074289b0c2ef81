// The table of rules between fields, and the values that follow from others.
#include "core/spec/rules.h"

#include <algorithm>
#include <array>

namespace ktrain::spec {
namespace {

struct Rule {
    std::string_view name;
    std::array<std::string_view, 3> fields;  // it is skipped when one of these has a problem of its own
    void (*check)(const TrainingSpec&, Report&);
};

constexpr std::array rules{
    Rule{"access", {"resources.nodes", "cluster.volumes", ""}, rule_access},
    Rule{"bytes", {"resources.memory", "resources.shm", "cluster.volumes"}, rule_bytes},
    Rule{"cnn-method", {"model.type", "method.type", ""}, rule_cnn_method},
    Rule{"cnn-objective", {"model", "objective.type", ""}, rule_cnn_objective},
    Rule{"env-names", {"cluster.env", "cluster.secrets", ""}, rule_env_names},
    Rule{"env-secrets", {"cluster.env", "", ""}, rule_env_secrets},
    Rule{"frozen-weights", {"method.type", "quantization", ""}, rule_frozen_weights},
    Rule{"labels", {"metadata.labels", "", ""}, rule_labels},
    Rule{"model-named", {"model.type", "model.model_name_or_path", ""}, rule_model_named},
    Rule{"mounts", {"cluster.volumes", "", ""}, rule_mounts},
    Rule{"name", {"metadata.name", "resources.nodes", ""}, rule_name},
    Rule{"node-selector", {"cluster.node_selector", "", ""}, rule_node_selector},
    Rule{"normalization", {"data.normalize_mean", "data.normalize_std", "model"}, rule_normalization},
    Rule{"one-model", {"model.type", "model.model_name_or_path", ""}, rule_one_model},
    Rule{"one-width", {"quantization", "", ""}, rule_one_width},
    Rule{"output", {"output_dir", "cluster.volumes", ""}, rule_output},
    Rule{"qlora-bits", {"method.type", "quantization", ""}, rule_qlora_bits},
    Rule{"quota", {"cluster.quota", "", ""}, rule_quota},
    Rule{"shm", {"resources.shm", "resources.memory", ""}, rule_shm},
};
static_assert(std::is_sorted(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.name < b.name; }));

}  // namespace

void settle(TrainingSpec& spec, const Report& report) {
    const bool said = report.was_said("quantization.load_in_4bit") || spec.quantization.load_in_8bit;
    if (spec.method.type == "qlora" && !said) spec.quantization.load_in_4bit = true;
}

void check_rules(const TrainingSpec& spec, Report& report) {
    for (const Rule& rule : rules) {
        const bool bad = std::any_of(rule.fields.begin(), rule.fields.end(), [&](std::string_view field) {
            return !field.empty() && report.is_bad(std::string(field));
        });
        if (!bad) rule.check(spec, report);
    }
}

}  // namespace ktrain::spec
