// Labels and heads of models that score texts: what they mean, where they are kept, and what is refused.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/model/score_head.h"
#include "core/spec/load.h"
#include "tests/trainer/scored_texts.h"
#include "trainer/recipe/data_actions.h"
#include "trainer/recipe/evaluate.h"
#include "trainer/recipe/merge.h"
#include "trainer/recipe/recipe.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

TEST_CASE("a classifier goes on with the labels that it has") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    REQUIRE(run(spec) == 0);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "out";
    spec.output_dir = folder / "again";
    // Only one of its two labels, by its index.
    write_labelled(folder / "labelled.jsonl", 40, [](bool) { return 1; });
    REQUIRE(run(spec) == 0);
    CHECK(config_in(spec.output_dir)["id2label"] == Json{{"0", "other"}, {"1", "queen"}});
    spec.output_dir = folder / "third";
    write_labelled(folder / "labelled.jsonl", 4, [](bool queen) { return queen ? "quen" : "other"; });
    const Error error = refusal(spec);
    CHECK(error.message == "the model has no label \"quen\"");
    CHECK(error.hint == "did you mean queen?");
    CHECK(error.where.file == folder / "labelled.jsonl");
    CHECK(error.where.line > 0);
}

TEST_CASE("the reading of labels tells how far it is, and is left when a stop is asked for") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    write_labelled(folder / "labelled.jsonl", 3000, by_name);
    spec.training.max_steps = 1;
    spec.data.cache_dir = folder / "cache";
    RecordingHost whole;
    REQUIRE(run(spec, whole) == 0);
    CHECK((*whole.last("labels"))["rows"] == 3000);
    CHECK((*whole.last("labels"))["rows_total"] == 3000);
    CHECK((*whole.last("labels"))["split"] == "train");
    REQUIRE(whole.count("labels") > 1);
    // They are kept with the tokens, for the same rows.
    spec.output_dir = folder / "second";
    RecordingHost second;
    REQUIRE(run(spec, second) == 0);
    CHECK(second.count("labels") == 0);
    CHECK(config_in(spec.output_dir)["id2label"] == config_in(folder / "out")["id2label"]);
    for (const auto& entry : fs::directory_iterator(folder / "cache"))
        if (entry.path().extension() == ".labels") write_file(entry.path(), "damaged");
    RecordingHost look_again;
    spec.output_dir = folder / "none";
    REQUIRE(dry_run(spec, Host(look_again.host())) == 0);
    CHECK(look_again.count("labels") > 1);
    CHECK((*look_again.last("dry_run"))["data"]["classes"] == Json({"other", "queen"}));
    CHECK(!fs::exists(spec.output_dir));
    write_file(folder / "labelled.jsonl", read_file(folder / "labelled.jsonl") + "no row\n");
    spec.output_dir = folder / "stopped";
    RecordingHost host;
    host.stop_when = [](const Json& event) { return event["event"] == "labels"; };
    REQUIRE(run(spec, host) == host.signal);  // not what is wrong with the last row
    CHECK(host.count("labels") == 1);
    CHECK((*host.last("stopped"))["saved"] == false);
    const Json request = {{"command", "stats"}, {"spec", spec::to_json(spec)}};
    RecordingHost data;
    data.stop_when = host.stop_when;
    CHECK(data_action(request, Host(data.host())) == data.signal);
    RecordingHost look;
    look.stop_when = host.stop_when;
    CHECK(dry_run(spec, Host(look.host())) == look.signal);
}

TEST_CASE("numbers that are labels are classes in their order, and fractions are values") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    spec.training.max_steps = 2;
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? 10 : 9; });
    REQUIRE(run(spec) == 0);
    CHECK(config_in(spec.output_dir)["id2label"] == Json{{"0", "9"}, {"1", "10"}});
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? Json(0.5) : Json(-1); });
    spec.output_dir = folder / "values";
    spec.training.max_steps = -1;
    spec.training.num_train_epochs = 20;  // it is 0.56 as long as only the mean is learned
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(config_in(spec.output_dir)["problem_type"] == "regression");
    CHECK(config_in(spec.output_dir)["id2label"].size() == 1);
    CHECK((*host.last("epoch"))["train_accuracy"].is_null());
    CHECK((*host.last("epoch"))["eval_loss"].get<double>() < 0.5);
    CHECK_FALSE(evaluated(spec, spec.output_dir).contains("accuracy,none"));
}

