// Modules, ranks, scales and tensors of LoRA.
#include "core/model/method_lora.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/count.h"
#include "core/model/family.h"
#include "core/model/score_head.h"

namespace ktrain {
namespace {

constexpr double highest_rank = 1 << 20;  // beyond every matrix, and exact as a double

// What PEFT adapts when it is not told: queries and values, or the one matrix that has them. Of latent attention it has
// no usual targets.
std::vector<std::string> default_targets(const ModelShape& shape, const std::vector<LinearModule>& modules) {
    if (shape.latent.kv_rank > 0)
        throw Error(ErrorKind::input,
                    fmt::format("{} has latent attention, for which LoRA has no usual targets", shape.name),
                    {"", 0, 0, "method.target_modules"}, "write target_modules: [all-linear], or name some of them");
    if (shape.fused_qkv) return {std::string(last_name(modules.front().name))};
    return {std::string(last_name(modules[0].name)), std::string(last_name(modules[2].name))};
}

std::vector<std::pair<std::string, double>> values_of(const StringMap& map, const std::string& path) {
    std::vector<std::pair<std::string, double>> values;
    for (const auto& [pattern, text] : map) {
        const auto value = spec::number_above_zero(text);
        if (!value)
            throw Error(ErrorKind::input, fmt::format("{} must be a number above 0", printable(text)),
                        {"", 0, 0, join_path(path, pattern)});
        values.emplace_back(pattern, *value);
    }
    return values;
}

// Of the names of modules every end behind a dot, and the whole.
std::vector<std::string> ends_of(const std::vector<std::string>& modules) {
    std::set<std::string> ends(modules.begin(), modules.end());
    for (const std::string& module : modules)
        for (auto dot = module.find('.'); dot != module.npos; dot = module.find('.', dot + 1))
            ends.insert(module.substr(dot + 1));
    return {ends.begin(), ends.end()};
}

// A pattern that fits none of the `adapted` modules has no effect, which nobody means.
void check_patterns(const std::vector<std::pair<std::string, double>>& patterns, const std::string& field,
                    const std::vector<std::string>& adapted) {
    if (adapted.empty()) return;  // which inventory() refuses
    for (const auto& entry : patterns) {
        const spec::ModuleValues pattern({entry});
        if (std::ranges::any_of(adapted, [&](const auto& module) { return pattern.of(module).has_value(); })) continue;
        const std::string near = nearest(entry.first, ends_of(adapted));
        throw Error(ErrorKind::input, fmt::format("\"{}\" fits no module that LoRA adapts", printable(entry.first)),
                    {"", 0, 0, join_path(field, entry.first)},
                    near.empty() ? fmt::format("it adapts {}, for example: see method.target_modules", adapted.front())
                                 : fmt::format("did you mean {}?", near));
    }
}

[[noreturn]] void refuse_saved(const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::input, message, {"", 0, 0, "method.modules_to_save"}, hint);
}

// The modules around others: "model.layers.0.self_attn", "model.layers.0", ...
std::set<std::string> groups_of(const std::vector<std::string>& modules) {
    std::set<std::string> groups;
    for (std::string_view name : modules)
        for (auto dot = name.rfind('.'); dot != std::string_view::npos; dot = name.rfind('.'))
            groups.emplace(name = name.substr(0, dot));
    return groups;
}

std::vector<std::string> adapted_modules(const ModelShape& shape, const MethodSpec& method, const LoraConfig& config) {
    if (config.rank_pattern.empty() && config.alpha_pattern.empty()) return {};
    const Lora lora(config);
    std::vector<std::string> modules;
    for (const LinearModule& target : lora_targets(shape, method))
        for (std::int64_t i = target.first; i < target.end; ++i)
            if (std::string name = layer_place(shape, i) + std::string(target.name); lora.adapts(name))
                modules.push_back(std::move(name));
    return modules;
}

}  // namespace

std::string_view last_name(std::string_view module) {
    return module.substr(module.rfind('.') + 1);
}

bool uses_lora(const MethodSpec& method) {
    return method.type == "lora" || method.type == "qlora";
}

LoraConfig lora_config(const ModelShape& shape, const MethodSpec& method) {
    LoraConfig config;
    for (const LinearModule& target : lora_targets(shape, method))
        config.target_modules.emplace_back(last_name(target.name));
    std::ranges::sort(config.target_modules);
    config.modules_to_save = method.modules_to_save;
    if (shape.labels > 0) {  // as PEFT does it: nothing else would train a new head
        config.task_type = scoring_task;
        if (std::ranges::find(config.modules_to_save, score_module) == config.modules_to_save.end())
            config.modules_to_save.emplace_back(score_module);
    }
    config.r = method.r;
    config.lora_alpha = method.lora_alpha;
    config.lora_dropout = method.lora_dropout;
    config.use_rslora = method.use_rslora;
    config.use_dora = method.use_dora;
    const Family* family = find_family(shape.family);
    config.fan_in_fan_out = family != nullptr && family->transposed;
    config.rank_pattern = values_of(method.rank_pattern, "method.rank_pattern");
    config.alpha_pattern = values_of(method.alpha_pattern, "method.alpha_pattern");
    const std::vector<std::string> adapted = adapted_modules(shape, method, config);
    check_patterns(config.rank_pattern, "method.rank_pattern", adapted);
    check_patterns(config.alpha_pattern, "method.alpha_pattern", adapted);
    return config;
}

