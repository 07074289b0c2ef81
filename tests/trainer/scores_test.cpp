// Models that score texts against the figures of transformers, PEFT and TRL in tests/parity/scores/reference.json.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "tests/support/paths.h"
#include "tests/trainer/language_model.h"
#include "trainer/data/random.h"
#include "trainer/objective/reward.h"
#include "trainer/objective/text_kinds.h"
#include "trainer/optim/adam.h"
#include "trainer/optim/clip.h"
#include "trainer/recipe/merge.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

const Json& reference() {
    static const Json json = Json::parse(read_file(source_path("/tests/parity/scores/reference.json")));
    return json;
}

std::int64_t size(const char* name) {
    return reference()["shape"][name].get<std::int64_t>();
}

// The texts of a step and their labels, as the script makes them. The second one ends in padding.
TokenBatch texts(std::int64_t step) {
    TokenBatch batch;
    batch.rows = size("batch");
    batch.width = size("length");
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : "ids." + std::to_string(step)) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    for (std::int64_t i = 0; i < batch.rows * batch.width; ++i) {
        const auto id = static_cast<std::int64_t>(scramble(hash + static_cast<std::uint64_t>(i)) %
                                                  static_cast<std::uint64_t>(size("vocab")));
        const bool padding = i / batch.width == 1 && i % batch.width >= batch.width - 5;
        batch.ids.push_back(padding ? size("pad") : id == size("pad") ? 3 : id);
    }
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        batch.segments.push_back({row * batch.width, batch.width});
        batch.numbers.push_back(static_cast<double>((step + row) % size("labels")));
    }
    return batch;
}

TokenRows rows_of(const TokenBatch& batch) {
    at::Tensor ids = at::empty({batch.rows, batch.width}, at::kLong);
    std::ranges::copy(batch.ids, ids.mutable_data_ptr<std::int64_t>());
    return TokenRows::whole(ids, ids);
}

// A tiny model of the reference with its weights.
struct Model {
    ScoreHead head;
    DecoderConfig config;
    Parameters parameters;
    Decoder decoder;

    explicit Model(const Json& wanted, bool checkpointing = false)
        : head(*read_score_head(wanted["config"], "config.json")),
          config(config_of(wanted, head)),
          parameters(inventory(config.shape, {}, "float32")),
          decoder(config, parameters,
                  {.gemm = best_gemm(at::kFloat), .longest = size("length"), .checkpointing = checkpointing}) {
        for (const TensorDecl& declaration : parameters.declarations()) {
            const at::Tensor value = parameters.at(declaration.name).value;
            fill_by_name({declaration.name, value}, 0.1);
            if (declaration.role == Role::norm && declaration.name.ends_with("weight") && config.norm_offset == 0)
                value.add_(1);
        }
    }

    static DecoderConfig config_of(const Json& wanted, const ScoreHead& head) {
        DecoderConfig config = read_decoder_config(wanted["config"].dump(), "config.json", "tiny");
        config.shape = with_score_head(config.shape, head.size());
        return config;
    }

    // The mean loss of a batch, with its gradients.
    double backward(const TokenBatch& batch) const {
        const TokenRows rows = rows_of(batch);
        const auto count = static_cast<double>(batch.rows);
        const ObjectiveSpec objective{.type = "classification"};
        const TextScore score = score_labelled({decoder, batch, rows, objective, &head, 1 / count});
        score.scaled.backward();
        return score.loss / count;
    }
};

bool near(double value, double wanted, double tolerance) {
    return std::abs(value - wanted) <= tolerance * std::max(std::abs(wanted), 1e-2);
}

// By the largest of the values, for those near 0 are differences of them.
void check_list(const at::Tensor& values, const Json& wanted, double tolerance) {
    const at::Tensor flat = values.detach().flatten();
    const auto expected = wanted.get<std::vector<double>>();
    REQUIRE(flat.numel() == std::ssize(expected));
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(expected[i]));
        difference = std::max(difference, std::abs(flat[static_cast<std::int64_t>(i)].item<double>() - expected[i]));
    }
    CHECK(difference <= tolerance * largest);
}

