// Checkpoint files from and to live tensors.
#include "trainer/loop/snapshot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/world.h"
#include "trainer/state/file_names.h"
#include "trainer/state/safetensors.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view training_file = "optimizer.safetensors";

// A value in a sentence.
std::string shown(const Json& value) {
    if (value.is_null()) return "not recorded";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// Python's json writes numbers that are none as words which JSON does not have. Outside of texts they become null.
std::string without_words_of_python(std::string_view text) {
    constexpr std::array<std::string_view, 3> words{"-Infinity", "Infinity", "NaN"};
    std::string json;
    for (bool quoted = false; !text.empty();) {
        const auto word = std::ranges::find_if(words, [&](auto known) { return text.starts_with(known); });
        const bool replaced = !quoted && word != words.end();
        const std::size_t length = replaced                    ? word->size()
                                   : quoted && text[0] == '\\' ? std::min<std::size_t>(2, text.size())
                                                               : 1;
        if (text[0] == '"') quoted = !quoted;
        json += replaced ? "null" : text.substr(0, length);
        text.remove_prefix(length);
    }
    return json;
}

}  // namespace

std::vector<CheckpointFile> model_files(const Task& task, std::uint64_t max_shard) {
    std::vector<CheckpointFile> files = task.weights_file == whole_weights
                                            ? weight_shards(task.weights, max_shard)
                                            : std::vector{safetensors_file(task.weights_file, task.weights)};
    if (task.other_files)
        for (auto& file : task.other_files()) files.push_back(std::move(file));
    return files;
}

std::vector<CheckpointFile> make_snapshot(const Task& task, const NamedTensors& training, std::string state) {
    std::vector<CheckpointFile> files = model_files(task);
    files.push_back(safetensors_file(std::string(training_file), training));
    files.push_back({std::string(state_file), std::move(state)});
    return files;
}

TrainState load_state(const std::string& folder) {
    const std::string path = fmt::format("{}/{}", folder, state_file);
    return decode_state(real_files().read(path), path);
}

void load_model(const std::string& folder, const Task& task) {
    const bool whole = task.weights_file == whole_weights;
    load_tensors(whole ? weight_files(folder) : std::vector{folder + "/" + task.weights_file}, "model", task.weights,
                 Types::same);
    task.parameters.round_all();  // a checkpoint of the whole model holds what is frozen, too
}

void load_training(const std::string& folder, const NamedTensors& training) {
    load_tensors({fmt::format("{}/{}", folder, training_file)}, "optimizer (training.optim, training.momentum)",
                 training, Types::same);
}

TrainState load_foreign_state(const std::string& folder) {
    const std::string path = fmt::format("{}/{}", folder, state_file);
    const Json json = parse_json(without_words_of_python(real_files().read(path)), path);
    const Json& step = at_path(json, {"global_step"});
    if (!step.is_number_unsigned())
        throw Error(ErrorKind::input, path + " has no global_step", {path, 0, 0, ""},
                    "name a checkpoint folder of transformers or ktrain");
    TrainState state;
    state.step = step.get<std::int64_t>();
    if (const Json& history = at_path(json, {"log_history"}); history.is_array()) state.log_history = history;
    return state;
}

void require_same_data(const Json& saved, const Json& wanted, const std::string& folder) {
    const auto require = [&](const std::string& name) {
        const Json &old = at_path(saved, {name}), &value = at_path(wanted, {name});
        if (old == value) return;
        throw Error(ErrorKind::input,
                    fmt::format("{} is of another run: its {} is {}, that of this run {}", folder, name, shown(old),
                                shown(value)),
                    {"", 0, 0, name}, "put back what it was to go on, or train anew in another output_dir");
    };
    for (const auto& [name, value] : wanted.items()) require(name);
    for (const auto& [name, value] : saved.items()) require(name);
}

std::string difference(const Json& saved, const Json& current) {
    std::vector<std::string> words;
    for (const auto& [name, value] : saved.items())
        if (const Json& now = at_path(current, {name}); now != value)
            words.push_back(fmt::format("{} {}, now {}", name, shown(value), shown(now)));
    return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace ktrain::trainer
