// Tells the files of an earlier run by its record.
#include "trainer/recipe/output_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/base/file_error.h"
#include "core/base/world.h"
#include "core/model/method_lora.h"
#include "trainer/state/file_names.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

namespace fs = std::filesystem;

// By which readers tell the two forms of a model.
constexpr std::array<std::string_view, 2> of_adapter{adapter_config_file, adapter_weights_file};
constexpr std::array<std::string_view, 3> of_whole{"config.json", whole_weights, weights_index};

// Nothing else in the folder is of an earlier run's.
Json recorded_files(const std::string& output_dir) {
    const auto record = run_record(output_dir);
    const Json& files = record ? at_path(*record, {"files"}) : Json();
    return files.is_object() ? files : Json::object();
}

// A record may have been changed by hand: nothing outside the folder is taken for a run's.
bool is_within(const fs::path& name) {
    return name.is_relative() && std::ranges::find(name, fs::path("..")) == name.end();
}

}  // namespace

std::optional<Json> run_record(const std::string& output_dir) {
    const std::string path = output_dir + "/run.json";
    if (!real_files().is_file(path)) return std::nullopt;
    Json record = Json::parse(real_files().read(path), nullptr, false);
    return record.is_object() ? std::optional(std::move(record)) : std::nullopt;
}

void require_own_model(const TrainingSpec& spec) {
    const bool adapts = uses_lora(spec.method);
    const Json recorded = recorded_files(spec.output_dir);
    const std::span<const std::string_view> others =
        adapts ? std::span<const std::string_view>(of_whole) : std::span<const std::string_view>(of_adapter);
    for (const std::string_view name : others) {
        const std::string path = fmt::format("{}/{}", spec.output_dir, name);
        if (!real_files().exists(path) || recorded.contains(std::string(name))) continue;
        refuse_field(
            "output_dir",
            fmt::format("output_dir {} has the {} of {}, which no run.json there records: beside it {} would not "
                        "be read",
                        spec.output_dir, name, adapts ? "a whole model" : "an adapter",
                        adapts ? "an adapter" : "a whole model"),
            "name another output_dir, or remove the model that is there");
    }
}

void remove_earlier_model(const std::string& output_dir, const Json& written) {
    const auto remove = [&](const std::string& name) {
        if (!written.contains(name)) real_files().remove(output_dir + "/" + name);
    };
    const Json recorded = recorded_files(output_dir);
    for (const auto& [name, file] : recorded.items())
        if (is_within(name) && real_files().is_file(output_dir + "/" + name)) remove(name);
    for (const std::string_view name : {whole_weights, weights_index})
        if (written.contains(std::string(name == whole_weights ? weights_index : whole_weights)))
            remove(std::string(name));
}

}  // namespace ktrain::trainer