// The folder of the model that the reference of rewards begins with.
void make_reward_model(const std::string& folder, const Json& config, bool with_head) {
    make_model_folder(folder, config);
    const ModelShape shape = with_score_head(read_decoder_config(config.dump(), "config.json", "tiny").shape, 1);
    NamedTensors tensors;
    for (const TensorDecl& declaration : inventory(shape, {}, "float32")) {
        if (!with_head && declaration.role == Role::head) continue;
        tensors.push_back({declaration.name, at::empty(declaration.shape)});
        fill_by_name(tensors.back(), 0.1);
        if (declaration.role == Role::norm) tensors.back().value.add_(1);
    }
    write_file(folder + "/model.safetensors", encode_safetensors(tensors));
}

TrainingSpec reward_spec(const TempFolder& folder, const Json& wanted) {
    TrainingSpec spec = text_spec(folder);
    make_reward_model(folder / "base", wanted["config"], true);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "base";
    spec.data.dataset_path = source_path("/tests/parity/scores/pairs.jsonl");
    spec.data.cache_dir = folder / "cache";
    spec.objective.type = "reward";
    spec.objective.max_length = 24;
    spec.training.per_device_train_batch_size = 12;
    spec.training.max_steps = std::ssize(wanted["lines"]);
    spec.training.learning_rate = 0.01;
    spec.training.weight_decay = 0;
    return spec;
}

// A checkpoint of PEFT before its first step, with the matrices of the reference.
std::string make_adapter(const TempFolder& folder, const Json& wanted, const MethodSpec& method) {
    const std::string path = folder / "checkpoint-0";
    fs::create_directories(path);
    const ModelShape shape =
        with_score_head(read_decoder_config(wanted["config"].dump(), "config.json", "tiny").shape, 1);
    NamedTensors tensors;
    for (const TensorDecl& declaration : inventory(shape, method, "float32")) {
        if (!declaration.trainable) continue;
        at::Tensor value = at::empty(declaration.shape);
        fill_by_name({declaration.name, value}, 0.1);
        const bool matrix = declaration.role == Role::adapter;
        tensors.push_back({matrix ? declaration.name : adapter_place(declaration.name), value});
    }
    write_file(path + "/adapter_model.safetensors", encode_safetensors(tensors));
    write_file(path + "/adapter_config.json", to_text(lora_config(shape, method)));
    write_file(path + "/trainer_state.json", Json{{"global_step", 0}, {"log_history", Json::array()}}.dump());
    return path;
}

