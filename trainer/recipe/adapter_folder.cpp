// Reading of PEFT's adapter_model.safetensors beside its adapter_config.json.
#include "trainer/recipe/adapter_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "core/model/score_head.h"
#include "trainer/state/file_names.h"
#include "trainer/state/safetensors.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view root = "base_model.model.";
constexpr std::string_view base_weight = ".base_layer.weight";
constexpr const char* undamaged = "use an undamaged copy of the adapter";

// What stands behind the module's name; older files have the adapter's name in it.
struct Ending {
    std::string_view text;
    at::Tensor LoraPair::*place;
};
constexpr std::array endings{
    Ending{".lora_A.default.weight", &LoraPair::a_RI},
    Ending{".lora_A.weight", &LoraPair::a_RI},
    Ending{".lora_B.default.weight", &LoraPair::b_OR},
    Ending{".lora_B.weight", &LoraPair::b_OR},
    Ending{".lora_magnitude_vector", &LoraPair::magnitude_O},
    Ending{".lora_magnitude_vector.default", &LoraPair::magnitude_O},
};

const std::string& an_adapter(const std::string& path) {
    if (!real_files().exists(fmt::format("{}/{}", path, adapter_config_file)))
        refuse(path, fmt::format("{} is no adapter: it has no {}", path, adapter_config_file),
               "name the folder that ktrain run or PEFT wrote for a LoRA");
    return path;
}

bool finite(const at::Tensor& tensor) {
    return tensor.isfinite().all().item<bool>();
}

}  // namespace

AdapterFolder::AdapterFolder(const std::string& path)
    : path_(an_adapter(path)), file_(fmt::format("{}/{}", path, adapter_weights_file)) {
    const std::string config_file = fmt::format("{}/{}", path_, adapter_config_file);
    config_ = read_lora_config(real_files().read(config_file), config_file);
    for (const auto& [full, value] : map_safetensors(file_.content(), file_.path())) {
        const std::string name = full.starts_with(root) ? full.substr(root.size()) : full;
        const auto ending = std::ranges::find_if(endings, [&](const Ending& e) { return name.ends_with(e.text); });
        if (ending != endings.end())
            pairs_[name.substr(0, name.size() - ending->text.size())].*ending->place = value.to(at::kFloat);
        else if (name.ends_with(base_weight))
            continue;  // PEFT adds those of a head and of embeddings, as they are in the base
        else if (name.find(".lora_") != std::string::npos)
            refuse(file_.path(), fmt::format("{} is of a kind of LoRA that is not known here", printable(full)),
                   "merge it with PEFT's merge_and_unload");
        else
            replaced_[name] = value;
    }
    if (pairs_.empty() && replaced_.empty()) refuse(file_.path(), "the adapter has no tensors", undamaged);
    check_pairs(config_file);
    check_replaced();
}

std::int64_t AdapterFolder::labels() const {
    const auto head = replaced_.find(std::string(score_tensor));
    return config_.task_type == scoring_task && head != replaced_.end() && head->second.dim() == 2
               ? head->second.size(0)
               : 0;
}

void AdapterFolder::check_pairs(const std::string& config_file) try {
    const Lora lora(config_);
    for (auto& [module, pair] : pairs_) {
        const bool whole = pair.a_RI.defined() && pair.b_OR.defined() && pair.a_RI.dim() == 2 && pair.b_OR.dim() == 2;
        if (!whole || pair.a_RI.size(0) != pair.b_OR.size(1))
            refuse(file_.path(), fmt::format("lora_A and lora_B of {} do not fit each other", printable(module)),
                   undamaged);
        if (pair.a_RI.size(0) != lora.rank(module))
            refuse(config_file,
                   fmt::format("{} has the rank {}, but adapter_config.json says {}", printable(module),
                               pair.a_RI.size(0), lora.rank(module)),
                   "use the adapter_config.json of this adapter");
        const at::Tensor& magnitude = pair.magnitude_O;
        if (magnitude.defined() != config_.use_dora ||
            (config_.use_dora && (magnitude.dim() != 1 || magnitude.size(0) != pair.b_OR.size(0))))
            refuse(file_.path(),
                   fmt::format("lora_magnitude_vector of {} does not fit: adapter_config.json says use_dora: {}",
                               printable(module), config_.use_dora),
                   "use the adapter_config.json of this adapter");
        if (!finite(pair.a_RI) || !finite(pair.b_OR) || (config_.use_dora && !finite(magnitude)))
            refuse(file_.path(), fmt::format("{} holds NaN or infinity", printable(module)), undamaged);
        pair.scale = lora.scale(module);
    }
} catch (Error& error) {
    if (error.where.file.empty()) error.where.file = config_file;  // a pattern that cannot be read
    throw;
}

void AdapterFolder::check_replaced() const {
    for (const auto& [name, value] : replaced_)
        if (!at::isFloatingType(value.scalar_type()) || !finite(value))
            refuse(file_.path(), fmt::format("{} holds NaN, infinity or whole numbers", printable(name)), undamaged);
    for (const auto& saved : config_.modules_to_save)
        if (std::ranges::none_of(replaced_, [&](const auto& row) { return module_of(row.first).ends_with(saved); }))
            refuse(file_.path(), fmt::format("{} is named by modules_to_save, but not there", printable(saved)),
                   undamaged);
}

}  // namespace ktrain::trainer
