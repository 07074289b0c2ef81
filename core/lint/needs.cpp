// From flags of Hugging Face's and TRL's scripts to a spec, and from there to an estimate.
#include "core/lint/needs.h"

#include <algorithm>
#include <memory>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/estimate/checkpoint_files.h"
#include "core/estimate/estimate.h"
#include "core/model/catalog.h"

namespace ktrain::lint {
namespace {

bool is_on(const Option* flag) {
    if (flag == nullptr) return false;
    const std::string value = lower(flag->value);
    return value.empty() || value == "true" || value == "1" || value == "yes";
}

std::int64_t number_or(const Option* flag, std::int64_t otherwise) {
    const std::optional<std::int64_t> number = flag != nullptr ? flag->number() : std::nullopt;
    return number && *number > 0 && *number < 10'000'000 ? *number : otherwise;
}

// How the weights are trained, as far as the command says it.
struct Said {
    TrainingSpec spec;
    bool quantised = false;
    bool whole = true;  // no file, and no name, hints at other settings
};

Said read_flags(const Workload& work, const Container& container) {
    const Launch& launch = container.launch;
    Said said;
    TrainingSpec& spec = said.spec;
    const bool qlora = lower(launch.script).find("qlora") != std::string::npos || is_on(launch.flag({"qlora"}));
    const bool four = is_on(launch.flag({"load_in_4bit", "use_4bit"})) || qlora;
    const bool eight = is_on(launch.flag({"load_in_8bit", "use_8bit"}));
    const Option* rank = launch.flag({"lora_r", "lora_rank"});
    const bool lora = rank != nullptr || is_on(launch.flag({"use_lora", "use_peft", "lora"})) || four || eight;
    said.quantised = four || eight;
    spec.method.type = four ? "qlora" : lora ? "lora" : "full";
    spec.method.r = number_or(rank, 16);
    spec.quantization.load_in_4bit = four;
    spec.quantization.load_in_8bit = eight;
    spec.training.bf16 = is_on(launch.flag({"bf16"})) || is_on(launch.flag({"fp16"}));
    spec.model.dtype = spec.training.bf16 ? "bfloat16" : "float32";
    spec.training.gradient_checkpointing = is_on(launch.flag({"gradient_checkpointing"}));
    const Option* batch = launch.flag({"per_device_train_batch_size", "micro_batch_size"});
    spec.training.per_device_train_batch_size = number_or(batch, 8);
    spec.objective.max_length = number_or(launch.flag({"max_length", "max_seq_length", "model_max_length"}), 1024);
    spec.resources.gpus_per_node = std::max<std::int64_t>(container.gpus, 1);
    const bool file =
        launch.flag({"config", "config_file", "deepspeed", "fsdp", "fsdp_config", "deepspeed_config"}) != nullptr ||
        launch.option({"config_file", "use_fsdp", "use_deepspeed"}) != nullptr ||
        launch.launcher == Launcher::deepspeed;
    said.whole = !file && batch != nullptr && work.trains;
    return said;
}

std::optional<ModelShape> model_of(const Launch& launch) {
    const Option* flag = launch.flag({"model_name_or_path", "model_name", "model", "base_model", "model_id"});
    if (flag == nullptr || flag->value.empty() || flag->value.size() > 200) return std::nullopt;
    if (std::optional<ModelShape> shape = find_in_catalog(flag->value)) return shape;
    return find_in_catalog(base_name(flag->value));
}

std::optional<Needs> count(const Workload& work, const Container& container) {
    const std::optional<ModelShape> shape = model_of(container.launch);
    if (!shape || shape->parameters <= 0) return std::nullopt;
    Said said = read_flags(work, container);
    said.spec.model.model_name_or_path = shape->name;
    Needs needs;
    needs.model = shape->name;
    needs.parameters = shape->parameters;
    const bool sixteen_bits = said.whole && !said.quantised;
    needs.weights = sixteen_bits ? shape->parameters * 2 : shape->parameters / 2;
    if (!said.whole) return needs;
    try {
        const Estimate estimate = ktrain::estimate(said.spec, *shape);
        needs.each = estimate.needed;
        needs.checkpoint = checkpoint_files(said.spec, *shape, estimate.trainable_parameters).total();
    } catch (const Error&) {  // a command that cannot be estimated is none of our business
    }
    return needs;
}

// All that count() reads.
std::string key_of(const Container& container) {
    std::string key = std::to_string(container.gpus) + "\n" + std::string(name_of(container.launch.launcher)) + "\n" +
                      container.launch.script;
    for (const auto* options : {&container.launch.options, &container.launch.flags}) {
        for (const Option& option : *options) key += "\n" + option.name + "=" + option.value;
    }
    return key;
}

}  // namespace

std::optional<Needs> needs_of(const Workload& work, const Container& container, NeedsByCommand& known) {
    constexpr std::size_t most_kept = 1000;
    if (container.launch.flag({"model_name_or_path", "model_name", "model", "base_model", "model_id"}) == nullptr)
        return std::nullopt;
    std::string key = key_of(container) + (work.trains ? "+" : "-");
    if (const auto it = known.find(key); it != known.end()) return *it->second;
    if (known.size() >= most_kept) known.clear();
    const auto needs = std::make_shared<std::optional<Needs>>(count(work, container));
    known.emplace(std::move(key), needs);
    return *needs;
}

}  // namespace ktrain::lint