// The log lines of a run.
std::vector<Json> steps_in(const std::string& output) {
    std::vector<Json> steps;
    std::istringstream lines(read_file(output + "/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);)
        if (Json event = Json::parse(line); event["event"] == "step") steps.push_back(std::move(event));
    return steps;
}

}  // namespace

TEST_CASE("every family: scores, values, gradients and losses of a classifier are those of transformers") {
    for (const auto& [name, wanted] : reference()["classification"].items()) {
        CAPTURE(name);
        const Model model(wanted);
        const TokenBatch first = texts(0);
        const TokenRows rows = rows_of(first);
        const ObjectiveSpec objective;
        const ScoreCall call{model.decoder, first, rows, objective, &model.head};
        check_list(model.decoder.scores(rows, last_tokens(call)), wanted["scores"], 1e-5);
        check_list(model.decoder.logits(rows).slice(0, 0, first.width), wanted["values"], 1e-5);
        CHECK(near(model.backward(first), wanted["loss"], 1e-5));
        for (const auto& [tensor, figures] : wanted["gradients"].items()) {
            CAPTURE(tensor);
            const at::Tensor gradient = model.parameters.at(tensor).gradient.flatten();
            const at::Tensor probe = at::empty_like(gradient);
            fill_by_name({"probe", probe}, 1);
            const double norm = figures[0].get<double>();
            CHECK(std::abs(gradient.norm().item<double>() - norm) <= 1e-4 * norm);
            CHECK(std::abs(gradient.dot(probe).item<double>() - figures[1].get<double>()) <= 1e-4 * norm);
        }
        CHECK(wanted["gradients"].size() == model.parameters.declarations().size());
        at::Tensor(model.parameters.gradients()).zero_();
        Adam adam(model.parameters, {}, decays_unless_norm_or_bias);
        for (std::size_t step = 0; step < wanted["losses"].size(); ++step) {
            CAPTURE(step);
            CHECK(near(model.backward(texts(static_cast<std::int64_t>(step))), wanted["losses"][step], 1e-5));
            adam.step(1e-3, clip_factor(gradient_norm(model.parameters), 1));
        }
    }
}

TEST_CASE("every family: the scores at every token are the values of a value head, with gradients") {
    for (const auto& [name, wanted] : reference()["classification"].items()) {
        CAPTURE(name);
        const Model model(wanted);
        const TokenBatch first = texts(0);
        const TokenRows rows = rows_of(first);
        const at::Tensor everywhere = at::arange(first.rows * first.width, at::kLong);
        const at::Tensor values = model.decoder.scores(rows, everywhere);
        check_list(values.slice(0, 0, first.width), wanted["values"], 1e-5);
        values.sum().backward();
        const at::Tensor together = model.parameters.gradients().clone();
        at::Tensor(model.parameters.gradients()).zero_();
        for (const at::Tensor& half : everywhere.chunk(2)) model.decoder.scores(rows, half).sum().backward();
        CHECK((together - model.parameters.gradients()).abs().max().item<double>() <=
              1e-5 * together.abs().max().item<double>());
        for (const TensorDecl& declaration : model.parameters.declarations()) {
            CAPTURE(declaration.name);
            CHECK(model.parameters.at(declaration.name).gradient.abs().max().item<double>() > 0);
        }
    }
}

TEST_CASE("checkpointing changes no score and no gradient") {
    const Json& wanted = reference()["classification"]["llama"];
    const Model kept(wanted), again(wanted, true);
    CHECK(kept.backward(texts(0)) == again.backward(texts(0)));
    CHECK(kept.parameters.gradients().equal(again.parameters.gradients()));
}

TEST_CASE("a reward model learns what TRL's RewardTrainer learns") {
    for (const std::string name : {"plain", "centred", "adapter"}) {
        CAPTURE(name);
        const Json& wanted = reference()["reward"][name];
        const TempFolder folder;
        TrainingSpec spec = reward_spec(folder, wanted);
        if (name == "centred") spec.objective.center_rewards_coefficient = 0.01;
        if (name == "adapter") {
            spec.method = {.type = "lora", .r = 4, .lora_alpha = 8, .target_modules = {"q_proj", "v_proj"}};
            spec.checkpoint.resume_from_checkpoint = make_adapter(folder, wanted, spec.method);
        }
        RecordingHost host;
        REQUIRE(run(spec, host) == 0);
        CHECK((*host.last("start"))["train_size"] == wanted["pairs"]);
        CHECK(std::ranges::any_of(host.events, [](const Json& event) {
            return event["event"] == "warning" &&
                   event["message"] ==
                       "1 rows to train on are left out: they have more than objective.max_length 24 tokens";
        }));
        const auto steps = steps_in(spec.output_dir);
        REQUIRE(steps.size() == wanted["lines"].size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            CAPTURE(i);
            const Json& line = wanted["lines"][i];
            CHECK(near(steps[i]["loss"], line["loss"], 1e-4));
            CHECK(near(steps[i]["margin"], line["margin"], 1e-3));
            CHECK(near(steps[i]["mean_reward"], line["mean_reward"], 1e-3));
            CHECK(near(steps[i]["grad_norm"], line["grad_norm"], 1e-3));
        }
        if (name == "adapter") continue;
        const Json config = Json::parse(read_file(spec.output_dir + "/config.json"));
        CHECK(config["architectures"] == Json::array({"LlamaForSequenceClassification"}));
        CHECK(config["id2label"] == Json{{"0", "LABEL_0"}});
        CHECK(config["pad_token_id"] == 2);
    }
}

TEST_CASE("the loss of a pair is that of its margin and of both rewards' distance from 0") {
    const at::Tensor chosen = at::full({1}, 1.5), rejected = at::full({1}, -0.25), margin = at::full({1}, 0.5);
    const RewardScore score = compare(chosen, rejected, margin, 0.01);
    CHECK(score.loss.item<double>() == doctest::Approx(-std::log(1 / (1 + std::exp(-1.25))) + 0.01 * 1.25 * 1.25));
    CHECK(score.correct == 1);
    CHECK(score.margin == doctest::Approx(1.75));
    CHECK(score.mean_reward == doctest::Approx(0.625));
}
