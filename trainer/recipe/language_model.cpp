// The model of a run, from its folder.
#include "trainer/recipe/language_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/model/family.h"
#include "core/model/method_lora.h"
#include "trainer/model/initialise.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

constexpr const char* token_head = "lm_head.weight";

at::ScalarType compute_type(const TrainingSpec& spec) {
    return spec.training.bf16 || spec.model.dtype == "bfloat16" ? at::kBFloat16 : at::kFloat;
}

// Frozen weights are not written anywhere: they need no more digits than products take.
std::string_view storage_type(const TrainingSpec& spec) {
    return uses_lora(spec.method) && compute_type(spec) == at::kBFloat16 ? "bfloat16" : "float32";
}

// What is read from a folder with the model. The head of a tied model is its embedding; `without`: what else is not
// there.
std::vector<std::string> base_names(const Parameters& parameters, bool tied, std::string_view without) {
    std::vector<std::string> names;
    for (const TensorDecl& declaration : parameters.declarations()) {
        const bool elsewhere = (tied && declaration.name == token_head) || module_of(declaration.name) == without;
        if (declaration.role != Role::adapter && !elsewhere) names.push_back(declaration.name);
    }
    return names;
}

std::vector<TensorDecl> tensors_of(const TrainingSpec& spec, const ModelFolder& folder, ModelUse use) {
    std::vector<TensorDecl> tensors = inventory(folder.config.shape, spec.method, storage_type(spec));
    if (use == ModelUse::evaluate)
        for (TensorDecl& tensor : tensors) tensor.trainable = false;
    return tensors;
}

// A member of adapter_config.json; null where it says the same as when it is left out.
Json said(const Json& config, const char* key) {
    const Json& value = at_path(config, {key});
    return value == false || value == Json::object() ? Json() : value;
}

// What the checkpoint in `folder` records; nothing where it was written before there was a choice. Errors: Error{input}
// for a kernel that this program does not have: what it would compute in its place rounds otherwise.
std::vector<std::string> disabled_in(const Json& environment, const std::string& folder) {
    const Place where{folder + "/trainer_state.json", 0, 0, "disabled_kernels"};
    std::vector<std::string> names, known;
    for (const KernelRow& row : switchable_kernels) known.emplace_back(row.name);
    for (const Json& name : at_path(environment, {"disabled_kernels"})) {
        const std::string word = name.is_string() ? name.get<std::string>() : name.dump();
        if (std::ranges::find(known, word) == known.end()) {
            const std::string near = nearest(word, known);
            refuse(where,
                   fmt::format("{} was written without the kernel \"{}\", which this version does not know", folder,
                               printable(word)),
                   fmt::format("{}go on with the version that wrote it",
                               near.empty() ? "" : fmt::format("its nearest one is {}; ", near)));
        }
        names.push_back(word);
    }
    return names;
}

std::string described(Kernels kernels) {
    const auto names = kernels.disabled();
    return names.empty() ? "all kernels" : fmt::format("the kernels {} disabled", fmt::join(names, ", "));
}

LoadedWeights load_base(const std::string& folder, const ModelShape& shape, const Parameters& parameters,
                        const std::vector<std::string>& names) {
    // The head for the next token is not missed where texts are scored.
    const WeightsWanted wanted{std::string(find_family(shape.family)->names->root), shape.tied || shape.labels > 0};
    return load_weights(folder, parameters, names, wanted);
}

// Returns the digest of loaded weights; empty for random ones.
std::string fill(const TrainingSpec& spec, const ModelFolder& folder, const Parameters& parameters, const Host& host) {
    const DecoderConfig& config = folder.config;
    const auto seed = static_cast<std::uint64_t>(spec.training.seed);
    const double range = config.initializer_range;
    const std::vector<std::string> stored =
        folder.fresh ? std::vector<std::string>()
                     : base_names(parameters, config.shape.tied, folder.head_is_new ? score_module : "");
    initialise(parameters, range, config.norm_offset, seed, {stored.begin(), stored.end()});
    if (folder.fresh) return "";
    require_weights(folder);
    const LoadedWeights loaded = load_base(folder.path, config.shape, parameters, stored);
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
      host_(host),
      parameters_(tensors_of(spec, folder, use), compute_type(spec)),
      decoder_(folder.config, parameters_,
               {.gemm = best_gemm(parameters_.compute()),
                .kernels = Kernels(spec.training.disable_kernels),
                .longest = longest,
                .method = spec.method,
                .checkpointing = spec.training.gradient_checkpointing}) {
    digest_ = fill(spec, folder, parameters_, host);
    if (folder.config.shape.tied && parameters_.has(token_head)) part_head();
    decoder_.start_magnitudes();
    parameters_.round_all();
    if (parameters_.compute() == at::kBFloat16 && !has_fast_bfloat16())
        host.warn("this processor has no instructions for bfloat16: training in float32 would be faster");
    if (folder.config.dropout > 0)
        host.warn(fmt::format("config.json asks for a dropout of {}, which is not applied", folder.config.dropout));
}

void LanguageModel::part_head() {
    const TensorNames& names = *find_family(folder_.config.shape.family)->names;
    at::Tensor(parameters_.at(token_head).value)
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
    const Kernels wanted = decoder_.kernels(), then(disabled_in(recorded, folder));
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

void LanguageModel::require_same_adapter(const std::string& folder) const {
    const std::string file = folder + "/adapter_config.json";
    const Json theirs = parse_json(real_files().read(file), file), ours = parse_json(adapter_config(), file);
    for (const char* key : {"peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern"})
        if (said(theirs, key) != said(ours, key))
            throw Error(ErrorKind::input,
                        fmt::format("{} is of another run: its {} is {}, that of this run {}", folder, key,
                                    said(theirs, key).dump(), said(ours, key).dump()),
                        {file, 0, 0, key}, "put back what it was to go on, or train anew in another output_dir");
}

// From what transformers or PEFT wrote, in any type of floating point.
void LanguageModel::load_foreign(const std::string& folder, const NamedTensors& weights) const {
    if (uses_lora(spec_.method)) {
        require_same_adapter(folder);
        load_tensors({folder + "/adapter_model.safetensors"}, "adapter", weights, Types::any_float);
    } else {
        load_base(folder, folder_.config.shape, parameters_, base_names(parameters_, folder_.config.shape.tied, ""));
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
    task.load_foreign = [this, weights = task.weights](const std::string& folder) { load_foreign(folder, weights); };
    task.weights_file = "adapter_model.safetensors";
    task.other_files = [this] {
        std::vector<CheckpointFile> files = folder_.tokenizer_content;
        files.push_back({"adapter_config.json", adapter_config()});
        if (folder_.head) files.push_back(head_file(folder_));
        return files;
    };
}

}  // namespace ktrain::trainer
