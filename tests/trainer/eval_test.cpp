// `ktrain eval`: log-likelihoods and scores are those of transformers and lm-eval (tests/parity/eval), an adapter
// counts as if it were merged, and what cannot be evaluated is refused.
#include "tests/support/paths.h"
#include "trainer/recipe/evaluate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "core/spec/load.h"
#include "tests/trainer/language_model.h"
#include "trainer/data/choice_task.h"
#include "trainer/recipe/language_model.h"
#include "trainer/recipe/log_likelihood.h"
#include "trainer/recipe/merge.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

const Json& reference() {
    static const Json json = Json::parse(read_file(source_path("/tests/parity/eval/reference.json")));
    return json;
}

void write_lines(const std::string& path, const Json& rows) {
    std::string text;
    for (const Json& row : rows) text += row.dump() + "\n";
    write_file(path, text);
}

// The model of a case as a folder that transformers would read: weights by the formula of the script.
void make_model(const std::string& folder, const Json& wanted) {
    fs::create_directories(folder);
    write_file(folder + "/config.json", wanted["config"].dump());
    write_file(folder + "/tokenizer.json", wanted["tokenizer"].dump());
    write_file(folder + "/tokenizer_config.json", Json{{"bos_token", "<s>"}, {"eos_token", "</s>"}}.dump());
    const DecoderConfig config = read_decoder_config(wanted["config"].dump(), "config.json", "tiny");
    const Parameters parameters(inventory(config.shape, {}, "float32"));
    for (const TensorDecl& declaration : parameters.declarations()) {
        const at::Tensor value = parameters.at(declaration.name).value;
        fill_by_name({declaration.name, value}, 0.3);
        if (declaration.role == Role::norm && declaration.name.ends_with("weight")) value.add_(1);
    }
    write_file(folder + "/model.safetensors", encode_safetensors(parameters.values(false)));
}

Json request_for(const TrainingSpec& spec, const Json& tasks = Json::array(), const std::string& base = "") {
    return {{"spec", spec::to_json(spec)}, {"base", base}, {"tasks", tasks}};
}

TrainingSpec spec_of(const std::string& model) {
    TrainingSpec spec;
    spec.metadata.name = "eval";
    spec.model.model_name_or_path = model;
    spec.training.per_device_eval_batch_size = 3;  // batches of several questions, and an odd last one
    return spec;
}

Json evaluated(const Json& request) {
    RecordingHost host;
    REQUIRE(evaluate_model(request, Host(host.host())) == 0);
    return *host.last("evaluated");
}

double loss_of(const Json& request) {
    return evaluated(request)["results"]["rows"]["loss,none"];
}

Error refusal(const Json& request) {
    RecordingHost host;
    const Error error = error_of([&] { evaluate_model(request, Host(host.host())); });
    CHECK(error.kind == ErrorKind::input);
    return error;
}

}  // namespace

TEST_CASE("each choice has the log-likelihood that transformers gives it, whatever stands beside it") {
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        const TempFolder folder;
        make_model(folder / "model", wanted);
        const TrainingSpec spec = spec_of(folder / "model");
        const ModelFolder model_folder = read_model_folder(spec.model);
        const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), model_folder.tokenizer);
        std::vector<Continuation> all;
        std::vector<double> expected;
        for (std::size_t i = 0; i < reference()["questions"].size(); ++i) {
            const ChoiceQuestion question = read_question(reference()["questions"][i], {});
            for (const std::string& choice : question.choices)
                all.push_back(continue_text(tokenizer, question.context, " " + choice, model_folder.config.positions));
            for (const Json& value : wanted["questions"][i]["log_likelihoods"]) expected.push_back(value);
        }
        RecordingHost host;
        LanguageModel model(spec, model_folder, 64, Host(host.host()), ModelUse::evaluate);
        CHECK(model.parameters().gradients().numel() == 0);
        for (const std::size_t batch_size : {1, 4, 100}) {
            const auto found = log_likelihoods(model.decoder(), all, batch_size, Host(host.host()));
            REQUIRE(found.size() == expected.size());
            for (std::size_t i = 0; i < found.size(); ++i)
                CHECK(std::abs(found[i] - expected[i]) < 1e-4 * std::abs(expected[i]));
        }
        CHECK(std::ranges::any_of(all, [](const auto& one) { return one.inputs() == 64; }));  // one was cut
    }
}

