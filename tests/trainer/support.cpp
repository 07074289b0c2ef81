// Shared helpers of the trainer's tests.
#include "tests/trainer/support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "trainer/data/random.h"
#include "trainer/recipe/recipe.h"

namespace ktrain::test {

void RecordingHost::hear(const char* text) {
    events.push_back(Json::parse(text));
    if (stop_when && stop_when(events.back())) stopping_ = true;
}

const Json* RecordingHost::last(const std::string& event) const {
    for (auto it = events.rbegin(); it != events.rend(); ++it)
        if ((*it)["event"] == event) return &*it;
    return nullptr;
}

std::size_t RecordingHost::count(const std::string& event) const {
    std::size_t found = 0;
    for (const auto& json : events) found += json["event"] == event ? 1 : 0;
    return found;
}

TrainingSpec small_spec(const std::string& data, const std::string& output) {
    TrainingSpec spec;
    spec.metadata.name = "small";
    spec.model.type = "simple_cnn";
    spec.model.input_channels = 1;
    spec.model.num_classes = 4;
    spec.data.dataset_path = data;
    spec.data.augment = {"random_crop", "horizontal_flip"};
    spec.training.per_device_train_batch_size = 8;
    spec.training.per_device_eval_batch_size = 10;
    spec.training.learning_rate = 0.01;
    spec.training.logging_steps = 5;
    spec.checkpoint.save_strategy = "no";
    spec.output_dir = output;
    return spec;
}

int run(const TrainingSpec& spec, RecordingHost& host) {
    return trainer::train(spec, trainer::Host(host.host()));
}

int run(const TrainingSpec& spec) {
    RecordingHost host;
    return run(spec, host);
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (const std::string name = entry.path().filename(); !name.starts_with('.')) names.push_back(name);
    std::ranges::sort(names);
    return names;
}

void fill_by_name(const trainer::NamedTensor& tensor, double scale) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : tensor.name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    auto* values = tensor.value.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.value.numel(); ++i) {
        const double unit =
            static_cast<double>(trainer::scramble(hash + static_cast<std::uint64_t>(i)) >> 11) / 9007199254740992.0;
        values[i] = static_cast<float>((2 * unit - 1) * scale);
    }
}

}  // namespace ktrain::test
