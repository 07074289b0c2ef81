// Finding tensors in the shards of a model folder and copying them into place.
#include "trainer/state/weights.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/digest.h"
#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/model/weight_names.h"
#include "trainer/data/mapped_file.h"
#include "trainer/kernel/update.h"
#include "trainer/state/safetensors.h"

namespace ktrain::trainer {
namespace {

// One tensor of a mapped file.
struct Stored {
    SafetensorsEntry entry;
    std::string file;
    const MappedFile* mapping = nullptr;
};

class Shards {
public:
    explicit Shards(const std::string& folder) {
        const auto paths = weight_files(folder);
        files_.reserve(paths.size());  // what is stored points to them
        for (const auto& path : paths) {
            files_.emplace_back(path);
            for (auto& entry : parse_safetensors(files_.back().content(), path)) {
                std::string name = entry.name;
                stored_[name] = {std::move(entry), path, &files_.back()};
            }
        }
    }

    // By its name, or without the model's root in front.
    const Stored* find(const std::string& name, const std::string& root) {
        auto row = stored_.find(name);
        if (row == stored_.end() && name.starts_with(root)) row = stored_.find(name.substr(root.size()));
        if (row == stored_.end()) return nullptr;
        used_.insert(row->first);
        return &row->second;
    }

    std::vector<std::string> unused() const {
        std::vector<std::string> names;
        for (const auto& [name, stored] : stored_)
            if (!used_.contains(name) && !is_buffer(name)) names.push_back(printable(name));
        return names;
    }

private:
    std::vector<MappedFile> files_;
    std::map<std::string, Stored> stored_;
    std::set<std::string> used_;
};

// A tensor where it lies in a mapped file.
struct Found {
    std::string name;
    at::Tensor value;
    const MappedFile* file = nullptr;
};

bool is_finite(const at::Tensor& value) {
    const at::Tensor floats = value.to(at::kFloat);
    return std::isfinite(sum_of_squares(floats.const_data_ptr<float>(), floats.numel()));
}

void check(const Stored& stored, const TensorDecl& tensor) {
    if (!at::isFloatingType(scalar_type_of(stored.entry)))
        refuse(stored.file,
               fmt::format("{} is stored as {}: quantised weights cannot be trained as they are", tensor.name,
                           safetensors_types[stored.entry.type].name),
               "use the model in float32, float16 or bfloat16");
    if (tensor.shape != stored.entry.shape)
        refuse(stored.file,
               fmt::format("{} has the shape [{}], but config.json asks for [{}]", tensor.name,
                           fmt::join(stored.entry.shape, ", "), fmt::join(tensor.shape, ", ")),
               "config.json and weights must be of one model");
}

// Each of the tensors where it is stored, in their order.
std::vector<const Stored*> find_all(Shards& shards, const std::string& folder, const std::vector<TensorDecl>& tensors,
                                    const WeightsWanted& wanted) {
    std::vector<const Stored*> found;
    std::vector<std::string> missing;
    for (const TensorDecl& tensor : tensors) {
        found.push_back(shards.find(tensor.name, wanted.root));
        if (found.back() == nullptr)
            missing.push_back(tensor.name);
        else
            check(*found.back(), tensor);
    }
    if (!missing.empty())
        refuse(folder,
               fmt::format("{} of {} tensors are missing, {} first", missing.size(), tensors.size(), missing[0]),
               "config.json and weights must be of one whole model");
    return found;
}

void copy(const Stored& stored, const std::string& name, const at::Tensor& value) {
    void* data = const_cast<char*>(stored.entry.data.data());  // only read: the tensor lives for the copy
    at::Tensor target = value;
    target.copy_(at::from_blob(data, stored.entry.shape, at::TensorOptions(scalar_type_of(stored.entry))));
    if (!is_finite(target))
        refuse(stored.file, fmt::format("{} holds NaN or infinity", name), "use an undamaged copy of the model");
    // Else the model would be in memory twice at the end, here and in load_tensors().
    stored.mapping->release(stored.entry.data);
}

// A page of every MiB: enough to tell models apart, and nothing that a type of processor could change.
void add_sample(Sha256& digest, const std::string& name, const SafetensorsEntry& entry) {
    digest.add(fmt::format("{} {} [{}]\n", name, safetensors_types[entry.type].name, fmt::join(entry.shape, ", ")));
    for (std::size_t at = 0; at < entry.data.size(); at += std::size_t{1} << 20)
        digest.add(entry.data.substr(at, 4096));
}

}  // namespace

// Source: split_state_dict_into_shards_factory of huggingface_hub: in the order of the model, a new shard where the
// next tensor would not fit.
std::vector<CheckpointFile> weight_shards(const NamedTensors& tensors, std::uint64_t max_bytes) {
    std::vector<NamedTensors> shards;
    std::uint64_t bytes = 0, total = 0;
    std::int64_t parameters = 0;
    for (const auto& tensor : tensors) {
        if (shards.empty() || bytes + tensor.value.nbytes() > max_bytes) {
            shards.emplace_back();
            bytes = 0;
        }
        shards.back().push_back(tensor);
        bytes += tensor.value.nbytes();
        total += tensor.value.nbytes();
        parameters += tensor.value.numel();
    }
    if (shards.size() <= 1) return {safetensors_file(std::string(whole_weights), tensors)};
    std::vector<CheckpointFile> files;
    std::map<std::string, std::string> places;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const std::string name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
        for (const auto& tensor : shards[i]) places[tensor.name] = name;
        files.push_back(safetensors_file(name, shards[i]));
    }
    const Json index = {{"metadata", {{"total_parameters", parameters}, {"total_size", total}}},
                        {"weight_map", places}};
    files.push_back({std::string(weights_index), to_pretty(index)});
    return files;
}

