// Samples of weights where they lie in mapped files.
#include "trainer/state/weights_digest.h"

#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/base/digest.h"
#include "core/model/score_head.h"
#include "core/model/weight_names.h"
#include "trainer/data/mapped_file.h"
#include "trainer/state/safetensors.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

// 1024 values of every 262144: a page of every MiB of float32, enough to tell models apart.
constexpr std::int64_t sample = 1024, between = 1 << 18;

void add_samples(Sha256& digest, const at::Tensor& tensor) {
    const at::Tensor flat = tensor.view({-1});
    for (std::int64_t at = 0; at < flat.numel(); at += between) {
        at::Tensor values = flat.slice(0, at, std::min(at + sample, flat.numel()));
        if (at::isFloatingType(values.scalar_type())) values = values.to(at::kBFloat16);
        digest.add({static_cast<const char*>(values.const_data_ptr()), values.nbytes()});
    }
}

// A tensor in a file.
struct Stored {
    SafetensorsEntry entry;
    const MappedFile* file = nullptr;
};

bool is_head(std::string_view name) {
    return name == token_head || name == score_tensor;
}

at::Tensor value_of(const SafetensorsEntry& entry) {
    void* data = const_cast<char*>(entry.data.data());  // only read
    return at::from_blob(data, entry.shape, at::TensorOptions(scalar_type_of(entry)));
}

// By their whole names: files may lack the root.
std::map<std::string, Stored> tensors_in(const std::vector<MappedFile>& files, const std::string& root) {
    std::map<std::string, Stored> tensors;
    for (const MappedFile& file : files)
        for (SafetensorsEntry& entry : parse_safetensors(file.content(), file.path())) {
            if (is_computed(entry.name) || is_head(entry.name)) continue;
            std::string name = entry.name.starts_with(root) ? entry.name : root + entry.name;
            tensors[std::move(name)] = {std::move(entry), &file};
        }
    return tensors;
}

}  // namespace

WeightsDigest digest_of_weights(const std::string& folder, const std::string& root) {
    std::vector<MappedFile> files;
    for (const std::string& path : weight_files(folder)) files.emplace_back(path);
    WeightsDigest weights;
    Sha256 digest;
    for (const auto& [name, stored] : tensors_in(files, root)) {
        digest.add(fmt::format("{} [{}]\n", name, fmt::join(stored.entry.shape, ", ")));
        add_samples(digest, value_of(stored.entry));
        stored.file->release(stored.entry.data);
        weights.dtypes.emplace(safetensors_types[stored.entry.type].name);
    }
    weights.sha256 = digest.hex();
    return weights;
}

}  // namespace ktrain::trainer
