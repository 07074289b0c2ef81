// Checkpoint files from and to live tensors.
#include "trainer/loop/snapshot.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/world.h"
#include "trainer/data/mapped_file.h"
#include "trainer/state/safetensors.h"

namespace ktrain::trainer {
namespace {

// Copies the tensors of a file into those of the same names. `owner`: whose they are.
void load_into(const std::string& path, std::string_view owner, NamedTensors wanted) {
    const MappedFile file(path);
    NamedTensors found = map_safetensors(file.content(), path);
    std::ranges::sort(found, {}, &NamedTensor::name);
    std::ranges::sort(wanted, {}, &NamedTensor::name);
    const bool same = std::ranges::equal(found, wanted, [](const NamedTensor& a, const NamedTensor& b) {
        return a.name == b.name && a.value.sizes() == b.value.sizes() && a.value.scalar_type() == b.value.scalar_type();
    });
    if (!same)
        throw Error(ErrorKind::input,
                    fmt::format("{} is of another {}: the names, shapes or types of its tensors differ", path, owner),
                    {path, 0, 0, ""}, "use another output_dir");
    const c10::NoGradGuard no_grad;
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i].value.copy_(found[i].value);
}

// A value in a sentence.
std::string shown(const Json& value) {
    if (value.is_null()) return "not recorded";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::vector<CheckpointFile> model_files(const Task& task) {
    std::vector<CheckpointFile> files{safetensors_file(task.weights_file, task.weights)};
    if (task.other_files)
        for (auto& file : task.other_files()) files.push_back(std::move(file));
    return files;
}

std::vector<CheckpointFile> make_snapshot(const Task& task, const Optimizer& optimizer, std::string state) {
    std::vector<CheckpointFile> files = model_files(task);
    files.push_back(safetensors_file("optimizer.safetensors", optimizer.state()));
    files.push_back({"trainer_state.json", std::move(state)});
    return files;
}

TrainState load_state(const std::string& folder) {
    const std::string path = folder + "/trainer_state.json";
    return decode_state(real_files().read(path), path);
}

void load_tensors(const std::string& folder, const Task& task, const Optimizer& optimizer) {
    load_into(folder + "/" + task.weights_file, "model", task.weights);
    load_into(folder + "/optimizer.safetensors", "optimizer (training.optim, training.momentum)", optimizer.state());
}

void require_same_data(const Json& saved, const Json& wanted, const std::string& folder) {
    for (const auto& [name, value] : wanted.items()) {
        const Json& old = at_path(saved, {name});
        if (old == value) continue;
        throw Error(ErrorKind::input,
                    fmt::format("{} is of another run: its {} is {}, that of this run {}", folder, name, shown(old),
                                shown(value)),
                    {"", 0, 0, name}, "put back what it was to go on, or train anew in another output_dir");
    }
}

}  // namespace ktrain::trainer
