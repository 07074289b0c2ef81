// Real weights, SmolLM2-135M-Instruct of tests/parity/smollm2: its ids, logits and losses, trained whole and with LoRA,
// are those of transformers and PEFT.
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/tensor.h>
#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

#include "core/spec/load.h"
#include "tests/support/fetched.h"
#include "tests/support/paths.h"
#include "tests/trainer/language_model.h"
#include "trainer/recipe/evaluate.h"
#include "trainer/recipe/language_model.h"
#include "trainer/text/encode.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

const std::string sources = source_path("/tests/parity/smollm2/");

Json reference() {
    return Json::parse(read_file(sources + "reference.json"));
}

// What the script trains with, but for the method.
TrainingSpec spec_for(const Json& wanted, const std::string& model, const std::string& output) {
    TrainingSpec spec;
    spec.metadata.name = "smollm2";
    spec.model.model_name_or_path = model;
    spec.data.dataset_path = sources + "train.jsonl";
    spec.data.eval_dataset_path = sources + "heldout.jsonl";
    spec.data.shuffle = false;
    spec.objective.max_length = wanted["length"];
    spec.training.per_device_train_batch_size = wanted["batch"];
    spec.training.seed = wanted["seed"];
    spec.training.logging_steps = 1;
    spec.checkpoint.save_strategy = "no";
    spec.output_dir = output;
    return spec;
}

// `kind`: of the reference's tolerances, relative.
void check_near(const Json& ours, const Json& theirs, const char* kind) {
    static const Json tolerance = reference()["tolerance"];
    CHECK(ours.get<double>() == doctest::Approx(theirs.get<double>()).epsilon(tolerance[kind].get<double>()));
}

// Trains as the script did with these options, and compares every step.
void check_training(TrainingSpec spec, const Json& wanted, std::int64_t trained) {
    const Json& options = wanted["options"];
    spec.training.learning_rate = options["learning_rate"];
    spec.training.weight_decay = options["weight_decay"];
    spec.training.max_grad_norm = options["max_grad_norm"];
    spec.training.num_train_epochs = options["num_train_epochs"];
    spec.training.lr_scheduler_type = options["lr_scheduler_type"];
    spec.training.warmup_steps = options.value("warmup_steps", 0);
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK((*host.last("start"))["trainable_parameters"] == trained);
    std::size_t step = 0;
    for (const Json& event : host.events) {
        if (event["event"] != "step") continue;
        CAPTURE(step);
        REQUIRE(step < wanted["losses"].size());
        check_near(event["loss"], wanted["losses"][step], "losses");
        check_near(event["grad_norm"], wanted["grad_norms"][step], "norms");
        ++step;
    }
    CHECK(step == wanted["losses"].size());
    check_near((*host.last("epoch"))["eval_loss"], wanted["held_out"]["loss"], "losses");
}

// Of the last position.
at::Tensor next_logits(const LanguageModel& model, const TokenIds& ids) {
    const at::Tensor ids_1T = at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end())).unsqueeze(0);
    return model.decoder().logits(TokenRows::whole(ids_1T, ids_1T)).detach()[-1];
}

// What a program writes to its standard output.
std::string said_by(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    REQUIRE(::pclose(pipe) == 0);
    return text;
}

}  // namespace

TEST_CASE("SmolLM2: texts and conversations have the ids that transformers gives them") {
    const std::string folder = fetched("smollm2");
    if (folder.empty()) return;
    const Json wanted = reference();
    const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), folder);
    const Encoder encoder(tokenizer);
    std::istringstream lines(read_file(sources + "train.jsonl"));
    std::size_t row = 0;
    for (std::string line; std::getline(lines, line); ++row) {
        TokenIds ids = encoder.text(Json::parse(line)["text"].get<std::string>()).ids;
        ids.resize(std::min(ids.size(), wanted["length"].get<std::size_t>()));
        CHECK(ids == wanted["train_ids"][row].get<TokenIds>());
    }
    CHECK(row == wanted["train_ids"].size());
    const auto& config = tokenizer.config();
    const ChatTemplate chat(config.chat_templates.at("default"), config.special, 0, folder);
    for (const Json& conversation : wanted["conversations"]) {
        CAPTURE(conversation.dump());
        const Json& messages = conversation["messages"];
        CHECK(encoder.chat(messages, {}, Learn::all).ids == conversation["ids"].get<TokenIds>());
        CHECK(tokenizer.encode(chat.render(messages, {}, true).text, false) == conversation["prompt"].get<TokenIds>());
    }
}

