// Looks a model up: built in, on disk, in the catalog, as a bare count.
#include "core/model/find.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/model/catalog.h"
#include "core/model/hf_config.h"
#include "core/model/tensors.h"
#include "core/model/weight_files.h"

namespace ktrain {
namespace {

ModelShape simple_cnn(const ModelSpec& model) {
    ModelShape shape;
    shape.name = shape.family = "simple_cnn";
    shape.source = "built in";
    shape.input_channels = model.input_channels;
    shape.num_classes = model.num_classes;
    for (const TensorDecl& tensor : inventory(shape, MethodSpec{}, model.dtype)) shape.parameters += tensor.elements();
    return shape;
}

// A model of which only the number of parameters is known.
std::optional<ModelShape> bare_count(const std::string& name) {
    const auto count = parameter_count(name);
    if (!count) return std::nullopt;
    ModelShape shape;
    shape.name = name;
    shape.source = "parameter count";
    shape.parameters = *count;
    return shape;
}

[[noreturn]] void unknown(const std::string& name) {
    const bool path = name.find('/') != std::string::npos;
    const std::string near = nearest(lower(name), model_names());
    throw Error(ErrorKind::input,
                path ? fmt::format("there is no folder {}, and the catalog has no model of that name", printable(name))
                     : fmt::format("unknown model \"{}\"", printable(name)),
                {"", 0, 0, "model.model_name_or_path"},
                near.empty() ? "name a folder with the model's config.json, or a catalog model such as llama-2-7b"
                             : fmt::format("did you mean {}?", near));
}

}  // namespace

ModelShape find_model(const ModelSpec& model, const Files& files) {
    if (model.type == "simple_cnn") return simple_cnn(model);
    std::string name = model.config_name.empty() ? model.model_name_or_path : model.config_name;
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    if (name.empty())
        throw Error(ErrorKind::input, "the spec names no model", {"", 0, 0, "model"},
                    "set model.model_name_or_path, or model.type: simple_cnn");
    if (files.is_folder(name)) {
        const std::string file = name + "/config.json";
        if (!files.exists(file))
            if (auto shape = read_weight_folder(name, name, files)) return *shape;
        return read_hf_config(files.read(file, limits::model_config), file, name);
    }
    if (is_weight_file(name)) return read_weight_shape(name, name, files);
    if (name.ends_with(".json")) return read_hf_config(files.read(name, limits::model_config), name, name);
    if (auto shape = find_in_catalog(name)) return *shape;
    if (auto shape = name.find('/') != std::string::npos ? find_in_catalog(base_name(name)) : std::nullopt) {
        shape->note = fmt::format("{} is not on this machine; by its name it is taken for {}", name, shape->name);
        return *shape;
    }
    if (auto shape = bare_count(name)) return *shape;
    unknown(name);
}

}  // namespace ktrain
