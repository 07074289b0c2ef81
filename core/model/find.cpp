// Looks a model up: built in, on disk, in the catalog, as a bare count.
#include "core/model/find.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/catalog.h"
#include "core/model/hf_config.h"
#include "core/model/names.h"
#include "core/model/tensors.h"

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

// "7B", "1.5b", "350M": a number of parameters.
std::optional<ModelShape> bare_count(const std::string& name) {
    if (name.size() < 2 || name.size() > 12) return std::nullopt;
    const char unit = lower(name).back();
    const double scale = unit == 'b' ? 1e9 : unit == 'm' ? 1e6 : 0;
    const std::string digits = name.substr(0, name.size() - 1);
    if (scale == 0 || digits.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    std::size_t used = 0;
    double number = 0;
    try {
        number = std::stod(digits, &used);
    } catch (const std::exception&) {
        return std::nullopt;
    }
    if (used != digits.size() || number <= 0 || number * scale > 1e15) return std::nullopt;
    ModelShape shape;
    shape.name = name;
    shape.source = "parameter count";
    shape.parameters = std::llround(number * scale);
    return shape;
}

[[noreturn]] void unknown(const std::string& name) {
    const bool path = name.find('/') != std::string::npos;
    const std::string near = nearest(lower(name), catalog_names());
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
    std::string name = model.model_name_or_path;
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    if (name.empty())
        throw Error(ErrorKind::input, "the spec names no model", {"", 0, 0, "model"},
                    "set model.model_name_or_path, or model.type: simple_cnn");
    if (files.is_folder(name)) {
        const std::string file = name + "/config.json";
        return read_hf_config(files.read(file, limits::model_config), file, name);
    }
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