TEST_CASE("SmolLM2: logits, the next words and the loss of texts are those of transformers") {
    const std::string folder = fetched("smollm2");
    if (folder.empty()) return;
    const Json wanted = reference();
    const Json& next = wanted["next"];
    TrainingSpec spec = spec_for(wanted, folder, "");
    RecordingHost host;
    const ModelFolder model_folder = read_model_folder(spec.model);
    const LanguageModel model(spec, model_folder, 64, Host(host.host()), ModelUse::evaluate);
    TokenIds ids = wanted["conversations"][0]["prompt"].get<TokenIds>();
    const at::Tensor first = next_logits(model, ids);
    const double norm = next["first"]["norm"];
    check_near(first.norm().item<double>(), norm, "logits");
    check_near(at::logsumexp(first, 0).item<double>(), next["first"]["log_sum_exp"], "logits");
    for (std::size_t i = 0; i < next["first"]["ids"].size(); ++i)
        check_near(first[next["first"]["ids"][i].get<std::int64_t>()].item<double>(), next["first"]["logits"][i],
                   "logits");
    TokenIds chosen;
    for (std::size_t i = 0; i < next["ids"].size(); ++i) {
        chosen.push_back(static_cast<std::int32_t>(next_logits(model, ids).argmax().item<std::int64_t>()));
        ids.push_back(chosen.back());
    }
    CHECK(chosen == next["ids"].get<TokenIds>());

    spec.data.dataset_path.clear();
    const Json request = {{"spec", spec::to_json(spec)}, {"base", ""}, {"tasks", Json::array()}};
    REQUIRE(evaluate_model(request, Host(host.host())) == 0);
    const Json rows = (*host.last("evaluated"))["results"]["rows"];
    CHECK(rows["tokens"] == wanted["held_out"]["tokens"]);
    const double loss = wanted["held_out"]["loss"];
    check_near(rows["loss,none"], loss, "losses");
    check_near(rows["perplexity,none"], std::exp(loss), "norms");
}

TEST_CASE("SmolLM2: trained whole, losses and gradients are those of transformers' Trainer") {
    const std::string folder = fetched("smollm2");
    if (folder.empty()) return;
    const Json wanted = reference();
    const TempFolder output;
    check_training(spec_for(wanted, folder, output / "out"), wanted["full"], wanted["parameters"]);
}

TEST_CASE("SmolLM2: trained with LoRA, losses and gradients are those of PEFT") {
    const std::string folder = fetched("smollm2");
    if (folder.empty()) return;
    const Json wanted = reference();
    const TempFolder output;
    TrainingSpec spec = spec_for(wanted, folder, output / "out");
    spec.method.type = "lora";
    spec.method.target_modules = {"all-linear"};
    spec.method.r = wanted["adapter"]["r"];
    spec.method.lora_alpha = wanted["adapter"]["lora_alpha"];
    spec.method.lora_dropout = 0;
    check_training(spec, wanted["lora"], wanted["adapter_parameters"]);
}

TEST_CASE("SmolLM2: ktrain estimate counts the parameters that the model has") {
    const std::string folder = fetched("smollm2");
    if (folder.empty()) return;
    const Json wanted = reference();
    CHECK(wanted["parameters"] == 134'515'008);
    for (const bool adapts : {false, true}) {
        const std::string method = adapts ? " --method lora --r 8 --set method.target_modules=all-linear" : "";
        const Json inputs = Json::parse(
            said_by(std::string(program_path) + " estimate --model '" + folder + "' -o json" + method))["inputs"];
        CHECK(inputs["parameters"] == wanted["parameters"]);
        CHECK(inputs["trainable_parameters"] == (adapts ? wanted["adapter_parameters"] : wanted["parameters"]));
    }
}
