// Whole runs of models that score texts: classifiers, regressions and reward models, whole and by LoRA.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/trainer/scored_texts.h"
#include "trainer/recipe/merge.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

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