std::vector<std::string> weight_files(const std::string& folder) {
    const std::string index = folder + "/" + std::string(weights_index);
    if (!real_files().exists(index)) return {folder + "/" + std::string(whole_weights)};
    const Json json = parse_json(real_files().read(index), index);
    const Json& map = at_path(json, {"weight_map"});
    if (!map.is_object() || map.empty()) refuse(index, index + " has no weight_map", "download the model again");
    std::set<std::string> files;
    for (const auto& [tensor, file] : map.items()) {
        if (!file.is_string() || file.get<std::string>().find('/') != std::string::npos)
            refuse(index, fmt::format("{} names no file of its folder for {}", index, printable(tensor)),
                   "download the model again");
        files.insert(file.get<std::string>());
    }
    std::vector<std::string> paths;
    for (const auto& file : files) {
        paths.push_back(folder + "/" + file);
        if (!real_files().exists(paths.back()))
            refuse(paths.back(), fmt::format("the shard {} is missing, which {} names", printable(file), weights_index),
                   "download the model again: it is not complete");
    }
    return paths;
}

bool has_weights(const std::string& folder) {
    return real_files().exists(folder + "/" + std::string(whole_weights)) ||
           real_files().exists(folder + "/" + std::string(weights_index));
}

bool has_pickled_weights(const std::string& folder) {
    constexpr std::array names{"pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin"};
    return std::ranges::any_of(names, [&](const char* name) { return real_files().exists(folder + "/" + name); });
}

void load_tensors(const std::vector<std::string>& paths, std::string_view owner, NamedTensors wanted, Types types) {
    std::vector<MappedFile> files;
    files.reserve(paths.size());  // what is found points to them
    std::vector<Found> found;
    for (const auto& path : paths) {
        files.emplace_back(path);
        for (auto& tensor : map_safetensors(files.back().content(), path))
            found.push_back({std::move(tensor.name), std::move(tensor.value), &files.back()});
    }
    std::ranges::sort(found, {}, &Found::name);
    std::ranges::sort(wanted, {}, &NamedTensor::name);
    const auto fits = [types](const Found& a, const NamedTensor& b) {
        const bool converts = types == Types::any_float && at::isFloatingType(a.value.scalar_type());
        return a.name == b.name && a.value.sizes() == b.value.sizes() &&
               (converts || a.value.scalar_type() == b.value.scalar_type());
    };
    if (!std::ranges::equal(found, wanted, fits))
        refuse(
            paths.front(),
            fmt::format("{} is of another {}: the names, shapes or types of its tensors differ", paths.front(), owner),
            "use another output_dir");
    const c10::NoGradGuard no_grad;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        wanted[i].value.copy_(found[i].value);
        found[i].file->release({static_cast<const char*>(found[i].value.const_data_ptr()), found[i].value.nbytes()});
    }
}

void check_weights(const std::string& folder, const std::vector<TensorDecl>& tensors, const WeightsWanted& wanted) {
    Shards shards(folder);
    find_all(shards, folder, tensors, wanted);
}

LoadedWeights load_weights(const std::string& folder, const Parameters& parameters,
                           const std::vector<TensorDecl>& tensors, const WeightsWanted& wanted) {
    Shards shards(folder);
    const auto found = find_all(shards, folder, tensors, wanted);
    Sha256 digest;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        copy(*found[i], tensors[i].name, parameters.at(tensors[i].name).value);
        add_sample(digest, tensors[i].name, found[i]->entry);
    }
    if (wanted.tied) shards.find(std::string(token_head), "");
    return {shards.unused(), digest.hex()};
}

}  // namespace ktrain::trainer
