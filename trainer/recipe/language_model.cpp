// The model of a run, from its folder.
#include "trainer/recipe/language_model.h"

#include <fmt/format.h>

#include <set>

#include "core/base/digest.h"
#include "core/model/family.h"
#include "core/model/weight_names.h"
#include "trainer/model/initialise.h"
#include "trainer/recipe/base_model.h"
#include "trainer/recipe/model_check.h"
#include "trainer/recipe/recorded_kernels.h"

namespace ktrain::trainer {
namespace {

at::ScalarType compute_type(const TrainingSpec& spec) {
    return spec.training.bf16 || spec.model.dtype == "bfloat16" ? at::kBFloat16 : at::kFloat;
}

// Frozen weights are not written anywhere: they need no more digits than products take.
std::string_view storage_type(const TrainingSpec& spec) {
    return uses_lora(spec.method) && compute_type(spec) == at::kBFloat16 ? "bfloat16" : "float32";
}

std::vector<TensorDecl> tensors_of(const TrainingSpec& spec, const ModelFolder& folder, ModelUse use) {
    std::vector<TensorDecl> tensors = inventory(folder.config.shape, spec.method, storage_type(spec));
    if (use == ModelUse::evaluate)
        for (TensorDecl& tensor : tensors) tensor.trainable = false;
    return tensors;
}

// Returns the digest of loaded weights; empty for random ones.
std::string fill(const TrainingSpec& spec, const ModelFolder& folder, const Parameters& parameters, const Host& host) {
    const DecoderConfig& config = folder.config;
    const auto seed = static_cast<std::uint64_t>(spec.training.seed);
    const double range = config.initializer_range;
    const std::vector<TensorDecl> stored =
        folder.fresh ? std::vector<TensorDecl>()
                     : stored_tensors(parameters.declarations(), config.shape, folder.head_is_new);
    std::set<std::string> names;
    for (const TensorDecl& tensor : stored) names.insert(tensor.name);
    initialise(parameters, range, config.norm_offset, seed, names);
    if (folder.fresh) return "";
    require_weights(folder);
    const LoadedWeights loaded = load_weights(folder.path, parameters, stored, weights_wanted(config.shape));
    if (!loaded.unused.empty())
        host.warn(fmt::format("{} tensors of {} are not used, {} first", loaded.unused.size(), folder.path,
                              loaded.unused.front()));
    return loaded.digest;
}

}  // namespace

LanguageModel::LanguageModel(const TrainingSpec& spec, const ModelFolder& folder, std::int64_t longest,
                             const Host& host, ModelUse use)
    : spec_(spec),
      folder_(folder),
      host_(host),
      parameters_(tensors_of(spec, folder, use), compute_type(spec)),
      decoder_(folder.config, parameters_,
               {.gemm = best_gemm(parameters_.compute()),
                .kernels = Kernels(spec.training.disable_kernels),
                .longest = longest,
                .method = spec.method,
                .checkpointing = spec.training.gradient_checkpointing}) {
    digest_ = fill(spec, folder, parameters_, host);
    if (folder.config.shape.tied && parameters_.has(std::string(token_head))) part_head();
    decoder_.start_magnitudes();
    parameters_.round_all();
    if (parameters_.compute() == at::kBFloat16 && !has_fast_bfloat16())
        host.warn("this processor has no instructions for bfloat16: training in float32 would be faster");
    if (folder.config.dropout > 0)
        host.warn(fmt::format("config.json asks for a dropout of {}, which is not applied", folder.config.dropout));
}

void LanguageModel::part_head() {
    const TensorNames& names = *find_family(folder_.config.shape.family)->names;
    at::Tensor(parameters_.at(std::string(token_head)).value)
        .copy_(parameters_.at(fmt::format("{}{}.weight", names.root, names.embedding)).value);
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
                     {"training.bf16", parameters_.compute() == at::kBFloat16},
                     {"model.config_name", "config.json with SHA-256 " + sha256(config.dump()).substr(0, 16)}};
    const MethodSpec& method = spec_.method;
    if (!uses_lora(method)) {
        identity["method.freeze_layers"] = method.freeze_layers;
        identity["method.freeze_modules"] = method.freeze_modules;
        return identity;
    }
    identity["model.model_name_or_path"] = "weights " + digest_.substr(0, 16);
    identity["method.r"] = method.r;
    identity["method.lora_alpha"] = method.lora_alpha;
    identity["method.lora_dropout"] = method.lora_dropout;
    identity["method.target_modules"] = method.target_modules;
    identity["method.use_rslora"] = method.use_rslora;
    identity["method.use_dora"] = method.use_dora;
    identity["method.modules_to_save"] = method.modules_to_save;
    identity["method.rank_pattern"] = method.rank_pattern;
    identity["method.alpha_pattern"] = method.alpha_pattern;
    return identity;
}