TEST_CASE("scores, loss and perplexity are those of the reference, in the form of lm-eval") {
    const Json& tolerance = reference()["tolerance"];
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        const TempFolder folder;
        make_model(folder / "model", wanted);
        write_lines(folder / "mine.jsonl", reference()["questions"]);
        Json rows = Json::array();
        for (const Json& text : reference()["rows"]) rows.push_back({{"text", text}});
        write_lines(folder / "rows.jsonl", rows);
        TrainingSpec spec = spec_of(folder / "model");
        spec.data.dataset_path = folder / "rows.jsonl";
        spec.objective.max_length = 64;
        spec.output_dir = folder / "out";
        const Json answer = evaluated(request_for(spec, {folder / "mine.jsonl"}));
        const Json& task = answer["results"]["mine"];
        for (const char* metric : {"acc", "acc_stderr", "acc_norm", "acc_norm_stderr"})
            CHECK(task[std::string(metric) + ",none"].get<double>() ==
                  doctest::Approx(wanted[metric].get<double>()).epsilon(tolerance["accuracy"].get<double>()));
        const Json& loss = answer["results"]["rows"];
        const double near = tolerance["loss"], mean = wanted["loss"];
        CHECK(loss["loss,none"].get<double>() == doctest::Approx(mean).epsilon(near));
        // A loss of ten moves its exponential by ten times as much.
        CHECK(loss["perplexity,none"].get<double>() == doctest::Approx(std::exp(mean)).epsilon(10 * near));
        CHECK(loss["tokens"] == wanted["tokens"]);
        for (const char* section : {"results", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better",
                                    "n-samples", "config", "date"})
            CHECK(answer.contains(section));
        CHECK(answer["n-samples"]["mine"]["effective"] == reference()["questions"].size());
        CHECK(!fs::exists(folder / "out"));  // nothing is left behind
    }
}

TEST_CASE("an adapter and a checkpoint are evaluated as what they stand for") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.data.validation_split = 0.25;
    spec.training.max_steps = 5;
    spec.checkpoint.save_strategy = "epoch";
    spec.output_dir = folder / "base";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const double trained = (*host.last("epoch"))["eval_loss"];
    TrainingSpec asked = spec;
    asked.model.config_name.clear();
    asked.model.model_name_or_path = folder / "base";
    CHECK(loss_of(request_for(asked)) == doctest::Approx(trained).epsilon(1e-6));
    asked.model.model_name_or_path = folder / "base/checkpoint-5";
    CHECK(loss_of(request_for(asked)) == doctest::Approx(trained).epsilon(1e-6));

    TrainingSpec lora = asked;
    lora.model.model_name_or_path = folder / "base";
    lora.method.type = "lora";
    lora.method.target_modules = {"all-linear"};
    lora.output_dir = folder / "adapter";
    RecordingHost adapted;
    REQUIRE(run(lora, adapted) == 0);
    const double with_adapter = (*adapted.last("epoch"))["eval_loss"];
    CHECK(std::abs(with_adapter - trained) > 1e-3);
    asked.model.model_name_or_path = folder / "adapter";
    CHECK(loss_of(request_for(asked)) == doctest::Approx(with_adapter).epsilon(1e-6));
    fs::rename(folder / "base", folder / "moved");
    CHECK(refusal(request_for(asked)).message.find("base is no folder on this machine") != std::string::npos);
    CHECK(loss_of(request_for(asked, Json::array(), folder / "moved")) == doctest::Approx(with_adapter).epsilon(1e-6));
    asked.model.model_name_or_path = folder / "moved";
    CHECK(refusal(request_for(asked, Json::array(), folder / "moved")).message.find("is no adapter") !=
          std::string::npos);
}

TEST_CASE("an adapter whose base alone names its EOS is evaluated with it") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "model/tokenizer_config.json", "{}");  // config.json names it
    spec.data.validation_split = 0.25;
    spec.training.max_steps = 5;
    spec.output_dir = folder / "base";
    REQUIRE(run(spec) == 0);
    spec.model = {.model_name_or_path = folder / "base"};
    spec.method.type = "lora";
    spec.output_dir = folder / "adapter";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    TrainingSpec asked = spec;
    asked.model.model_name_or_path = folder / "adapter";
    const double trained = (*host.last("epoch"))["eval_loss"];
    CHECK(loss_of(request_for(asked)) == doctest::Approx(trained).epsilon(1e-6));
    fs::rename(folder / "base", folder / "moved");
    CHECK(loss_of(request_for(asked, Json::array(), folder / "moved")) == doctest::Approx(trained).epsilon(1e-6));
}

TEST_CASE("an adapter of DoRA counts as it was trained; one that parts a tied head is to be merged first") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.data.validation_split = 0.25;
    spec.training.max_steps = 5;
    spec.output_dir = folder / "base";
    REQUIRE(run(spec) == 0);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "base";
    spec.method.type = "lora";
    spec.method.use_dora = true;
    spec.output_dir = folder / "dora";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    TrainingSpec asked = spec;
    asked.model.model_name_or_path = folder / "dora";
    const double trained = (*host.last("epoch"))["eval_loss"];
    CHECK(loss_of(request_for(asked)) == doctest::Approx(trained).epsilon(1e-6));
    spec.method.use_dora = false;
    spec.method.modules_to_save = {"lm_head"};
    spec.output_dir = folder / "parted";
    REQUIRE(run(spec) == 0);
    asked.model.model_name_or_path = folder / "parted";
    CHECK(refusal(request_for(asked)).hint.find("ktrain merge") != std::string::npos);
}