TEST_CASE("text is the name of a class, also where it reads as a number; cells of CSV are what they read as") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    spec.training.max_steps = 1;
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? "10" : "9"; });
    RecordingHost whole;
    REQUIRE(run(spec, whole) == 0);
    CHECK(config_in(spec.output_dir)["id2label"] == Json{{"0", "10"}, {"1", "9"}});  // in the order of text
    CHECK(whole.count("warning") == 0);
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? "1.0" : "2.5"; });
    spec.output_dir = folder / "quoted";
    RecordingHost quoted;
    REQUIRE(run(spec, quoted) == 0);
    CHECK(config_in(spec.output_dir)["id2label"] == Json{{"0", "1.0"}, {"1", "2.5"}});
    CHECK((*quoted.last("warning"))["message"].get<std::string>().ends_with(
        "such as \"1.0\": they are names of 2 classes; to learn values, write numbers without quotes"));
    for (const Json& number : {Json(0.5), Json(2)}) {
        for (const bool first : {true, false}) {
            write_lines(folder / "labelled.jsonl", {{{"text", "the king"}, {"label", first ? number : Json("1.0")}},
                                                    {{"text", "queen"}, {"label", first ? Json("1.0") : number}}});
            const Error error = refusal(spec);
            CHECK(error.message == "the labels are numbers in some rows and names in others, such as \"1.0\"");
            CHECK(error.hint == "write all numbers without quotes, or all with them");
            CHECK(error.where.line == 2);
        }
    }
    write_file(folder / "cells.csv", "text,label\nthe king,1.0\nthe queen,2.5\n");
    spec.data.dataset_path = folder / "cells.csv";
    spec.data.validation_split = 0;
    spec.output_dir = folder / "cells";
    REQUIRE(run(spec) == 0);
    CHECK(config_in(spec.output_dir)["problem_type"] == "regression");
    // A head of values takes no text, and one of unnamed classes no index in quotes.
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "cells";
    spec.output_dir = folder / "again";
    spec.data.dataset_path = folder / "labelled.jsonl";
    write_labelled(folder / "labelled.jsonl", 4, [](bool) { return "0.5"; });
    CHECK(refusal(spec).message == "the model learns values, and \"0.5\" is none");
    CHECK(refusal(spec).hint == "give every row a number, which has no quotes in JSON");
}

TEST_CASE("a number that is no label of a head is refused, unless no label is a number") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    spec.data.validation_split = 0;
    spec.training.max_steps = 1;
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? -1 : 2; });
    REQUIRE(run(spec) == 0);
    CHECK(config_in(spec.output_dir)["id2label"] == Json{{"0", "-1"}, {"1", "2"}});
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? 1 : 2; });
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "out";
    spec.output_dir = folder / "again";
    CHECK(refusal(spec).message == "the model has no label \"1\"");
}

TEST_CASE("an adapter keeps what its head is for, also in a checkpoint") {
    for (const bool values : {false, true}) {
        CAPTURE(values);
        const TempFolder folder;
        TrainingSpec spec = adapter_of(folder, classifier_spec(folder));
        if (values)
            write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? Json(0.5) : Json(-1); });
        spec.training.max_steps = 4;
        spec.checkpoint.save_strategy = "steps";
        spec.checkpoint.save_steps = 4;
        REQUIRE(run(spec) == 0);
        const std::string checkpoint = spec.output_dir + "/checkpoint-4";
        const Json apart = evaluated(spec, checkpoint);
        RecordingHost host;
        REQUIRE(merge_adapter({checkpoint, "", folder / "merged"}, Host(host.host())) == 0);
        const Json config = config_in(folder / "merged");
        if (values)
            CHECK(config["problem_type"] == "regression");
        else
            CHECK(config["id2label"] == Json{{"0", "other"}, {"1", "queen"}});
        CHECK(evaluated(spec, folder / "merged")["loss,none"].get<double>() ==
              doctest::Approx(apart["loss,none"].get<double>()).epsilon(1e-5));
    }
}

