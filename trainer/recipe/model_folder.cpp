// Reading a model folder, and the files that go with trained weights.
#include "trainer/recipe/model_folder.h"

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "trainer/recipe/output_folder.h"
#include "trainer/state/file_names.h"
#include "trainer/state/weights.h"
#include "trainer/text/tokenizer_config.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view config_name = "config.json";

constexpr std::string_view generation_name = "generation_config.json";

}  // namespace

bool is_adapter_folder(const std::string& folder) {
    return !real_files().exists(folder + "/" + std::string(config_name)) &&
           real_files().exists(fmt::format("{}/{}", folder, adapter_config_file));
}

ModelFolder read_model_folder(const ModelSpec& model) {
    ModelFolder folder;
    folder.fresh = !model.config_name.empty();
    folder.path = folder.fresh ? model.config_name : model.model_name_or_path;
    const std::string field = folder.fresh ? "model.config_name" : "model.model_name_or_path";
    if (folder.path.ends_with("/config.json")) folder.path.resize(folder.path.size() - config_name.size() - 1);
    if (!real_files().is_folder(folder.path))
        throw Error(ErrorKind::input, fmt::format("{} is no folder on this machine", folder.path), {"", 0, 0, field},
                    "download the model first, for example with: hf download NAME --local-dir FOLDER");
    if (is_adapter_folder(folder.path))
        throw Error(ErrorKind::input, folder.path + " is an adapter, not a whole model", {folder.path, 0, 0, ""},
                    fmt::format("fold it into its base first: ktrain merge {} --to FOLDER", folder.path));
    const std::string config = folder.path + "/" + std::string(config_name);
    if (real_files().exists(config) && !real_files().is_file(config))  // reading a pipe may wait without an end
        throw Error(ErrorKind::input, config + " is no regular file", {config, 0, 0, ""}, "download the model again");
    folder.config_text = real_files().read(config);
    if (parse_json(folder.config_text, config).contains("quantization_config"))
        throw Error(ErrorKind::input, folder.path + " holds quantised weights, which this build cannot train",
                    {config, 0, 0, "quantization_config"}, "use the model in float32, float16 or bfloat16");
    folder.config = read_decoder_config(folder.config_text, config, folder.path);
    folder.tokenizer = model.tokenizer_name.empty() ? folder.path : model.tokenizer_name;
    return folder;
}

ModelFolder open_model_folder(const TrainingSpec& spec) {
    ModelFolder folder = read_model_folder(spec.model);
    if (real_files().real_path(folder.path) == real_files().real_path(spec.output_dir))
        throw Error(ErrorKind::input,
                    fmt::format("output_dir is the folder of the model, {}, which would be overwritten", folder.path),
                    {"", 0, 0, "output_dir"}, "name another output_dir");
    require_own_model(spec);
    folder.tokenizer_content = tokenizer_files(folder.tokenizer);
    if (const std::string path = fmt::format("{}/{}", folder.path, generation_name); real_files().is_file(path))
        folder.generation_config = real_files().read(path);
    return folder;
}

void require_weights(const ModelFolder& folder) {
    if (!has_weights(folder.path) && has_pickled_weights(folder.path))
        throw Error(
            ErrorKind::input,
            fmt::format("{} has pickled weights alone (pytorch_model.bin), which are not read: they can run any "
                        "code",
                        folder.path),
            {folder.path, 0, 0, ""},
            fmt::format("convert them where you trust them: python3 -c \"from transformers import "
                        "AutoModelForCausalLM as M; M.from_pretrained('{0}').save_pretrained('{0}')\"",
                        folder.path));
    if (!has_weights(folder.path))
        throw Error(ErrorKind::input, folder.path + " has no model.safetensors", {folder.path, 0, 0, ""},
                    "download the weights too, or train from random ones with model.config_name");
    weight_files(folder.path);  // every shard
}

std::vector<CheckpointFile> tokenizer_files(const std::string& folder) {
    std::vector<CheckpointFile> files;
    for (const std::string& name : tokenizer_file_names(real_files(), folder))
        files.push_back({name, real_files().read(folder + "/" + name)});
    return files;
}

CheckpointFile head_file(const ModelFolder& folder) {
    const Json head = with_score_head(Json::object(), folder.config.shape.family, *folder.head);
    return {std::string(head_file_name), to_pretty(head)};
}

std::string tokenizer_digest(const std::string& folder) {
    Sha256 digest;
    for (const auto& file : tokenizer_files(folder)) {
        digest.add(fmt::format("{} {}\n", file.name, file.text.size()));
        digest.add(file.text);
    }
    return digest.hex();
}

std::vector<CheckpointFile> companion_files(const ModelFolder& folder) {
    Json config = parse_json(folder.config_text, std::string(config_name));
    for (const char* key : {"dtype", "torch_dtype"}) config.erase(key);
    config["dtype"] = "float32";
    config["torch_dtype"] = "float32";  // what transformers 4 reads
    std::vector<CheckpointFile> files{{std::string(config_name), to_pretty(config)}};
    if (folder.generation_config) files.push_back({std::string(generation_name), *folder.generation_config});
    files.insert(files.end(), folder.tokenizer_content.begin(), folder.tokenizer_content.end());
    return files;
}

}  // namespace ktrain::trainer
