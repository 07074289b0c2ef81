// The model of a run, from its folder.
#include "trainer/recipe/language_model.h"

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/error.h"
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

// A member of adapter_config.json; null where it says the same as when it is left out.
Json said(const Json& config, const char* key) {
    const Json& value = at_path(config, {key});
    return value == false || value == Json::object() ? Json() : value;
}

WeightsWanted weights_wanted(const ModelShape& shape) {
    return {std::string(find_family(shape.family)->names->root), shape.tied};
}

// Returns the digest of loaded weights; empty for random ones.
std::string fill(const TrainingSpec& spec, const ModelFolder& folder, const Parameters& parameters, const Host& host) {
    const DecoderConfig& config = folder.config;
    const auto seed = static_cast<std::uint64_t>(spec.training.seed);
    const double range = config.initializer_range;
    initialise(parameters, range, config.norm_offset, seed, !folder.fresh);
    if (folder.fresh) return "";
    if (!has_weights(folder.path))
        throw Error(ErrorKind::input, folder.path + " has no model.safetensors", {folder.path, 0, 0, ""},
                    "download the weights too, or train from random ones with model.config_name");
    const LoadedWeights loaded =
        load_weights(folder.path, parameters, base_names(parameters), weights_wanted(config.shape));
    if (!loaded.unused.empty())
        host.warn(fmt::format("{} tensors of {} are not used, {} first", loaded.unused.size(), folder.path,
                              printable(loaded.unused.front())));
    return loaded.digest;
}

}  // namespace

LanguageModel::LanguageModel(const TrainingSpec& spec, const ModelFolder& folder, std::int64_t longest,
                             const Host& host)
    : spec_(spec),
      folder_(folder),
      parameters_(inventory(folder.config.shape, spec.method, "float32")),
      options_{.gemm = best_gemm(),
               .longest = longest,
               .method = spec.method,
               .checkpointing = spec.training.gradient_checkpointing},
      decoder_(std::in_place, folder.config, parameters_, options_) {
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

Json LanguageModel::environment() const {
    return {{"gemm", name_of(options_.gemm)}};
}

void LanguageModel::adopt(const Json& recorded) {
    const auto gemm = find_gemm(string_or(recorded, "gemm"));
    if (!gemm || *gemm == options_.gemm) return;
    options_.gemm = *gemm;
    decoder_.emplace(folder_.config, parameters_, options_);
}

// Weights as transformers wrote them, or an adapter of PEFT; in any type of floating point.
void LanguageModel::load_foreign(const std::string& folder) {
    if (!adapts(spec_)) {
        load_weights(folder, parameters_, base_names(parameters_), weights_wanted(folder_.config.shape));
        return;
    }
    const std::string config_file = folder + "/adapter_config.json";
    const Json theirs = parse_json(real_files().read(config_file), config_file);
    const Json ours = parse_json(lora_config(spec_, folder_.config.shape), config_file);
    for (const char* key : {"peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern"})
        if (said(theirs, key) != said(ours, key))
            throw Error(ErrorKind::input,
                        fmt::format("{} is of another run: its {} is {}, that of this run {}", folder, key,
                                    said(theirs, key).dump(), said(ours, key).dump()),
                        {config_file, 0, 0, key}, "put back what it was to go on, or train anew in another output_dir");
    load_tensors({folder + "/adapter_model.safetensors"}, parameters_.values(true), Types::any_float);
}

void LanguageModel::describe_files(Task& task) {
    task.load_foreign = [this](const std::string& folder) { load_foreign(folder); };
    task.adopt = [this](const Json& recorded) { adopt(recorded); };
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
