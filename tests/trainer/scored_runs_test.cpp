// Whole runs of models that score texts: classifiers, regressions and reward models, whole and by LoRA.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "core/model/score_head.h"
#include "core/spec/load.h"
#include "tests/trainer/language_model.h"
#include "trainer/recipe/data_actions.h"
#include "trainer/recipe/evaluate.h"
#include "trainer/recipe/merge.h"
#include "trainer/recipe/recipe.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

void write_lines(const std::string& path, const Json& rows) {
    std::string text;
    for (const Json& row : rows) text += row.dump() + "\n";
    write_file(path, text);
}

// The texts of write_rows, labelled by what is in them.
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

// Pairs of which the longer answer is preferred, as texts or as conversations that begin alike.
void write_pairs(const std::string& path, std::size_t count, bool chats = false) {
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

// A new tiny classifier on 40 labelled texts, 10 of them held out.
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

// `spec` as LoRA on a language model in `folder`/base.
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

// The results of `ktrain eval` on all rows of the spec's data.
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

}  // namespace

TEST_CASE("a classifier learns the labels of its data, and its folder is one of Hugging Face") {
    const TempFolder folder;
    const TrainingSpec spec = classifier_spec(folder);
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const Json config = config_in(spec.output_dir);
    CHECK(config["architectures"] == Json::array({"LlamaForSequenceClassification"}));
    CHECK(config["id2label"] == Json{{"0", "other"}, {"1", "queen"}});
    CHECK(config["label2id"] == Json{{"other", 0}, {"queen", 1}});
    CHECK(config["problem_type"] == "single_label_classification");
    CHECK(config["pad_token_id"] == 2);
    const auto names = tensors_in(spec.output_dir + "/model.safetensors");
    CHECK(has(names, "score.weight"));
    CHECK_FALSE(has(names, "lm_head.weight"));
    CHECK((*host.last("start"))["classes"] == Json::array({"other", "queen"}));
    CHECK((*host.last("epoch"))["train_accuracy"].get<double>() >= 0.95);
    const Json record = Json::parse(read_file(spec.output_dir + "/run.json"));
    CHECK(record["metrics"].contains("eval_accuracy"));
    CHECK_FALSE(record["metrics"].contains("perplexity"));
    CHECK(evaluated(spec, spec.output_dir)["accuracy,none"].get<double>() >= 0.8);
}

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
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(config_in(spec.output_dir)["problem_type"] == "regression");
    CHECK(config_in(spec.output_dir)["id2label"].size() == 1);
    CHECK((*host.last("epoch"))["train_accuracy"].is_null());
    CHECK((*host.last("epoch"))["eval_loss"].get<double>() < 0.5);
    CHECK_FALSE(evaluated(spec, spec.output_dir).contains("accuracy,none"));
}

TEST_CASE("a reward model learns to prefer, from texts and from conversations") {
    for (const bool chats : {false, true}) {
        CAPTURE(chats);
        const TempFolder folder;
        TrainingSpec spec = reward_spec(folder);
        write_pairs(folder / "pairs.jsonl", 16, chats);
        write_file(folder / "model/chat_template.jinja",
                   "{% for m in messages %}{{ m.role == 'user' and 'in' or 'out' }} {{ m.content }}</s>{% endfor %}");
        spec.data.validation_split = 0.25;
        RecordingHost host;
        REQUIRE(run(spec, host) == 0);
        const Json& last = *host.last("epoch");
        CHECK(last["eval_accuracy"] == 1);
        CHECK(last["eval_margin"].get<double>() > 0.5);
        CHECK(std::abs(last["eval_loss"].get<double>()) < 0.6);
        const Json results = evaluated(spec, spec.output_dir);
        CHECK(results["accuracy,none"] == 1);
        CHECK(results["margin,none"].get<double>() > 0.5);
    }
}

TEST_CASE("models that score texts resume bit for bit, whole and by LoRA, in any cut of their batches") {
    for (const auto& [name, make] : {std::pair{"classifier", &classifier_spec}, {"reward", &reward_spec}}) {
        for (const bool adapts : {false, true}) {
            for (const bool bf16 : {false, true}) {
                CAPTURE(name);
                CAPTURE(adapts);
                CAPTURE(bf16);
                const TempFolder folder;
                TrainingSpec spec = adapts ? adapter_of(folder, make(folder)) : make(folder);
                spec.training.bf16 = bf16;
                spec.training.per_device_train_batch_size = 2;
                spec.training.gradient_accumulation_steps = 2;
                REQUIRE(run(spec) == 0);
                const auto whole = losses_in(spec.output_dir);
                const std::string weights = adapts ? "/adapter_model.safetensors" : "/model.safetensors";
                const std::string model = read_file(spec.output_dir + weights);
                spec.output_dir = folder / "stopped";
                RecordingHost host;
                host.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 5; };
                REQUIRE(run(spec, host) == 15);
                REQUIRE(run(spec) == 0);
                CHECK(losses_in(spec.output_dir) == whole);
                CHECK(read_file(spec.output_dir + weights) == model);
                if (bf16) continue;
                spec.training.per_device_train_batch_size = 4;
                spec.training.gradient_accumulation_steps = 1;
                spec.output_dir = folder / "cut";
                REQUIRE(run(spec) == 0);
                const auto cut = losses_in(spec.output_dir);
                REQUIRE(cut.size() == whole.size());
                for (std::size_t i = 0; i < 6; ++i)  // later ones part by what Adam makes of the last digits
                    CHECK(std::abs(cut[i] - whole[i]) < 1e-5 * std::max(whole[i], 0.1));
            }
        }
    }
}