TEST_CASE("values have no accuracy to choose a model by, and a reward model is no regression") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? Json(0.5) : Json(-1); });
    spec.training.metric_for_best_model = "accuracy";
    spec.training.early_stopping_patience = 2;
    CHECK(refusal(spec).where.path == "training.metric_for_best_model");
    spec.training.early_stopping_patience = 0;
    spec.training.metric_for_best_model = "loss";
    spec.training.max_steps = 1;
    spec.training.num_train_epochs = 1;
    REQUIRE(run(spec) == 0);
    // Its one label is what a reward model has: it goes on as one, with an accuracy.
    TrainingSpec reward = reward_spec(folder);
    reward.model.config_name.clear();
    reward.model.model_name_or_path = folder / "out";
    reward.output_dir = folder / "reward";
    RecordingHost host;
    REQUIRE(run(reward, host) == 0);
    CHECK_FALSE(config_in(reward.output_dir).contains("problem_type"));
    CHECK((*host.last("epoch"))["train_accuracy"].is_number());
    // And back: with values, or with whole numbers as values. A preview takes them as the run does.
    spec.model = reward.model;
    spec.model.model_name_or_path = folder / "reward";
    spec.output_dir = folder / "values";
    write_labelled(folder / "labelled.jsonl", 40, [](bool) { return 7; });
    CHECK(previewed(spec)["label"] == 7);
    write_labelled(folder / "labelled.jsonl", 40, [](bool queen) { return queen ? 1 : 0; });
    RecordingHost again;
    REQUIRE(run(spec, again) == 0);
    CHECK(config_in(spec.output_dir)["problem_type"] == "regression");
    CHECK((*again.last("epoch"))["train_loss"].get<double>() > 0);
}

TEST_CASE("heads for several labels or values at once are refused") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    spec.training.max_steps = 1;
    REQUIRE(run(spec) == 0);
    const Json config = config_in(folder / "out");
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "out";
    spec.output_dir = folder / "again";
    for (const char* problem : {"multi_label_classification", "regression"}) {
        Json other = config;
        other["problem_type"] = problem;
        write_file(folder / "out/config.json", other.dump());
        CHECK(refusal(spec).where.path == "problem_type");
    }
}

TEST_CASE("a reward model does not go on with another loss") {
    const TempFolder folder;
    TrainingSpec spec = reward_spec(folder);
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 2;
    spec.training.max_steps = 2;
    REQUIRE(run(spec) == 0);
    spec.training.max_steps = 4;
    spec.objective.center_rewards_coefficient = 0.5;
    CHECK(refusal(spec).message.find("center_rewards_coefficient") != std::string::npos);
}

