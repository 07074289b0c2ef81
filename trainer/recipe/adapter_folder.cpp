// Reading of PEFT's adapter_config.json and adapter_model.safetensors.
#include "trainer/recipe/adapter_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "trainer/state/safetensors.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view root = "base_model.model.";

[[noreturn]] void refuse(const std::string& file, const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::input, message, {file, 0, 0, ""}, hint);
}

bool flag(const Json& config, const char* key) {
    const Json& value = at_path(config, {key});
    return value.is_boolean() && value.get<bool>();
}

double number(const Json& config, const char* key, const std::string& file) {
    const Json& value = at_path(config, {key});
    if (!value.is_number() || value.get<double>() <= 0)
        refuse(file, fmt::format("{} must be a number above 0", key), "use a folder that PEFT or ktrain wrote");
    return value.get<double>();
}

void check(const Json& config, const std::string& file) {
    if (const std::string type = string_or(config, "peft_type"); type != "LORA")
        refuse(file, fmt::format("the adapter is {}, not LORA", type.empty() ? "of no known kind" : printable(type)),
               "only LoRA is folded into weights");
    if (flag(config, "use_dora"))
        refuse(file, "DoRA adapters cannot be merged by this build", "merge it with PEFT's merge_and_unload");
    if (const std::string bias = string_or(config, "bias", "none"); bias != "none")
        refuse(file, "adapters with biases cannot be merged by this build", "merge it with PEFT's merge_and_unload");
}

// The value that a pattern of the config gives a module. Source: get_pattern_key of PEFT: (.*\\.)?(pattern)$.
double by_pattern(const Json& config, const char* key, const std::string& module, double fallback,
                  const std::string& file) try {
    const Json& patterns = at_path(config, {key});
    if (!patterns.is_object()) return fallback;
    for (const auto& [pattern, value] : patterns.items())
        if (value.is_number() && std::regex_match(module, std::regex("(.*\\.)?(" + pattern + ")")))
            return value.get<double>();
    return fallback;
} catch (const std::regex_error&) {
    refuse(file, fmt::format("{} holds a pattern that cannot be read", key), "use a folder that PEFT or ktrain wrote");
}

double rank_of(const Json& config, const std::string& module, const std::string& file) {
    return by_pattern(config, "rank_pattern", module, number(config, "r", file), file);
}

double scale_of(const Json& config, const std::string& module, const std::string& file) {
    const double rank = rank_of(config, module, file);
    const double alpha = by_pattern(config, "alpha_pattern", module, number(config, "lora_alpha", file), file);
    return flag(config, "use_rslora") ? alpha / std::sqrt(rank) : alpha / rank;
}

// "lora_A" and "lora_B" behind the module's name; older files have the adapter's name behind that.
struct Key {
    std::string module;
    char matrix = 0;  // 'A' or 'B'; 0: a whole tensor
};

Key key_of(const std::string& name) {
    static const std::regex form(R"((.*)\.lora_([AB])(\.default)?\.weight)");
    std::smatch match;
    const std::string inner = name.starts_with(root) ? name.substr(root.size()) : name;
    if (!std::regex_match(inner, match, form)) return {inner, 0};
    return {match[1], match[2].str()[0]};
}

}  // namespace

AdapterFolder::AdapterFolder(const std::string& path) : path_(path), file_(path + "/adapter_model.safetensors") {
    const std::string config_file = path_ + "/adapter_config.json";
    const Json config = parse_json(real_files().read(config_file), config_file);
    check(config, config_file);
    base_ = string_or(config, "base_model_name_or_path");
    transposed_ = flag(config, "fan_in_fan_out");
    for (const auto& [name, value] : map_safetensors(file_.content(), file_.path())) {
        const Key key = key_of(name);
        if (key.matrix == 0) {
            replaced_[key.module] = value;
            continue;
        }
        LoraPair& pair = pairs_[key.module];
        (key.matrix == 'A' ? pair.a_RI : pair.b_OR) = value.to(at::kFloat);
        pair.scale = scale_of(config, key.module, config_file);
    }
    for (const auto& [module, pair] : pairs_) {
        const bool whole = pair.a_RI.defined() && pair.b_OR.defined() && pair.a_RI.dim() == 2 && pair.b_OR.dim() == 2;
        if (!whole || pair.a_RI.size(0) != pair.b_OR.size(1))
            refuse(file_.path(), fmt::format("lora_A and lora_B of {} do not fit each other", printable(module)),
                   "use an undamaged copy of the adapter");
        if (static_cast<double>(pair.a_RI.size(0)) != rank_of(config, module, config_file))
            refuse(config_file,
                   fmt::format("{} has the rank {}, but adapter_config.json says {}", printable(module),
                               pair.a_RI.size(0), rank_of(config, module, config_file)),
                   "use the adapter_config.json of this adapter");
        if (!pair.a_RI.isfinite().all().item<bool>() || !pair.b_OR.isfinite().all().item<bool>())
            refuse(file_.path(), fmt::format("{} holds NaN or infinity", printable(module)),
                   "use an undamaged copy of the adapter");
    }
    for (const Json& saved : at_path(config, {"modules_to_save"}))
        if (saved.is_string() && std::ranges::none_of(replaced_, [&](const auto& tensor) {
                return tensor.first.find(saved.get<std::string>() + ".") != std::string::npos;
            }))
            refuse(file_.path(),
                   fmt::format("{} is named by modules_to_save, but not there", printable(saved.get<std::string>())),
                   "use an undamaged copy of the adapter");
    if (pairs_.empty() && replaced_.empty())
        refuse(file_.path(), "the adapter has no tensors", "use an undamaged copy of the adapter");
}

}  // namespace ktrain::trainer