TEST_CASE("an adapter that scores texts is PEFT's, is evaluated on its base, and is merged into a classifier") {
    const TempFolder folder;
    const TrainingSpec spec = adapter_of(folder, classifier_spec(folder));
    REQUIRE(run(spec) == 0);
    const Json config = Json::parse(read_file(spec.output_dir + "/adapter_config.json"));
    CHECK(config["task_type"] == "SEQ_CLS");
    CHECK(config["modules_to_save"] == Json::array({"score"}));
    CHECK(has(tensors_in(spec.output_dir + "/adapter_model.safetensors"), "base_model.model.score.weight"));
    const Json apart = evaluated(spec, spec.output_dir);
    CHECK(apart["accuracy,none"].get<double>() >= 0.7);
    RecordingHost host;
    REQUIRE(merge_adapter({spec.output_dir, "", folder / "merged"}, Host(host.host())) == 0);
    CHECK(config_in(folder / "merged")["id2label"] == Json{{"0", "other"}, {"1", "queen"}});
    CHECK(config_in(folder / "merged")["pad_token_id"] == 2);
    const auto names = tensors_in(folder / "merged/model.safetensors");
    CHECK(has(names, "score.weight"));
    const Json merged = evaluated(spec, folder / "merged");
    CHECK(merged["loss,none"].get<double>() == doctest::Approx(apart["loss,none"].get<double>()).epsilon(1e-5));
    CHECK(merged["accuracy,none"] == apart["accuracy,none"]);
}

TEST_CASE("every part of a reward model is trained in its first step, and what is frozen is not") {
    const TempFolder folder;
    TrainingSpec spec = reward_spec(folder);
    spec.training.max_steps = 1;
    spec.training.learning_rate = 1e-12;  // the weights that it begins with
    REQUIRE(run(spec) == 0);
    const auto before = decode_safetensors(read_file(folder / "out/model.safetensors"), "before");
    spec.training.learning_rate = 0.01;
    spec.method.freeze_layers = 1;
    spec.output_dir = folder / "frozen";
    REQUIRE(run(spec) == 0);
    const auto after = decode_safetensors(read_file(folder / "frozen/model.safetensors"), "after");
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        CAPTURE(before[i].name);
        const double change = before[i].value.sub(after[i].value).abs().max().item<double>();
        if (before[i].name.find("layers.0.") != std::string::npos)
            CHECK(change < 1e-9);
        else
            CHECK(change > 1e-6);
    }
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
    // And back: with values, or with whole numbers as values.
    spec.model = reward.model;
    spec.model.model_name_or_path = folder / "reward";
    spec.output_dir = folder / "values";
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

TEST_CASE("preview shows both answers of a pair, and the label of a text") {
    const TempFolder folder;
    const Json pair = previewed(reward_spec(folder));
    CHECK(pair["chosen"]["text"] == "the king eating bread and honey </s>");
    CHECK(pair["rejected"]["text"] == "the king out </s>");
    CHECK(pair["margin"] == 0.1);
    const Json text = previewed(classifier_spec(folder));
    CHECK((text["label"] == "other" || text["label"] == "queen"));
    CHECK_FALSE(text.contains("learned"));
    CHECK(text["ids"].back() != 2);  // it is read, not written: nothing ends it
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
    CHECK(refusal(spec).message.find("are of no shape that can be used here") != std::string::npos);
    write_labelled(folder / "labelled.jsonl", 40, by_name);
    spec.training.max_steps = 1;
    REQUIRE(run(spec) == 0);
    TrainingSpec next = text_spec(folder);
    next.model.config_name.clear();
    next.model.model_name_or_path = folder / "out";
    next.output_dir = folder / "next";
    CHECK(refusal(next).hint == "--set objective.type=classification");
    write_pairs(folder / "pairs.jsonl", 4);
    next.data.dataset_path = folder / "pairs.jsonl";
    next.objective.type = "reward";
    CHECK(refusal(next).message.find("has a head of 2 labels, but a reward has one") != std::string::npos);
    TrainingSpec reward = reward_spec(folder);
    reward.objective.max_length = 2;
    reward.output_dir = folder / "short";
    CHECK(refusal(reward).hint == "each has more than objective.max_length 2 tokens: raise it");
}
