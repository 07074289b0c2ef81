// The field tables and what is driven from them: names, JSON, digest, explanations, schema, docs.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "core/spec/aliases.h"
#include "core/spec/explain.h"
#include "core/spec/load.h"
#include "core/spec/schema.h"
#include "core/spec/words.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

TrainingSpec load_text(const std::string& text, const std::vector<spec::Override>& overrides = {}) {
    const auto loaded = spec::load(text, "test.yaml", overrides);
    for (const auto& problem : loaded.problems) FAIL_CHECK(problem.message);
    return loaded.spec;
}

constexpr std::string_view small =
    "apiVersion: ktrain.dev/v1\nkind: TrainingJob\nmetadata: {name: test}\nmodel: {type: simple_cnn}\n";

void each(const std::function<void(const std::string&, const spec::Bound&)>& visit) {
    TrainingSpec spec;
    spec::each_field(spec::bind(spec), "", visit);
}

std::string read(const std::string& path) {
    return real_files().read(test::source_path("/" + path));
}

}  // namespace

TEST_CASE("every field is described well") {
    each([](const std::string& path, const spec::Bound& bound) {
        INFO(path);
        const std::string help(bound.field.help);
        CHECK(help.ends_with('.'));
        CHECK((std::isupper(static_cast<unsigned char>(help[0])) != 0 ||
               std::isdigit(static_cast<unsigned char>(help[0])) != 0));
        CHECK(spec::short_help(bound.field).size() <= 70);
        CHECK(std::is_sorted(bound.field.choices.begin(), bound.field.choices.end()));
        if (bound.is_leaf() && bound.empty()) CHECK((!bound.field.example.empty() || !bound.field.choices.empty()));
    });
}

TEST_CASE("every example and every choice is accepted") {
    each([](const std::string& path, const spec::Bound& bound) {
        if (!bound.is_leaf() || path.find("[]") != std::string::npos) return;
        INFO(path);
        std::vector<std::string> values(bound.field.choices.begin(), bound.field.choices.end());
        if (!bound.field.example.empty()) values.emplace_back(bound.field.example);
        for (const std::string& value : values) {
            INFO(value);
            const auto result = spec::from_overrides({{"model.type", "simple_cnn", ""}, {path, value, ""}});
            for (const auto& problem : result.problems)
                CHECK_MESSAGE(!problem.message.starts_with(path + " must"), problem.message << " " << problem.fix);
        }
    });
}

TEST_CASE("leaves are found by their own names and the handbook's") {
    CHECK(spec::path_of_leaf("learning_rate") == "training.learning_rate");
    CHECK(spec::path_of_leaf("output_dir") == "output_dir");
    CHECK(spec::path_of_leaf("epochs") == "training.num_train_epochs");
    CHECK(spec::path_of_leaf("data_dir") == "data.dataset_path");
    CHECK(spec::path_of_leaf("type") == "");      // of the model, the method or the objective
    CHECK(spec::path_of_leaf("training") == "");  // a group
    CHECK(spec::path_of_leaf("claim") == "");     // of one of several volumes
    CHECK(spec::path_of_leaf("learning") == "");
    for (const spec::Alias& alias : spec::aliases()) {
        TrainingSpec spec;
        INFO(alias.written);
        CHECK(spec::find(spec::bind(spec), alias.meant).field);
    }
}

TEST_CASE("a spec survives being written and read") {
    const TrainingSpec spec = load_text(std::string(small), {{"training.learning_rate", "1.0000000000000002e-4", ""},
                                                             {"training.seed", "9007199254740993", ""},
                                                             {"data.dataset_path", "/with \"quotes\" and \xC3\xA9", ""},
                                                             {"checkpoint.save_strategy", "no", ""},
                                                             {"metadata.labels.version", "1.0", ""},
                                                             {"cluster.env.A", "yes", ""},
                                                             {"cluster.env.B", "line\nbreak", ""},
                                                             {"cluster.volumes[0]", "{claim: a, mount_path: /a}", ""}});
    const Json resolved = spec::to_json(spec);
    CHECK(spec::to_json(spec::from_json(resolved)) == resolved);
    CHECK(spec::to_json(load_text(yaml::emit(resolved))) == resolved);
    CHECK(spec::to_json(load_text(yaml::emit(spec::to_json_minimal(spec)))) == resolved);
    CHECK(resolved["training"]["seed"] == 9007199254740993);
    CHECK(resolved["cluster"]["env"]["B"] == "line\nbreak");
}

TEST_CASE("from_json refuses what load refuses") {
    Json resolved = spec::to_json(load_text(std::string(small)));
    resolved["training"]["learning_rate"] = -1;
    CHECK_THROWS_AS(spec::from_json(resolved), Error);
}

