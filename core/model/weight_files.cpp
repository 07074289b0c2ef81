// Which files make up a model, and their headers.
#include "core/model/weight_files.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "core/base/file_error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/model/gguf.h"
#include "core/model/safetensors_header.h"

namespace ktrain {
namespace {

constexpr std::string_view index_name = "model.safetensors.index.json";
constexpr std::uint64_t most_index = 64u << 20;   // bytes: a hundred thousand tensors take ten MiB
constexpr std::uint64_t most_header = 32u << 20;  // of one shard
constexpr std::size_t most_files = 4096;

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

std::vector<std::string> files_of_index(const std::string& path, const Files& files) {
    const Json index = parse_json(files.read(path, most_index), path);
    const Json& places = at_path(index, {"weight_map"});
    std::set<std::string> names;
    if (places.is_object())
        for (const auto& [tensor, file] : places.items()) {
            const std::string name = file.is_string() ? file.get<std::string>() : "";
            if (name.empty() || name.find('/') != std::string::npos)
                refuse(path, fmt::format("weight_map places {} in no file beside the index", printable(tensor)),
                       "use the index that came with the model");
            names.insert(name);
        }
    if (names.empty()) refuse(path, "weight_map names no file", "use the index that came with the model");
    if (names.size() > most_files)
        refuse(path, fmt::format("{} shards are more than any model has", names.size()),
               "use the index that came with the model");
    std::vector<std::string> paths;
    for (const auto& name : names) paths.push_back(folder_of(path) + name);
    return paths;
}

void add_tensors(const std::string& path, const Files& files, std::vector<WeightTensor>& tensors) {
    const std::uint64_t size = files.size(path);
    const std::uint64_t length = safetensors_header_length(files.read_part(path, 0, 8), size, path, most_header);
    const std::string header = files.read_part(path, 8, length);
    for (SafetensorsTensor& tensor : parse_safetensors_header(header, size - 8 - length, all_safetensors_types, path))
        tensors.push_back(
            {std::move(tensor.name), std::move(tensor.shape), std::string(all_safetensors_types[tensor.type].name)});
}

// "model-00001-of-00004.safetensors" is one of four; other names are of whole models.
std::size_t parts_of(std::string_view name) {
    const auto of = name.rfind("-of-");
    std::size_t parts = 1;
    if (of != std::string_view::npos) std::from_chars(name.data() + of + 4, name.data() + name.size(), parts);
    return parts;
}

ModelShape safetensors_shape(const std::vector<std::string>& paths, const std::string& file, const Files& files) {
    std::vector<WeightTensor> tensors;
    for (const auto& path : paths) add_tensors(path, files, tensors);
    std::set<std::string_view> names;
    for (const WeightTensor& tensor : tensors)
        if (!names.insert(tensor.name).second)
            refuse(file, fmt::format("{} is in two of its files", printable(tensor.name)),
                   "keep the shards of one model in a folder");
    ModelShape shape = shape_of_weights(tensors, file);
    shape.source = "safetensors";
    return shape;
}

Gguf read_gguf(const std::string& path, const Files& files) {
    return parse_gguf({path, files.size(path), [&](std::uint64_t offset, std::uint64_t count) {
                           return files.read_part(path, offset, count);
                       }});
}

// "-00001-of-00003.gguf"
std::string part_name(std::int64_t part, std::int64_t of) {
    return fmt::format("-{:05}-of-{:05}.gguf", part, of);
}

ModelShape gguf_shape(const std::string& path, const Files& files) {
    Gguf gguf = read_gguf(path, files);
    const std::int64_t parts = gguf.number("split.count", 1);
    if (parts > static_cast<std::int64_t>(most_files))
        refuse(path, fmt::format("{} parts are more than any model has", parts), "check that it is the right file");
    const std::string first = part_name(1, parts);
    if (parts > 1 && !path.ends_with(first))
        refuse(path, fmt::format("{} is one of {} parts, and not called as the first", path, parts),
               fmt::format("name the part that ends with {}", first));
    for (std::int64_t part = 2; part <= parts; ++part) {
        Gguf next = read_gguf(path.substr(0, path.size() - first.size()) + part_name(part, parts), files);
        gguf.bytes += next.bytes;
        for (WeightTensor& tensor : next.tensors) gguf.tensors.push_back(std::move(tensor));
    }
    return shape_of_gguf(gguf, path);
}

}  // namespace

bool is_weight_file(const std::string& path) {
    return path.ends_with(".gguf") || path.ends_with(".safetensors") || path.ends_with(index_name);
}

ModelShape read_weight_shape(const std::string& path, const std::string& name, const Files& files) {
    ModelShape shape;
    if (path.ends_with(".gguf")) {
        shape = gguf_shape(path, files);
    } else if (path.ends_with(index_name)) {
        shape = safetensors_shape(files_of_index(path, files), path, files);
    } else {
        if (parts_of(path) > 1)
            refuse(path, fmt::format("{} is one of {} shards", path, parts_of(path)),
                   "name the folder that has them all");
        shape = safetensors_shape({path}, path, files);
    }
    shape.name = name;
    return shape;
}

std::optional<ModelShape> read_weight_folder(const std::string& folder, const std::string& name, const Files& files) {
    std::vector<std::string> safetensors, gguf;
    for (const auto& file : files.list(folder)) {
        const std::string path = folder + "/" + file;
        if (file == index_name) return read_weight_shape(path, name, files);
        if (file.ends_with(".safetensors")) safetensors.push_back(path);
        const bool later = parts_of(file) > 1 && file.find("-00001-of-") == std::string::npos;
        if (file.ends_with(".gguf") && !later) gguf.push_back(path);
    }
    if (safetensors.size() == 1 && safetensors[0].ends_with("/adapter_model.safetensors"))
        refuse(folder, fmt::format("{} holds an adapter, and no model", folder), "name the model that it belongs to");
    if (!safetensors.empty()) {
        const std::size_t parts = parts_of(safetensors[0]);
        if (parts > 1 && safetensors.size() != parts)
            refuse(folder,
                   fmt::format("{} holds {} safetensors files, not the {} of the model", folder, safetensors.size(),
                               parts),
                   "copy all shards of the model, and its index, into a folder of their own");
        ModelShape shape = safetensors_shape(safetensors, folder, files);
        shape.name = name;
        return shape;
    }
    if (gguf.size() > 1)
        refuse(folder, fmt::format("{} holds {} GGUF files", folder, gguf.size()),
               fmt::format("name one of them, such as {}", gguf[0]));
    if (gguf.empty()) return std::nullopt;
    return read_weight_shape(gguf[0], name, files);
}

}  // namespace ktrain