TEST_CASE("rows apart are evaluated without the training rows") {
    const TempFolder folder;
    make_model(folder / "model", reference()["cases"]["llama"]);
    write_lines(folder / "held.jsonl", Json::array({{{"text", "the king"}}}));
    TrainingSpec spec = spec_of(folder / "model");
    spec.data.dataset_path = folder / "gone.jsonl";
    spec.data.eval_dataset_path = folder / "held.jsonl";
    spec.objective.max_length = 64;
    CHECK(loss_of(request_for(spec)) > 0);
}

TEST_CASE("a folder that holds only rows to evaluate on is enough") {
    const TempFolder folder;
    make_model(folder / "model", reference()["cases"]["llama"]);
    const Json one = {{"text", "the king"}}, other = {{"text", "his house was in the garden"}};
    TrainingSpec spec = spec_of(folder / "model");
    spec.objective.max_length = 64;
    write_lines(folder / "held.jsonl", Json::array({one}));
    spec.data.eval_dataset_path = folder / "held.jsonl";
    const double alone = loss_of(request_for(spec));
    for (const char* name : {"validation", "test"}) {
        fs::create_directories(folder / name);
        write_lines(folder / (std::string(name) + "/" + name + ".jsonl"), Json::array({one}));
        spec.data.eval_dataset_path = folder / name;
        CHECK(loss_of(request_for(spec)) == alone);
    }
    write_lines(folder / "test/train.jsonl", Json::array({other}));
    CHECK(loss_of(request_for(spec)) == alone);
}

TEST_CASE("questions of which the model does not read the beginning are counted") {
    const TempFolder folder;
    const Json& wanted = reference()["cases"]["llama"];
    make_model(folder / "model", wanted);
    const auto positions = wanted["config"]["max_position_embeddings"].get<std::size_t>();
    std::string longer;
    for (std::size_t i = 0; i < 2 * positions; ++i) longer += "the king ";
    const auto question = [](const std::string& query) {
        return Json{{"query", query}, {"choices", {"was in", "his house"}}, {"gold", 0}};
    };
    write_lines(folder / "q.jsonl", Json::array({question("the king"), question(longer), question(longer)}));
    RecordingHost host;
    REQUIRE(evaluate_model(request_for(spec_of(folder / "model"), {folder / "q.jsonl"}), Host(host.host())) == 0);
    const Json& counts = (*host.last("evaluated"))["n-samples"]["q"];
    CHECK(counts == Json({{"original", 3}, {"effective", 3}, {"cut", 2}}));
    REQUIRE(host.count("warning") == 1);
    CHECK((*host.last("warning"))["message"].get<std::string>().starts_with("2 questions of " + (folder / "q.jsonl")));
}

TEST_CASE("what cannot be evaluated is refused with its place") {
    const TempFolder folder;
    make_model(folder / "model", reference()["cases"]["llama"]);
    const TrainingSpec spec = spec_of(folder / "model");
    CHECK(refusal(request_for(spec)).message == "there is nothing to evaluate on");
    write_file(folder / "q.jsonl",
               "{\"query\": \"a\", \"choices\": [\"b\", \"c\"], \"gold\": 0}\n"
               "{\"query\": \"a\", \"choices\": [\"b\", \"c\"], \"gold\": 2}\n");
    const Error wrong = refusal(request_for(spec, {folder / "q.jsonl"}));
    CHECK(wrong.message == "2 is none of the 2 choices");
    CHECK(wrong.where.line == 2);
    fs::create_directories(folder / "other");
    fs::copy_file(folder / "q.jsonl", folder / "other/q.jsonl");
    CHECK(refusal(request_for(spec, {folder / "q.jsonl", folder / "other/q.jsonl"})).message ==
          "two tasks have the name q");
    TrainingSpec rows = spec;
    rows.data.eval_dataset_path = folder / "masked.jsonl";
    write_file(folder / "masked.jsonl", "{\"input_ids\": [5, 6], \"labels\": [-100, -100]}\n");
    const Error masked = refusal(request_for(rows));
    CHECK(masked.message == "there is nothing to learn in " + (folder / "masked.jsonl"));
}

TEST_CASE("an evaluation stops when it is asked to") {
    const TempFolder folder;
    make_model(folder / "model", reference()["cases"]["llama"]);
    write_lines(folder / "mine.jsonl", reference()["questions"]);
    RecordingHost host;
    host.stop_when = [](const Json& event) { return event["event"] == "evaluate"; };
    CHECK(evaluate_model(request_for(spec_of(folder / "model"), {folder / "mine.jsonl"}), Host(host.host())) == 15);
    CHECK(host.last("evaluated") == nullptr);
}
