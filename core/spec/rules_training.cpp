// Rules between the fields that say what is trained, and how.
#include <fmt/format.h>

#include <cmath>

#include "core/base/error.h"
#include "core/spec/module_values.h"
#include "core/spec/objectives.h"
#include "core/spec/rules.h"
#include "core/spec/sharing.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

bool is_cnn(const TrainingSpec& spec) {
    return spec.model.type == "simple_cnn";
}

}  // namespace

void rule_model_named(const TrainingSpec& spec, Report& report) {
    const bool named = !spec.model.model_name_or_path.empty(), made = !spec.model.config_name.empty();
    if (spec.model.type.empty() && !named && !made)
        report.error("model", "the spec names no model", "write model: {type: simple_cnn}, or model_name_or_path");
    if (named && made)
        report.error("model.config_name", "a model is either loaded or made new: model_name_or_path is there too",
                     "leave out one of them");
    if (is_cnn(spec) && !spec.model.model_name_or_path.empty())
        report.error("model.model_name_or_path", "model.type: simple_cnn is built in and takes no model_name_or_path",
                     "leave out one of them");
}

void rule_cnn_method(const TrainingSpec& spec, Report& report) {
    if (is_cnn(spec) && spec.method.type != "full")
        report.error(
            "method.type",
            fmt::format("simple_cnn is trained whole, method.type {} is for language models", spec.method.type),
            "write full");
    const bool layers = spec.method.freeze_layers > 0;
    if (is_cnn(spec) && (layers || !spec.method.freeze_modules.empty()))
        report.error(layers ? "method.freeze_layers" : "method.freeze_modules",
                     "simple_cnn is trained whole, nothing in it can be frozen", "leave it out");
}

void rule_patterns(const TrainingSpec& spec, Report& report) {
    const auto check = [&](const StringMap& values, const std::string& path, double highest) {
        for (const auto& [pattern, text] : values) {
            const std::string where = join_path(path, pattern);
            const auto value = number_above_zero(text);
            const bool whole = highest == 0 || (value && *value == std::floor(*value) && *value <= highest);
            if (!value || !whole)
                report.error(where, fmt::format("{} must be {}, got {}", where,
                                                highest == 0 ? "a number above 0" : "a whole number from 1 to 1024",
                                                in_quotes(text)));
            try {
                const ModuleValues readable({{pattern, 1}});
            } catch (const Error& error) {
                report.error(where, error.message, error.hint);
            }
        }
    };
    check(spec.method.rank_pattern, "method.rank_pattern", 1024);
    check(spec.method.alpha_pattern, "method.alpha_pattern", 0);
}

void rule_cnn_objective(const TrainingSpec& spec, Report& report) {
    const std::string& objective = spec.objective.type;
    if (is_cnn(spec) && !objective.empty() && objective != "classification")
        report.error("objective.type",
                     fmt::format("simple_cnn classifies images, it cannot be trained for {}", objective),
                     "write classification");
}

void rule_scored_texts(const TrainingSpec& spec, Report& report) {
    if (!is_cnn(spec) && scores_texts(spec.objective.type) && spec.objective.packing)
        report.error("objective.packing",
                     fmt::format("{} scores each text by itself, so texts cannot be packed", spec.objective.type),
                     "leave out objective.packing");
}

void rule_one_width(const TrainingSpec& spec, Report& report) {
    if (spec.quantization.load_in_4bit && spec.quantization.load_in_8bit)
        report.error("quantization.load_in_8bit", "weights are held in 4 or in 8 bits, not both",
                     "leave out load_in_4bit or load_in_8bit");
}

void rule_frozen_weights(const TrainingSpec& spec, Report& report) {
    const bool four = spec.quantization.load_in_4bit;
    if (spec.method.type != "full" || (!four && !spec.quantization.load_in_8bit)) return;
    report.error(four ? "quantization.load_in_4bit" : "quantization.load_in_8bit",
                 "quantised weights are frozen, so method.type: full cannot train them",
                 "write method: {type: qlora}, or leave out quantization");
}