Json LanguageModel::environment() const {
    return {{"gemm", name_of(decoder_.gemm())}, {"disabled_kernels", decoder_.kernels().disabled()}};
}

void LanguageModel::adopt(const Json& recorded, const std::string& folder) {
    if (const auto gemm = find_gemm(string_or(recorded, "gemm"))) decoder_.use(*gemm);
    const Kernels wanted = decoder_.kernels(), then = kernels_in(recorded, folder);
    decoder_.use(then);
    if (then != wanted)
        host_.warn(fmt::format("the run was begun with {}, and goes on so: training.disable_kernels has no effect",
                               described(then)));
}

std::string LanguageModel::adapter_config() const {
    LoraConfig config = lora_config(folder_.config.shape, spec_.method);
    config.base_model_name_or_path = spec_.model.model_name_or_path;
    return to_text(config);
}

void LanguageModel::check_base(const std::string& folder) const {
    require_base({folder, folder_.path, "go on with the model that it was trained on", "model.model_name_or_path"},
                 host_);
}

// From what transformers or PEFT wrote, in any type of floating point.
void LanguageModel::load_foreign(const std::string& folder, const NamedTensors& weights) const {
    const ModelShape& shape = folder_.config.shape;
    if (uses_lora(spec_.method)) {
        require_same_adapter(folder, adapter_config());
        check_base(folder);
        load_tensors({fmt::format("{}/{}", folder, adapter_weights_file)}, "adapter", weights, Types::any_float);
    } else {
        load_weights(folder, parameters_, stored_tensors(parameters_.declarations(), shape, false),
                     weights_wanted(shape));
    }
    parameters_.round_all();
}

void LanguageModel::describe_files(Task& task) {
    task.adopt = [this](const Json& recorded, const std::string& folder) { adopt(recorded, folder); };
    const bool adapter = uses_lora(spec_.method);
    task.weights = parameters_.values(adapter);
    if (!adapter) {
        task.load_foreign = [this](const std::string& folder) { load_foreign(folder, {}); };
        task.other_files = [this] { return companion_files(folder_); };
        return;
    }
    for (NamedTensor& tensor : task.weights)  // what is saved whole is called as in the base
        if (const std::string place = adapter_place(""); !tensor.name.starts_with(place))
            tensor.name = place + tensor.name;
    task.require_own = [this](const std::string& folder) {
        if (records_base(folder)) check_base(folder);
    };
    task.load_foreign = [this, weights = task.weights](const std::string& folder) { load_foreign(folder, weights); };
    task.weights_file = adapter_weights_file;
    task.other_files = [this, base = base_file(spec_.model.model_name_or_path, folder_.path)] {
        std::vector<CheckpointFile> files = folder_.tokenizer_content;
        files.push_back({std::string(adapter_config_file), adapter_config()});
        files.push_back(base);
        if (folder_.head) files.push_back(head_file(folder_));
        return files;
    };
}

}  // namespace ktrain::trainer
