// adapter_config.json of LoRA, written and read.
#include <fmt/format.h>

#include <array>

#include "core/base/file_error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/model/method_lora.h"

namespace ktrain {
namespace {

// Options that add to the numbers what is not known here; PEFT leaves them null or false.
constexpr std::array<std::string_view, 10> unknown_options{
    "alora_invocation_tokens", "arrow_config", "kasa_config", "lora_bias",    "monteclora_config", "target_parameters",
    "trainable_token_indices", "use_bdlora",   "use_qalora",  "velora_config"};

// Ways to begin that take a part out of the base's weights. PEFT does that again when it loads such an adapter.
constexpr std::array<std::string_view, 5> changes_base{"corda", "loftq", "lora_ga", "olora", "pissa"};

[[noreturn]] void refuse_option(const std::string& file, const std::string& option) {
    refuse(file, fmt::format("adapters with {} are not known here", option), "merge it with PEFT's merge_and_unload");
}

void check(const Json& config, const std::string& file) {
    if (const std::string type = string_or(config, "peft_type"); type != "LORA")
        refuse(file, fmt::format("the adapter is {}, not LORA", type.empty() ? "of no known kind" : printable(type)),
               "only LoRA is folded into weights");
    if (const std::string bias = string_or(config, "bias", "none"); bias != "none")
        refuse_option(file, fmt::format("bias: {}", printable(bias)));
    for (const std::string_view option : unknown_options)
        if (const Json& value = at_path(config, {option}); !value.is_null() && value != false && !value.empty())
            refuse_option(file, std::string(option));
    const std::string begin = string_or(config, "init_lora_weights");
    for (const std::string_view way : changes_base)
        if (begin.starts_with(way)) refuse_option(file, "init_lora_weights: " + printable(begin));
}

bool flag(const Json& config, std::string_view key) {
    const Json& value = at_path(config, {key});
    return value.is_boolean() && value.get<bool>();
}

double number(const Json& value, std::string_view key, const std::string& file) {
    if (!value.is_number() || value.get<double>() <= 0)
        refuse(file, fmt::format("{} must be a number above 0", printable(key)),
               "use a folder that PEFT or ktrain wrote");
    return value.get<double>();
}

std::vector<std::pair<std::string, double>> pattern(const Json& config, std::string_view key, const std::string& file) {
    std::vector<std::pair<std::string, double>> values;
    const Json& patterns = at_path(config, {key});
    if (!patterns.is_object()) return values;
    for (const auto& [name, value] : patterns.items())
        values.emplace_back(name, number(value, fmt::format("{}.{}", key, name), file));
    return values;
}

std::vector<std::string> words(const Json& config, std::string_view key) {
    std::vector<std::string> found;
    const Json& list = at_path(config, {key});
    if (!list.is_array()) return found;
    for (const Json& word : list)
        if (word.is_string()) found.push_back(word.get<std::string>());
    return found;
}

// PEFT makes tensors by the ranks: they must be whole numbers.
nlohmann::json shown(const std::vector<std::pair<std::string, double>>& values) {
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [name, value] : values) {
        const auto whole = static_cast<std::int64_t>(std::min(value, 1e15));
        if (static_cast<double>(whole) == value)
            json[name] = whole;
        else
            json[name] = value;
    }
    return json;
}

}  // namespace

std::string to_text(const LoraConfig& config) {
    nlohmann::json json = {{"alpha_pattern", shown(config.alpha_pattern)},
                           {"base_model_name_or_path", config.base_model_name_or_path},
                           {"bias", "none"},
                           {"fan_in_fan_out", config.fan_in_fan_out},
                           {"inference_mode", true},
                           {"init_lora_weights", true},
                           {"lora_alpha", config.lora_alpha},
                           {"lora_dropout", config.lora_dropout},
                           {"modules_to_save", nullptr},
                           {"peft_type", "LORA"},
                           {"r", config.r},
                           {"rank_pattern", shown(config.rank_pattern)},
                           {"revision", nullptr},
                           {"target_modules", config.target_modules},
                           {"task_type", config.task_type},
                           {"use_dora", config.use_dora},
                           {"use_rslora", config.use_rslora}};
    if (!config.modules_to_save.empty()) json["modules_to_save"] = config.modules_to_save;
    return json.dump(2) + "\n";
}

LoraConfig read_lora_config(std::string_view text, const std::string& file) {
    const Json json = parse_json(text, file);
    check(json, file);
    LoraConfig config;
    config.base_model_name_or_path = string_or(json, "base_model_name_or_path");
    config.target_modules = words(json, "target_modules");
    config.modules_to_save = words(json, "modules_to_save");
    config.task_type = string_or(json, "task_type", config.task_type);
    // PEFT names the head by every name that its models have.
    if (config.task_type == scoring_task) std::erase(config.modules_to_save, "classifier");
    const double rank = number(at_path(json, {"r"}), "r", file);
    if (rank > 1e9) refuse(file, "r is beyond every matrix", "use a folder that PEFT or ktrain wrote");
    config.r = static_cast<std::int64_t>(rank);
    config.lora_alpha = number(at_path(json, {"lora_alpha"}), "lora_alpha", file);
    config.use_rslora = flag(json, "use_rslora");
    config.use_dora = flag(json, "use_dora");
    config.fan_in_fan_out = flag(json, "fan_in_fan_out");
    config.rank_pattern = pattern(json, "rank_pattern", file);
    config.alpha_pattern = pattern(json, "alpha_pattern", file);
    return config;
}

}  // namespace ktrain
