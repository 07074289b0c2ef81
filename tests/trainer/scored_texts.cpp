// Rows that are scored, runs on them and looks into what they leave.
#include "tests/trainer/scored_texts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "core/spec/load.h"
#include "trainer/recipe/data_actions.h"
#include "trainer/recipe/evaluate.h"
#include "trainer/recipe/recipe.h"
#include "trainer/state/safetensors.h"

using namespace ktrain::trainer;

namespace ktrain::test {

void write_lines(const std::string& path, const Json& rows) {
    std::string text;
    for (const Json& row : rows) text += row.dump() + "\n";
    write_file(path, text);
}

void write_labelled(const std::string& path, std::size_t count, const std::function<Json(bool queen)>& label) {
    write_rows(path, count);
    Json rows = Json::array();
    std::istringstream lines(read_file(path));
    for (std::string line; std::getline(lines, line);) {
        Json row = Json::parse(line);
        row["label"] = label(row["text"].get<std::string>().find("queen") != std::string::npos);
        rows.push_back(row);
    }
    write_lines(path, rows);
}

Json by_name(bool queen) {
    return queen ? "queen" : "other";
}

void write_pairs(const std::string& path, std::size_t count, bool chats) {
    Json rows = Json::array();
    const auto said = [](const char* role, const std::string& text) { return Json{{"role", role}, {"content", text}}; };
    for (std::size_t i = 0; i < count; ++i) {
        const std::string prompt = i % 2 == 0 ? "the king" : "the queen was", good = "eating bread and honey",
                          bad = "out";
        if (chats)
            rows.push_back({{"chosen", {said("user", prompt), said("assistant", good)}},
                            {"rejected", {said("user", prompt), said("assistant", bad)}}});
        else
            rows.push_back({{"prompt", prompt}, {"chosen", " " + good}, {"rejected", " " + bad}, {"margin", 0.1}});
    }
    write_lines(path, rows);
}

TrainingSpec classifier_spec(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    write_labelled(folder / "labelled.jsonl", 40, by_name);
    spec.data.dataset_path = folder / "labelled.jsonl";
    spec.data.validation_split = 0.25;
    spec.training.num_train_epochs = 10;
    spec.objective.type = "classification";
    return spec;
}

TrainingSpec reward_spec(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    write_pairs(folder / "pairs.jsonl", 16);
    spec.data.dataset_path = folder / "pairs.jsonl";
    spec.objective.type = "reward";
    return spec;
}

TrainingSpec adapter_of(const TempFolder& folder, TrainingSpec spec) {
    TrainingSpec base = text_spec(folder);
    base.output_dir = folder / "base";
    base.training.max_steps = 5;
    REQUIRE(run(base) == 0);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "base";
    spec.method.type = "lora";
    spec.method.r = 4;
    return spec;
}

Error refusal(const TrainingSpec& spec) {
    const Error error = error_of([&] {
        RecordingHost host;
        train(spec, Host(host.host()));
    });
    CHECK(error.kind == ErrorKind::input);
    return error;
}

std::vector<std::string> tensors_in(const std::string& file) {
    std::vector<std::string> names;
    for (const auto& tensor : decode_safetensors(read_file(file), file)) names.push_back(tensor.name);
    return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

Json config_in(const std::string& folder) {
    return Json::parse(read_file(folder + "/config.json"));
}

Json evaluated(const TrainingSpec& trained, const std::string& model) {
    TrainingSpec spec = trained;
    spec.model = {};
    spec.model.model_name_or_path = model;
    spec.data.validation_split = 0;
    RecordingHost host;
    REQUIRE(evaluate_model({{"spec", spec::to_json(spec)}, {"base", ""}, {"tasks", Json::array()}},
                           Host(host.host())) == 0);
    return (*host.last("evaluated"))["results"]["rows"];
}

Json previewed(const TrainingSpec& spec) {
    RecordingHost host;
    REQUIRE(
        data_action({{"command", "preview"}, {"spec", spec::to_json(spec)}, {"row", 0}, {"limit", 1}, {"output", ""}},
                    Host(host.host())) == 0);
    return (*host.last("data"))["samples"][0];
}

}  // namespace ktrain::test