TEST_CASE("an adapter that scores texts is merged into shards, and not into a base without its root") {
    const TempFolder folder;
    const TrainingSpec spec = adapter_of(folder, classifier_spec(folder));
    REQUIRE(run(spec) == 0);
    NamedTensors tensors = decode_safetensors(read_file(folder / "base/model.safetensors"), "model");
    const auto middle = tensors.begin() + std::ssize(tensors) / 2;
    Json map = Json::object();
    for (const auto& [file, part] : {std::pair{"a.safetensors", NamedTensors(tensors.begin(), middle)},
                                     {"b.safetensors", NamedTensors(middle, tensors.end())},
                                     {"c.safetensors", NamedTensors{{"lm_head.weight", tensors.front().value}}}}) {
        for (const auto& tensor : part) map[tensor.name] = file;
        write_file(folder / ("base/" + std::string(file)), encode_safetensors(part));
    }
    write_file(folder / "base/model.safetensors.index.json", Json{{"weight_map", map}}.dump());
    fs::remove(folder / "base/model.safetensors");
    RecordingHost host;
    REQUIRE(merge_adapter({spec.output_dir, "", folder / "merged"}, Host(host.host())) == 0);
    const Json index = Json::parse(read_file(folder / "merged/model.safetensors.index.json"));
    CHECK(index["weight_map"].contains("score.weight"));
    CHECK_FALSE(index["weight_map"].contains("lm_head.weight"));
    CHECK_FALSE(fs::exists(folder / "merged/c.safetensors"));
    std::uint64_t bytes = 2 * 32 * sizeof(float);
    for (const auto& tensor : tensors) bytes += tensor.value.nbytes();
    CHECK(index["metadata"]["total_size"] == bytes);
    CHECK(evaluated(spec, folder / "merged").contains("accuracy,none"));
    for (auto& tensor : tensors) tensor.name = tensor.name.substr(std::string("model.").size());
    fs::remove(folder / "base/model.safetensors.index.json");
    write_file(folder / "base/model.safetensors", encode_safetensors(tensors));
    const Error error = error_of([&] {
        RecordingHost other;
        merge_adapter({spec.output_dir, "", folder / "rootless"}, Host(other.host()));
    });
    CHECK(error.hint == "load and save the base with transformers first");
    CHECK_FALSE(fs::exists(folder / "rootless.partial"));
}

TEST_CASE("the class names of a family that is not known come from its config") {
    const ScoreHead head{{"a", "b"}, false, {}};
    const Json known = with_score_head(Json{{"architectures", {"PhiForCausalLM"}}}, "phi", head);
    CHECK(known["architectures"] == Json::array({"PhiForSequenceClassification"}));
    CHECK(error_of([&] { with_score_head(Json::object(), "phi", head); }).message == "the family \"phi\" is not known");
}

TEST_CASE("what cannot be scored is refused by its place") {
    const TempFolder folder;
    TrainingSpec spec = classifier_spec(folder);
    write_labelled(folder / "labelled.jsonl", 6, [](bool) { return "same"; });
    CHECK(refusal(spec).message == "every row has the label same");
    write_lines(folder / "labelled.jsonl",
                {{{"text", "the king"}, {"label", "a"}}, {{"text", "queen"}, {"label", 0.5}}});
    CHECK(refusal(spec).where.line == 2);
    write_lines(folder / "labelled.jsonl", {{{"text", "the king"}}});
    CHECK(refusal(spec).message == "the rows have no label: no column of {text} is called label, or it is null");
    write_labelled(folder / "labelled.jsonl", 40, by_name);
    spec.training.max_steps = 1;
    REQUIRE(run(spec) == 0);
    TrainingSpec next = text_spec(folder);
    next.model.config_name.clear();
    next.model.model_name_or_path = folder / "out";
    next.output_dir = folder / "next";
    CHECK(refusal(next).hint == "name a language model, or --set objective.type=classification");
    write_pairs(folder / "pairs.jsonl", 4);
    next.data.dataset_path = folder / "pairs.jsonl";
    next.objective.type = "reward";
    CHECK(refusal(next).message.find("has a head of 2 labels, but a reward has one") != std::string::npos);
    TrainingSpec reward = reward_spec(folder);
    reward.objective.max_length = 2;
    reward.output_dir = folder / "short";
    CHECK(refusal(reward).hint == "each has more than objective.max_length 2 tokens: raise it");
    reward.objective.max_length = 8;
    REQUIRE(run(reward) == 0);
    reward.objective.max_length = 2;
    reward.model.config_name.clear();
    reward.model.model_name_or_path = reward.output_dir;
    const Json request = {{"spec", spec::to_json(reward)}, {"base", ""}, {"tasks", Json::array()}};
    const Error short_rows = error_of([&] {
        RecordingHost host;
        evaluate_model(request, Host(host.host()));
    });
    CHECK(short_rows.message == "there is no row to evaluate on");
    CHECK(short_rows.hint == "each has more than objective.max_length 2 tokens: raise it");
}
