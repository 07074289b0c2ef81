// Folding of an adapter, tensor by tensor.
#include "trainer/recipe/adapter_changes.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "core/base/file_error.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "core/model/family.h"
#include "trainer/state/file_names.h"

namespace ktrain::trainer {
namespace {

[[noreturn]] void other_base(const std::string& file, const std::string& name) {
    refuse(file, fmt::format("the adapter is of another base: {} is not there with its shape", printable(name)),
           "name the model that the adapter was trained on with --base");
}

// Undefined when the shapes differ.
at::Tensor folded(const at::Tensor& weight, const LoraPair& pair, bool transposed) {
    const at::Tensor old_OI = transposed && weight.dim() == 2 ? weight.t() : weight;
    at::Tensor new_OI = pair.b_OR.mm(pair.a_RI).mul_(pair.scale);
    if (new_OI.sizes() != old_OI.sizes()) return {};
    new_OI.add_(old_OI.to(at::kFloat));
    if (pair.magnitude_O.defined())
        new_OI.mul_(pair.magnitude_O.div(at::linalg_vector_norm(new_OI, 2, 1)).unsqueeze(1));
    return (transposed ? new_OI.t() : new_OI).contiguous().to(weight.scalar_type());
}

}  // namespace

MergeBase open_merge_base(const std::string& folder) {
    const std::string path = folder + "/config.json";
    if (folder.empty())
        refuse(std::string(adapter_config_file), "the adapter names no base",
               "name the base model's folder with --base");
    if (!real_files().is_folder(folder))
        refuse(folder, folder + " is no folder on this machine", "name the base model's folder with --base");
    MergeBase base{.folder = folder, .config = parse_json(real_files().read(path), path)};
    if (base.config.contains("quantization_config"))
        refuse(path, "the base holds quantised weights: merging into them would spoil them",
               "name the base model in 16 or 32 bits with --base");
    if (const Family* family = find_family(string_or(base.config, "model_type"))) {
        base.root = family->names->root;
        base.embedding = fmt::format("{}{}.weight", base.root, family->names->embedding);
        base.tied = family->tied;
        base.transposed = family->transposed;
    }
    base.scores = has_score_head(base.config);
    const Json& said = at_path(base.config, {"tie_word_embeddings"});
    if (said.is_boolean()) base.tied = said.get<bool>();
    return base;
}

AdapterChanges::AdapterChanges(const AdapterFolder& adapter, const MergeBase& base)
    : adapter_(adapter),
      base_(base),
      gives_score_(adapter.labels() > 0 && !base.scores),
      parts_tie_(!gives_score_ && base.tied &&
                 (replaced(base.embedding) != nullptr || replaced(std::string(token_head)) != nullptr ||
                  adapter.pairs().contains(std::string(module_of(token_head))))) {}

NamedTensors AdapterChanges::apply(const NamedTensors& tensors, const std::string& file) {
    NamedTensors changed;
    for (const auto& [name, value] : tensors) {
        const bool new_head = parts_tie_ || gives_score_;
        if (new_head && name == token_head) continue;  // the new one goes beside the embedding
        changed.push_back({name, apply(name, value, file)});
        if (!new_head || full_name(name) != base_.embedding) continue;
        if (name != base_.embedding)
            refuse(file,
                   fmt::format("the head cannot be {} the embedding: {} lacks its {}",
                               gives_score_ ? "put beside" : "parted from", name, base_.root),
                   "load and save the base with transformers first");
        head_file_ = base_name(file);
        if (gives_score_) {
            const at::Tensor score = adapter_.replaced().at(std::string(score_tensor));
            changed.push_back({std::string(score_tensor), score.to(value.scalar_type())});
            used_.insert(std::string(score_tensor));
            continue;
        }
        changed.push_back({std::string(token_head), apply(std::string(token_head), value, file)});
    }
    return changed;
}

void AdapterChanges::require_all_used() const {
    for (const auto& [module, pair] : adapter_.pairs())
        if (!used_.contains(module)) other_base(base_.folder, module);
    for (const auto& [name, value] : adapter_.replaced())
        if (!used_.contains(name)) other_base(base_.folder, name);
}

const at::Tensor* AdapterChanges::replaced(const std::string& name) const {
    const auto row = adapter_.replaced().find(name);
    return row == adapter_.replaced().end() ? nullptr : &row->second;
}

std::string AdapterChanges::full_name(const std::string& name) const {
    return name == token_head || name == score_tensor || name.starts_with(base_.root) ? name : base_.root + name;
}

at::Tensor AdapterChanges::apply(const std::string& stored, const at::Tensor& value, const std::string& file) {
    const std::string name = full_name(stored);
    if (const at::Tensor* whole = replaced(name)) {
        used_.insert(name);
        if (whole->sizes() != value.sizes()) other_base(file, name);
        return whole->to(value.scalar_type());
    }
    const std::string module(module_of(name));
    const auto pair = adapter_.pairs().find(module);
    if (!name.ends_with(".weight") || pair == adapter_.pairs().end()) return value;
    used_.insert(module);
    // The adapter's own word is of all its modules at once: of one that has GPT-2's head, too, which is stored as those
    // of others, PEFT says that none is transposed.
    const bool transposed = base_.transposed.value_or(adapter_.config().fan_in_fan_out) && name != token_head;
    at::Tensor changed = folded(value, pair->second, transposed);
    if (!changed.defined()) other_base(file, name);
    return changed;
}

void fold_adapter(const AdapterFolder& adapter, const std::string& folder, const Parameters& parameters) {
    const c10::NoGradGuard no_grad;
    const MergeBase base = open_merge_base(folder);
    AdapterChanges changes(adapter, base);
    for (const NamedTensor& tensor : parameters.values(false))
        for (const auto& [name, value] : changes.apply({tensor}, folder)) {
            if (!parameters.has(name))
                refuse(folder, "the adapter parts the head of the model from its embedding",
                       "fold it into its base first, with: ktrain merge");
            at::Tensor(parameters.at(name).value).copy_(value);
        }
    changes.require_all_used();
    parameters.round_all();
}

}  // namespace ktrain::trainer