Lora::Lora(const LoraConfig& config) : config_(config), ranks_(config.rank_pattern), alphas_(config.alpha_pattern) {}

std::int64_t Lora::rank(const std::string& module) const {
    const double rank = ranks_.of(module).value_or(static_cast<double>(config_.r));
    return static_cast<std::int64_t>(std::clamp(rank, 1.0, highest_rank));
}

double Lora::scale(const std::string& module) const {
    const auto rank = static_cast<double>(this->rank(module));
    return alphas_.of(module).value_or(config_.lora_alpha) / (config_.use_rslora ? std::sqrt(rank) : rank);
}

bool Lora::saves(std::string_view module) const {
    return std::ranges::any_of(config_.modules_to_save, [&](const auto& word) { return module.ends_with(word); });
}

bool Lora::adapts(std::string_view module) const {
    return std::ranges::none_of(config_.modules_to_save, [&](const auto& word) { return is_or_is_in(module, word); });
}

std::vector<TensorDecl> Lora::tensors(const LinearModule& layer, const std::string& module) const {
    const std::int64_t rank = this->rank(module);
    const std::string place = adapter_place(module);
    std::vector<TensorDecl> tensors{
        {place + ".lora_A.weight", {rank, layer.in}, "float32", Role::adapter, true},
        {place + ".lora_B.weight", {layer.out, rank}, "float32", Role::adapter, true},
    };
    if (config_.use_dora)
        tensors.push_back({place + ".lora_magnitude_vector", {layer.out}, "float32", Role::adapter, true});
    return tensors;
}

void Lora::check_saved(const std::vector<std::string>& modules) const {
    std::vector<std::string> names;
    for (const auto& module : modules) names.emplace_back(last_name(module));
    const std::set<std::string> groups = groups_of(modules);
    for (const auto& word : config_.modules_to_save) {
        const auto ends = [&](const std::string& name) { return name.ends_with(word); };
        if (const auto group = std::ranges::find_if(groups, ends); group != groups.end())
            refuse_saved(fmt::format("\"{}\" names {}, a group of modules", printable(word), *group),
                         "name the modules in it one by one");
        if (std::ranges::any_of(modules, ends)) continue;
        const std::string near = nearest(word, names);
        refuse_saved(fmt::format("the model has no module \"{}\"", printable(word)),
                     near.empty() ? fmt::format("it has {}, for example", names.front())
                                  : fmt::format("did you mean {}?", near));
    }
    for (const auto& module : modules) {
        const bool target =
            std::ranges::find(config_.target_modules, last_name(module)) != config_.target_modules.end();
        if (target && saves(module) && adapts(module))
            refuse_saved(fmt::format("{} is trained whole and has LoRA matrices", module),
                         fmt::format("write its name whole in modules_to_save, or leave {} out of target_modules",
                                     last_name(module)));
    }
}

std::vector<LinearModule> named_modules(const ModelShape& shape, const std::vector<std::string>& words,
                                        const std::string& field) {
    const auto modules = linear_modules(shape);
    if (words == std::vector<std::string>{"all-linear"}) return modules;
    std::vector<std::string> names;
    for (const auto& module : modules) names.emplace_back(last_name(module.name));
    for (const auto& word : words) {
        if (std::ranges::find(names, word) != names.end()) continue;
        const std::string near = nearest(word, names);
        throw Error(
            ErrorKind::input, fmt::format("{} has no linear layer \"{}\"", shape.name, printable(word)),
            {"", 0, 0, field},
            near.empty() ? fmt::format("it has: {}", join(names, ", ")) : fmt::format("did you mean {}?", near));
    }
    std::vector<LinearModule> named;
    for (const auto& module : modules)
        if (std::ranges::find(words, last_name(module.name)) != words.end()) named.push_back(module);
    return named;
}

std::vector<LinearModule> lora_targets(const ModelShape& shape, const MethodSpec& method) {
    const bool usual = method.target_modules.empty();
    return named_modules(shape, usual ? default_targets(shape, linear_modules(shape)) : method.target_modules,
                         "method.target_modules");
}

std::string adapter_place(std::string_view module) {
    return "base_model.model." + std::string(module);
}

std::int64_t lora_parameters(const ModelShape& shape, const MethodSpec& method) {
    if (!method.modules_to_save.empty() || shape.labels > 0) return trainable_parameters(shape, method);
    const Lora lora(lora_config(shape, method));
    std::int64_t total = 0;
    for (const LinearModule& target : lora_targets(shape, method))
        for (std::int64_t i = target.first; i < target.end; ++i)
            for (const TensorDecl& tensor : lora.tensors(target, layer_place(shape, i) + std::string(target.name)))
                total = sum({total, tensor.elements()});
    return total;
}

}  // namespace ktrain
