// The model of a run, from its folder.
#include "trainer/recipe/language_model.h"

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/model/family.h"
#include "trainer/model/initialise.h"
#include "trainer/peft/lora.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

bool adapts(const TrainingSpec& spec) {
    return spec.method.type != "full";
}

std::vector<std::string> base_names(const Parameters& parameters) {
    std::vector<std::string> names;
    for (const TensorDecl& declaration : parameters.declarations())
        if (declaration.role != Role::adapter) names.push_back(declaration.name);
    return names;
}

std::vector<TensorDecl> tensors_of(const TrainingSpec& spec, const ModelFolder& folder, ModelUse use) {
    std::vector<TensorDecl> tensors = inventory(folder.config.shape, spec.method, "float32");
    if (use == ModelUse::evaluate)
        for (TensorDecl& tensor : tensors) tensor.trainable = false;
    return tensors;
}

// Returns the digest of loaded weights; empty for random ones.
std::string fill(const TrainingSpec& spec, const ModelFolder& folder, const Parameters& parameters, const Host& host) {
    const DecoderConfig& config = folder.config;
    const auto seed = static_cast<std::uint64_t>(spec.training.seed);
    const double range = config.initializer_range;
    initialise(parameters, range, config.norm_offset, seed, !folder.fresh);
    if (folder.fresh) return "";
    require_weights(folder);
    const WeightsWanted wanted{std::string(find_family(config.shape.family)->names->root), config.shape.tied};
    const LoadedWeights loaded = load_weights(folder.path, parameters, base_names(parameters), wanted);
    if (!loaded.unused.empty())
        host.warn(fmt::format("{} tensors of {} are not used, {} first", loaded.unused.size(), folder.path,
                              printable(loaded.unused.front())));
    return loaded.digest;
}

}  // namespace

LanguageModel::LanguageModel(const TrainingSpec& spec, const ModelFolder& folder, std::int64_t longest,
                             const Host& host, ModelUse use)
    : spec_(spec),
      folder_(folder),
      parameters_(tensors_of(spec, folder, use)),
      decoder_(folder.config, parameters_,
               {.gemm = best_gemm(),
                .longest = longest,
                .method = spec.method,
                .checkpointing = spec.training.gradient_checkpointing}) {
    digest_ = fill(spec, folder, parameters_, host);
    if (folder.config.dropout > 0)
        host.warn(fmt::format("config.json asks for a dropout of {}, which is not applied", folder.config.dropout));
}

std::string LanguageModel::name() const {
    return folder_.config.shape.name;
}

std::int64_t LanguageModel::count(bool trainable_only) const {
    std::int64_t count = 0;
    for (const TensorDecl& declaration : parameters_.declarations())
        if (declaration.trainable || !trainable_only) count += declaration.elements();
    return count;
}

Json LanguageModel::identity() const {
    Json config = parse_json(folder_.config_text, "config.json");
    for (const char* of_storage : {"_name_or_path", "dtype", "torch_dtype", "transformers_version"})
        config.erase(of_storage);
    Json identity = {{"method.type", spec_.method.type},
                     {"model.config_name", "config.json with SHA-256 " + sha256(config.dump()).substr(0, 16)}};
    if (!adapts(spec_)) return identity;
    identity["model.model_name_or_path"] = "weights " + digest_.substr(0, 16);
    identity["method.r"] = spec_.method.r;
    identity["method.lora_alpha"] = spec_.method.lora_alpha;
    identity["method.lora_dropout"] = spec_.method.lora_dropout;
    identity["method.target_modules"] = spec_.method.target_modules;
    return identity;
}

void LanguageModel::describe_files(Task& task) const {
    task.weights = parameters_.values(adapts(spec_));
    if (adapts(spec_)) {
        task.weights_file = "adapter_model.safetensors";
        task.other_files = [this] {
            std::vector<CheckpointFile> files = tokenizer_files(folder_.tokenizer);
            files.push_back({"adapter_config.json", lora_config(spec_, folder_.config.shape)});
            return files;
        };
    } else {
        task.other_files = [this] { return companion_files(folder_); };
    }
}

}  // namespace ktrain::trainer
