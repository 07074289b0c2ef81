// The table of recipes, and the refusal of everything outside it.
#include "trainer/recipe/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/spec/idle_settings.h"
#include "trainer/recipe/causal_lm.h"
#include "trainer/recipe/image_classification.h"
#include "trainer/recipe/results.h"
#include "trainer/report/reports.h"

namespace ktrain::trainer {
namespace {

constexpr std::array common{
    Demand{"model.dtype", [](const TrainingSpec& s) { return s.model.dtype != "float16"; },
           "float16 is for inference: gradients fall out of its range", "--set model.dtype=bfloat16"},
    Demand{"model.dtype", [](const TrainingSpec& s) { return s.model.dtype == "float32" || s.method.type != "full"; },
           "weights that are trained are float32; products can be computed in bfloat16",
           "--set model.dtype=float32 --set training.bf16=true"},
    Demand{"method.type", [](const TrainingSpec& s) { return s.method.type != "qlora"; },
           "this build does not train QLoRA yet: it has no weights in 4 bits",
           "train LoRA on weights in 16 bits: --set method.type=lora --set model.dtype=bfloat16, without load_in_4bit"},
    Demand{"quantization",
           [](const TrainingSpec& s) { return !s.quantization.load_in_4bit && !s.quantization.load_in_8bit; },
           "this build trains no quantised weights", "leave out load_in_4bit and load_in_8bit"},
    Demand{"resources.nodes", [](const TrainingSpec& s) { return s.resources.nodes == 1; },
           "this build trains in one pod only", "--set resources.nodes=1"},
};

constexpr std::array of_texts{
    Demand{"data.dataset_path", [](const TrainingSpec& s) { return !s.data.dataset_path.empty(); },
           "data.dataset_path is not set", "name a file or folder with the rows to train on"},
    Demand{"method.type", [](const TrainingSpec& s) { return s.method.type == "full" || s.method.type == "lora"; },
           "this build trains all weights or LoRA (method.type: full or lora)", "--set method.type=lora"},
    Demand{
        "model.config_name",
        [](const TrainingSpec& s) { return s.method.type != "lora" || s.model.config_name.empty(); },
        "LoRA keeps the adapter alone, so it needs weights that are kept elsewhere: those of model.config_name begin "
        "at random and would be lost",
        "name a folder with weights as model.model_name_or_path in its place, or --set method.type=full"},
};

constexpr std::array of_images{
    Demand{"method.type", [](const TrainingSpec& s) { return s.method.type == "full"; },
           "simple_cnn is trained whole (method.type: full)", "--set method.type=full"},
    Demand{"objective.type",
           [](const TrainingSpec& s) { return s.objective.type.empty() || s.objective.type == "classification"; },
           "simple_cnn is trained for classification only", "--set objective.type=classification"},
    Demand{"training.bf16", [](const TrainingSpec& s) { return !s.training.bf16; }, "simple_cnn is trained in float32",
           "--set training.bf16=false"},
    Demand{"training.gradient_checkpointing", [](const TrainingSpec& s) { return !s.training.gradient_checkpointing; },
           "simple_cnn has no gradient checkpointing", "--set training.gradient_checkpointing=false"},
};

constexpr std::array table{Recipe{"causal_lm", of_texts, train_causal_lm, dry_run_causal_lm},
                           Recipe{"simple_cnn", of_images, train_image_classifier, dry_run_image_classifier}};
static_assert(std::ranges::is_sorted(table, {}, &Recipe::model_type));

void check(const TrainingSpec& spec, std::span<const Demand> demands) {
    for (const auto& demand : demands)
        if (!demand.met(spec))
            throw Error(ErrorKind::input, std::string(demand.message), {"", 0, 0, std::string(demand.path)},
                        std::string(demand.hint));
}

const Recipe& recipe_for(const TrainingSpec& spec) {
    if (spec.model.type.empty() && spec.model.model_name_or_path.empty() && spec.model.config_name.empty())
        throw Error(ErrorKind::input, "the spec names no model", {"", 0, 0, "model"},
                    "--model_name_or_path=FOLDER, or --set model.type=simple_cnn");
    const std::string_view type = spec.model.type.empty() ? "causal_lm" : std::string_view(spec.model.type);
    const auto row = std::ranges::find(table, type, &Recipe::model_type);
    if (row != table.end()) return *row;
    throw Error(ErrorKind::input, fmt::format("this build cannot train model.type {}", type), {"", 0, 0, "model.type"},
                "it trains simple_cnn, and language models by model.model_name_or_path");
}

const Recipe& checked_recipe(const TrainingSpec& spec, const Host& host) {
    const Recipe& recipe = recipe_for(spec);
    check(spec, common);
    check(spec, recipe.demands);
    if (spec.resources.gpus_per_node > 0)
        host.warn(fmt::format("resources.gpus_per_node is {}, but this build trains on the CPU",
                              spec.resources.gpus_per_node));
    for (const Diagnostic& idle : spec::idle_settings(spec)) host.warn(idle.message);
    return recipe;
}

}  // namespace

Json description() {
    Json models = Json::array();
    for (const auto& recipe : table) models.push_back(recipe.model_type);
    return {{"versions", versions()}, {"devices", {"cpu"}}, {"models", models}};
}

int train(const TrainingSpec& spec, const Host& host) {
    const Recipe& recipe = checked_recipe(spec, host);
    Reports reports(spec, host);
    const int signal = recipe.run(spec, Host(host, reports));
    reports.finish(signal == 0 ? exit_code::done : exit_code_for_signal(signal));
    return signal;
}

int dry_run(const TrainingSpec& spec, const Host& host) {
    const Json answer = checked_recipe(spec, host).dry_run(spec, host);
    if (answer.empty()) return host.stop_signal();
    Json event = {{"event", "dry_run"}};
    event.update(answer);
    host.event(event);
    return 0;
}

}  // namespace ktrain::trainer