TEST_CASE("the digest depends on values, not on how they are written") {
    const std::string text(small);
    const std::string digest = spec::digest(load_text(text));
    CHECK(digest.size() == 64);
    CHECK(digest == spec::digest(load_text(text + "training: {learning_rate: 0.00005}\n")));
    CHECK(digest == spec::digest(load_text(text, {{"training.learning_rate", "5e-5", ""}})));
    CHECK(digest != spec::digest(load_text(text + "training: {learning_rate: 6e-5}\n")));
}

TEST_CASE("later overrides win over earlier ones and over the file") {
    const auto rate = [](const std::vector<spec::Override>& overrides) {
        return load_text(std::string(small) + "training: {learning_rate: 0.1}\n", overrides).training.learning_rate;
    };
    CHECK(rate({}) == 0.1);
    CHECK(rate({{"training.learning_rate", "0.2", "--set"}}) == 0.2);
    CHECK(rate({{"training.learning_rate", "0.2", "--set"}, {"training.learning_rate", "0.3", "--learning_rate"}}) ==
          0.3);
}

TEST_CASE("bytes that are no text are refused in overrides") {
    CHECK(has_errors(spec::from_overrides({{"metadata.name", "a\xFF", "--name"}}).problems));
    CHECK(has_errors(spec::from_overrides({{"metadata.name", std::string("a\0b", 3), "--name"}}).problems));
}

TEST_CASE("a huge or deep file is refused with one problem") {
    CHECK(spec::load(std::string(2u << 20, 'a'), "big.yaml").problems.size() == 1);
    CHECK(spec::load(std::string(10000, '['), "deep.yaml").problems.size() == 1);
}

TEST_CASE("every field can be explained, by its path and by its name") {
    each([](const std::string& path, const spec::Bound& bound) {
        INFO(path);
        const std::string text = spec::explain(path);
        CHECK(text.find(bound.field.help) != std::string::npos);
        const std::string leaf(bound.field.name);
        if (spec::path_of_leaf(leaf) == path) CHECK(spec::explain(leaf) == text);
    });
    CHECK(spec::explain("training.learning_rate") ==
          "training.learning_rate: number\n\n  Peak learning rate.\n\n  default  5e-05\n  range    more than 0 and at "
          "most "
          "100\n  example  learning_rate: 0.001\n  flag     --set training.learning_rate=VALUE, or --learning_rate of "
          "ktrain run\n");
    CHECK(spec::explain("cluster.volumes.size") == spec::explain("cluster.volumes[].size"));
    CHECK(spec::explain("cluster.volumes[2].size").find("--set cluster.volumes[2].size=VALUE\n") != std::string::npos);
    CHECK(spec::explain("") == spec::explain("spec"));
    CHECK_THROWS_AS(spec::explain("training.learning_rat"), Error);
    CHECK_THROWS_AS(spec::explain("training.seed.x"), Error);
}

TEST_CASE("the schema has every field, its default and its limits") {
    const Json schema = spec::schema();
    CHECK(schema["required"] == Json({"apiVersion", "kind", "metadata"}));
    CHECK(schema["additionalProperties"] == false);
    each([&](const std::string& path, const spec::Bound& bound) {
        INFO(path);
        const Json* at = &schema;
        for (std::string step : split(path, '.')) {
            const bool list = step.ends_with("[]");
            if (list) step.resize(step.size() - 2);
            REQUIRE((*at)["properties"].contains(step));
            at = &(*at)["properties"][step];
            if (list) at = &(*at)["items"];
        }
        CHECK((*at)["description"] == bound.field.help);
        CHECK(at->contains("default") == (bound.is_leaf() && !bound.empty()));
        if (bound.group()) CHECK((*at)["additionalProperties"] == false);
        const Json& scalar = at->contains("items") ? (*at)["items"] : *at;
        CHECK(scalar.contains("enum") == !bound.field.choices.empty());
    });
    const Json& rate = schema["properties"]["training"]["properties"]["learning_rate"];
    CHECK(rate["exclusiveMinimum"] == 0);
    CHECK(rate["maximum"] == 100);
}

TEST_CASE("examples load, and so does what is written of them") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(test::source_path("/examples"))) {
        INFO(entry.path().string());
        const auto loaded = spec::load(real_files().read(entry.path().string()), entry.path().filename().string());
        for (const auto& problem : loaded.problems) FAIL_CHECK(problem.message);
        const Json resolved = spec::to_json(loaded.spec);
        CHECK(spec::to_json(spec::from_json(resolved)) == resolved);
        ++count;
    }
    CHECK(count >= 2);
}

TEST_CASE("docs/spec.md is what the fields say") {
    CHECK_MESSAGE(read("docs/spec.md").ends_with(spec::reference_page()), "run scripts/regenerate-docs");
}