// PEFT raises: the keys and values of a prefix are a cache, which checkpointing switches off.
void rule_prefixes(const TrainingSpec& spec, Report& report) {
    if (can_checkpoint(spec)) return;
    report.error("training.gradient_checkpointing",
                 fmt::format("{} puts keys and values in front of a text, which a layer that is computed again does "
                             "not have",
                             spec.method.type),
                 "leave it out");
}

void rule_qlora_bits(const TrainingSpec& spec, Report& report) {
    if (spec.method.type == "qlora" && !spec.quantization.load_in_4bit)
        report.error("quantization.load_in_4bit", "method.type: qlora holds the base weights in 4 bits",
                     "write load_in_4bit: true, or method: {type: lora}");
}

void rule_grouping(const TrainingSpec& spec, Report& report) {
    if (!spec.training.group_by_length) return;
    if (is_cnn(spec))
        report.error("training.group_by_length", "images have no length to group them by", "leave out group_by_length");
    if (spec.objective.packing)
        report.error("training.group_by_length", "packed sequences are of one length, so there is nothing to group",
                     "leave out group_by_length or objective.packing");
}

void rule_normalization(const TrainingSpec& spec, Report& report) {
    const std::size_t means = spec.data.normalize_mean.size();
    const std::size_t deviations = spec.data.normalize_std.size();
    const auto channels = static_cast<std::size_t>(spec.model.input_channels);
    if ((means == 0) != (deviations == 0)) {
        report.error(means == 0 ? "data.normalize_std" : "data.normalize_mean",
                     "data.normalize_mean and data.normalize_std go together", "write both, or none");
        return;
    }
    if (!is_cnn(spec) || means == 0) return;
    if (means != channels)
        report.error("data.normalize_mean",
                     fmt::format("data.normalize_mean has {} values, model.input_channels is {}", means, channels),
                     "write one value for each channel");
    if (deviations != channels)
        report.error("data.normalize_std",
                     fmt::format("data.normalize_std has {} values, model.input_channels is {}", deviations, channels),
                     "write one value for each channel");
}

// As transformers demands it: else the best model could be one that no checkpoint holds.
void rule_best_model(const TrainingSpec& spec, Report& report) {
    const TrainingArgs& args = spec.training;
    const CheckpointSpec& checkpoint = spec.checkpoint;
    if (!args.load_best_model_at_end) return;
    const std::string path = "training.load_best_model_at_end";
    if (checkpoint.save_strategy == "no")
        report.error(path, "load_best_model_at_end needs checkpoints, and checkpoint.save_strategy is no",
                     "write save_strategy: epoch");
    else if (args.eval_strategy != checkpoint.save_strategy)
        report.error(path,
                     fmt::format("load_best_model_at_end needs a checkpoint of what was evaluated: eval_strategy is "
                                 "{}, checkpoint.save_strategy is {}",
                                 args.eval_strategy, checkpoint.save_strategy),
                     "write the same for both");
    else if (args.eval_strategy == "steps" && checkpoint.save_steps % args.eval_steps != 0)
        report.error(path,
                     fmt::format("load_best_model_at_end needs a checkpoint of what was evaluated: "
                                 "checkpoint.save_steps {} is no multiple of eval_steps {}",
                                 checkpoint.save_steps, args.eval_steps),
                     "write the same for both");
}

void rule_early_stopping(const TrainingSpec& spec, Report& report) {
    const TrainingArgs& args = spec.training;
    const bool stops_early = args.early_stopping_patience > 0;
    if (stops_early && args.eval_strategy == "no")
        report.error("training.early_stopping_patience",
                     "early_stopping_patience counts evaluations, and eval_strategy is no",
                     "write eval_strategy: epoch");
    if (!stops_early && args.early_stopping_threshold > 0)
        report.error("training.early_stopping_threshold",
                     "early_stopping_threshold has no effect without early_stopping_patience",
                     "write early_stopping_patience: 3, or leave it out");
    if (!stops_early && !args.load_best_model_at_end && args.metric_for_best_model != "loss")
        report.error("training.metric_for_best_model",
                     "metric_for_best_model has no effect without load_best_model_at_end or early_stopping_patience",
                     "write load_best_model_at_end: true, or leave it out");
}

}  // namespace ktrain::spec
