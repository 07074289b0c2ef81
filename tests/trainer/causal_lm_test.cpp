// Whole runs of a tiny language model: what they learn, what they leave, and that nothing about how they are cut into
// batches, checkpoints or processes changes the numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "tests/trainer/language_model.h"
#include "trainer/data/random.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// The largest relative difference of two lists of losses of one length.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]) / std::abs(b[i]));
    return most;
}

double mean(const std::vector<double>& losses, std::ptrdiff_t begin, std::ptrdiff_t end) {
    return std::accumulate(losses.begin() + begin, losses.begin() + end, 0.0) / static_cast<double>(end - begin);
}

std::vector<double> losses_of(const TrainingSpec& spec) {
    REQUIRE(run(spec) == 0);
    return losses_in(spec.output_dir);
}

// Of the first step.
double gradient_norm_in(const std::string& output) {
    return Json::parse(read_file(output + "/metrics.jsonl").substr(0, read_file(output + "/metrics.jsonl").find('\n')))
        .at("grad_norm");
}

// A trained model in `folder`/base to begin from, and the spec of an adapter of it.
TrainingSpec adapter_spec(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    spec.output_dir = folder / "base";
    spec.training.max_steps = 10;
    REQUIRE(run(spec) == 0);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "base";
    spec.method.type = "lora";
    spec.method.r = 4;
    spec.method.target_modules = {"all-linear"};
    spec.training.learning_rate = 0.02;
    spec.training.max_steps = -1;
    spec.output_dir = folder / "out";
    return spec;
}

}  // namespace

TEST_CASE("a new language model learns, and its folder is one of Hugging Face") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.data.validation_split = 0.25;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const auto losses = losses_in(spec.output_dir);
    CHECK(losses.size() == 24);
    CHECK(losses.front() > 2.8);
    CHECK(losses.back() < losses.front() - 0.5);
    CHECK(names_in(spec.output_dir) == std::vector<std::string>{"cache", "config.json", "dataset_info.json",
                                                                "metrics.jsonl", "model.safetensors", "run.json",
                                                                "tokenizer.json", "tokenizer_config.json"});
    const Json config = Json::parse(read_file(spec.output_dir + "/config.json"));
    CHECK(config["dtype"] == "float32");
    CHECK(config["model_type"] == "llama");
    const auto names = decode_safetensors(read_file(spec.output_dir + "/model.safetensors"), "model");
    CHECK(names.size() == 2 + 2 * 9);  // no lm_head: it is tied
    CHECK(std::ranges::none_of(names, [](const auto& tensor) { return tensor.name == "lm_head.weight"; }));
    const Json& start = *host.last("start");
    CHECK(start["train_size"] == 30);
    CHECK(start["val_size"] == 10);
    CHECK(start["parameters"] == start["trainable_parameters"]);
    CHECK((*host.last("epoch"))["eval_loss"].get<double>() < 2.5);
    CHECK((*host.last("step"))["tokens_per_second"].get<double>() > 0);
}

TEST_CASE("eight batches of one are one batch of eight") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.training.per_device_train_batch_size = 8;
    const auto whole = losses_of(spec);
    spec.training.per_device_train_batch_size = 1;
    spec.training.gradient_accumulation_steps = 8;
    spec.output_dir = folder / "cut";
    CHECK(difference(losses_of(spec), whole) < 1e-6);
}

TEST_CASE("a run in which libtorch refuses what is not deterministic gives the same weights") {
    for (const bool adapts : {false, true}) {
        const TempFolder folder;
        TrainingSpec spec = adapts ? adapter_spec(folder) : text_spec(folder);
        spec.training.max_steps = 4;
        const auto losses = losses_of(spec);
        spec.training.full_determinism = true;
        spec.output_dir = folder / "deterministic";
        CHECK(losses_of(spec) == losses);
    }
}

TEST_CASE("checkpointing and packing change no loss") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.training.max_steps = 1;
    spec.training.per_device_train_batch_size = 40;  // every row, however they are packed
    const auto plain = losses_of(spec);
    const double norm = gradient_norm_in(spec.output_dir);
    spec.training.gradient_checkpointing = true;
    spec.output_dir = folder / "checkpointed";
    CHECK(losses_of(spec) == plain);
    CHECK(gradient_norm_in(spec.output_dir) == norm);
    spec.objective.packing = true;
    spec.objective.max_length = 32;
    spec.output_dir = folder / "packed";
    CHECK(difference(losses_of(spec), plain) < 1e-6);
    CHECK(std::abs(gradient_norm_in(spec.output_dir) - norm) < 1e-5 * norm);
}

TEST_CASE("a language model resumes bit for bit, wherever it stopped") {
    for (const auto& [name, bf16, choose] : std::vector<std::tuple<std::string, bool, void (*)(MethodSpec&)>>{
             {"full", false, [](MethodSpec& method) { method.type = "full"; }},
             {"full", true, [](MethodSpec& method) { method.type = "full"; }},
             {"frozen", false,
              [](MethodSpec& method) {
                  method.type = "full";
                  method.freeze_layers = 1;
                  method.freeze_modules = {"norm"};
              }},
             {"lora", false,
              [](MethodSpec& method) {
                  method.rank_pattern = {{"down_proj", "2"}};
              }},
             {"dora", false, [](MethodSpec& method) { method.use_dora = true; }},
             {"dora", true, [](MethodSpec& method) { method.use_dora = true; }},
             {"saved", false, [](MethodSpec& method) { method.modules_to_save = {"embed_tokens", "model.norm"}; }},
             {"saved", true, [](MethodSpec& method) {
                  method.modules_to_save = {"embed_tokens", "model.norm"};
              }}}) {
        CAPTURE(name);
        CAPTURE(bf16);
        const TempFolder folder;
        TrainingSpec spec = adapter_spec(folder);
        spec.method.lora_dropout = 0.1;
        choose(spec.method);
        spec.training.bf16 = bf16;
        const auto whole = losses_of(spec);
        const std::string weights = spec.method.type == "full" ? "/model.safetensors" : "/adapter_model.safetensors";
        const std::string model = read_file(spec.output_dir + weights);
        for (const std::int64_t step : {1, 9, 10, 17, 29}) {
            CAPTURE(step);
            spec.output_dir = folder / ("stopped-" + std::to_string(step));
            RecordingHost host;
            host.stop_when = [&](const Json& event) { return event["event"] == "step" && event["step"] == step; };
            REQUIRE(run(spec, host) == 15);
            REQUIRE(run(spec) == 0);
            CHECK(losses_in(spec.output_dir) == whole);
            CHECK(read_file(spec.output_dir + weights) == model);
        }
    }
}

TEST_CASE("a language model resumes bit for bit, packed or not, from one batch or several") {
    std::uint64_t chance = 0;
    for (const std::string method : {"full", "lora"}) {
        for (const bool packed : {false, true}) {
            for (const bool cut : {false, true}) {
                CAPTURE(method);
                CAPTURE(packed);
                CAPTURE(cut);
                const TempFolder folder;
                TrainingSpec spec = method == "full" ? text_spec(folder) : adapter_spec(folder);
                spec.method.lora_dropout = method == "lora" ? 0.1 : 0;
                spec.objective.packing = packed;
                if (packed) spec.objective.max_length = 16;
                spec.training.per_device_train_batch_size = cut ? 1 : 2;
                spec.training.gradient_accumulation_steps = cut ? 2 : 1;
                RecordingHost host;
                REQUIRE(run(spec, host) == 0);
                const auto whole = losses_in(spec.output_dir);
                const std::string weights = method == "full" ? "/model.safetensors" : "/adapter_model.safetensors";
                const std::string model = read_file(spec.output_dir + weights);
                const std::int64_t epoch = (*host.last("start"))["steps_per_epoch"];
                // Within the second epoch, at its borders, and at random.
                for (const std::int64_t step :
                     {epoch, epoch + 1 + static_cast<std::int64_t>(scramble(++chance) % 5), 2 * epoch - 1,
                      1 + static_cast<std::int64_t>(scramble(++chance) % static_cast<std::uint64_t>(3 * epoch - 2)),
                      3 * epoch - 1}) {
                    CAPTURE(step);
                    spec.output_dir = folder / "stopped";
                    RecordingHost stopped;
                    stopped.stop_when = [&](const Json& event) {
                        return event["event"] == "step" && event["step"] == step;
                    };
                    REQUIRE(run(spec, stopped) == 15);
                    REQUIRE(run(spec) == 0);
                    CHECK(losses_in(spec.output_dir) == whole);
                    CHECK(read_file(spec.output_dir + weights) == model);
                    fs::remove_all(spec.output_dir);
                }
            }
        }
    }
}

TEST_CASE("frozen weights are those of the base, bit for bit") {
    const TempFolder folder;
    TrainingSpec spec = adapter_spec(folder);
    spec.method = {};
    spec.method.freeze_layers = 1;
    spec.method.freeze_modules = {"embed_tokens", "mlp.down_proj"};
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const auto before = decode_safetensors(read_file(folder / "base/model.safetensors"), "base");
    const auto after = decode_safetensors(read_file(folder / "out/model.safetensors"), "out");
    std::int64_t trained = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        CAPTURE(before[i].name);
        const std::string& name = before[i].name;
        const bool frozen = name.find("layers.0.") != std::string::npos ||
                            name.find("embed_tokens") != std::string::npos ||
                            name.find("down_proj") != std::string::npos;
        CHECK(after[i].name == name);
        CHECK(before[i].value.equal(after[i].value) == frozen);
        trained += frozen ? 0 : before[i].value.numel();
    }
    CHECK((*host.last("start"))["trainable_parameters"] == trained);
}

TEST_CASE("settings of another method are said to have no effect") {
    const TempFolder folder;
    TrainingSpec spec = adapter_spec(folder);
    spec.training.max_steps = 1;
    spec.method = {.r = 4};
    RecordingHost full;
    REQUIRE(run(spec, full) == 0);
    CHECK((*full.last("warning"))["message"] == "method.r: method.type full has no LoRA matrices, so it has no effect");
    spec.method.type = "lora";
    spec.method.freeze_layers = 1;
    spec.output_dir = folder / "lora";
    RecordingHost adapter;
    REQUIRE(run(spec, adapter) == 0);
    CHECK((*adapter.last("warning"))["message"] ==
          "method.freeze_layers: LoRA freezes the whole model, so it has no effect");
}

TEST_CASE("bfloat16 changes the losses a little, and not the type of what is saved") {
    for (const bool adapts : {false, true}) {
        const TempFolder folder;
        TrainingSpec spec = adapts ? adapter_spec(folder) : text_spec(folder);
        const auto exact = losses_of(spec);
        spec.output_dir = folder / "rounded";
        if (adapts)
            spec.model.dtype = "bfloat16";
        else
            spec.training.bf16 = true;
        const auto rounded = losses_of(spec);
        CHECK(rounded != exact);
        CHECK(difference({rounded.begin(), rounded.begin() + 3}, {exact.begin(), exact.begin() + 3}) < 5e-3);
        CHECK(std::abs(mean(rounded, 20, 30) / mean(exact, 20, 30) - 1) < 5e-2);
        const std::string weights = adapts ? "/adapter_model.safetensors" : "/model.safetensors";
        for (const auto& tensor : decode_safetensors(read_file(spec.output_dir + weights), "weights"))
            CHECK((tensor.value.scalar_type() == at::kFloat));
    }
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.model.dtype = "bfloat16";
    CHECK(error_of([&] { run(spec); }).where.path == "model.dtype");
}

TEST_CASE("an adapter trains, and its base stays as it was") {
    const TempFolder folder;
    TrainingSpec spec = adapter_spec(folder);
    const std::string base = read_file(folder / "base/model.safetensors");
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(read_file(folder / "base/model.safetensors") == base);
    const auto losses = losses_in(spec.output_dir);
    CHECK(mean(losses, 20, 30) < mean(losses, 0, 10) - 0.1);
    const auto tensors = decode_safetensors(read_file(spec.output_dir + "/adapter_model.safetensors"), "adapter");
    CHECK(tensors.size() == 2 * 2 * 7);
    for (const auto& [name, value] : tensors) {
        CAPTURE(name);
        CHECK(name.starts_with("base_model.model.model.layers."));
        CHECK(value.abs().max().item<double>() > 0);  // B began at zero
    }
    const Json config = Json::parse(read_file(spec.output_dir + "/adapter_config.json"));
    CHECK(config["peft_type"] == "LORA");
    CHECK(config["r"] == 4);
    CHECK(config["base_model_name_or_path"] == (folder / "base"));
    // Two layers with r * (in + out) for q, k, v, o, gate, up and down.
    CHECK((*host.last("start"))["trainable_parameters"] == 2 * 4 * (64 + 48 + 48 + 64 + 80 + 80 + 80));
    const Json memory = (*host.last("step"))["memory"];
    const auto trained = (*host.last("start"))["trainable_parameters"].get<std::int64_t>();
    CHECK(memory["adapters"] == 4 * trained);
    CHECK(memory["gradients"] == 4 * trained);
    CHECK(memory["weights"] == 4 * ((*host.last("start"))["parameters"].get<std::int64_t>() - trained));
}

TEST_CASE("weights in shards and in bfloat16 are the same model") {
    const TempFolder folder;
    TrainingSpec spec = adapter_spec(folder);
    const auto whole = losses_of(spec);
    NamedTensors first, second;
    Json map = Json::object();
    for (auto& tensor : decode_safetensors(read_file(folder / "base/model.safetensors"), "model")) {
        const bool early = first.size() < 7;
        map[tensor.name] = early ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors";
        (early ? first : second).push_back(tensor);
    }
    fs::copy(folder / "base", folder / "shards", fs::copy_options::recursive);
    fs::remove(folder / "shards/model.safetensors");
    write_file(folder / "shards/model-00001-of-00002.safetensors", encode_safetensors(first));
    write_file(folder / "shards/model-00002-of-00002.safetensors", encode_safetensors(second));
    write_file(folder / "shards/model.safetensors.index.json", Json{{"weight_map", map}}.dump());
    spec.model.model_name_or_path = folder / "shards";
    spec.output_dir = folder / "from-shards";
    CHECK(losses_of(spec) == whole);
    // What bfloat16 cannot hold is gone: the same as float32 weights without it.
    for (auto& tensor : second) tensor.value = tensor.value.to(at::kBFloat16);
    write_file(folder / "shards/model-00002-of-00002.safetensors", encode_safetensors(second));
    spec.output_dir = folder / "from-bfloat16";
    const auto halved = losses_of(spec);
    for (auto& tensor : second) tensor.value = tensor.value.to(at::kFloat);
    write_file(folder / "shards/model-00002-of-00002.safetensors", encode_safetensors(second));
    spec.output_dir = folder / "from-rounded";
    CHECK(losses_of(spec) == halved);
    CHECK(halved != whole);
}

TEST_CASE("an adapter is not resumed on another base, with other matrices, or as a whole model") {
    const TempFolder folder;
    TrainingSpec spec = adapter_spec(folder);
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 5;
    spec.training.max_steps = 5;
    REQUIRE(run(spec) == 0);
    spec.training.max_steps = 10;
    const auto refused = [&](const std::function<void(TrainingSpec&)>& change) {
        TrainingSpec changed = spec;
        change(changed);
        const Error error = error_of([&] { run(changed); });
        CHECK(error.message.find(" is of another run: ") != std::string::npos);
        return error.where.path;
    };
    CHECK(refused([](auto& s) { s.method.lora_alpha = 64; }) == "method.lora_alpha");
    CHECK(refused([](auto& s) { s.method = {}; }) == "method.type");
    CHECK(refused([](auto& s) { s.method.use_rslora = true; }) == "method.use_rslora");
    CHECK(refused([](auto& s) { s.method.use_dora = true; }) == "method.use_dora");
    CHECK(refused([](auto& s) { s.method.modules_to_save = {"norm"}; }) == "method.modules_to_save");
    CHECK(refused([](auto& s) { s.method.rank_pattern = {{"q_proj", "2"}}; }) == "method.rank_pattern");
    CHECK(refused([](auto& s) { s.method.alpha_pattern = {{"q_proj", "2"}}; }) == "method.alpha_pattern");
    CHECK(refused([](auto& s) { s.training.bf16 = true; }) == "training.bf16");
    CHECK(refused([](auto& s) { s.objective.completion_only_loss = false; }) == "objective.completion_only_loss");
    fs::copy(folder / "base", folder / "other", fs::copy_options::recursive);
    NamedTensors tensors = decode_safetensors(read_file(folder / "base/model.safetensors"), "base");
    tensors[5].value.mul_(1.5);
    write_file(folder / "other/model.safetensors", encode_safetensors(tensors));
    TrainingSpec on_other = spec;
    on_other.model.model_name_or_path = folder / "other";
    const Error other = error_of([&] { run(on_other); });
    CHECK(other.where.path == "model.model_name_or_path");
    CHECK(other.message == "the adapter is of another base: " + (folder / "out/checkpoint-5") + " was trained on " +
                               (folder / "base") + ", and " + (folder / "other") + " has other weights");
    fs::rename(folder / "base", folder / "moved");  // the same base elsewhere is the same
    spec.model.model_name_or_path = folder / "moved";
    CHECK(run(spec) == 0);
    spec.method = {};
    spec.method.freeze_layers = 1;
    spec.output_dir = folder / "frozen";
    spec.training.max_steps = 5;
    REQUIRE(run(spec) == 0);
    CHECK(refused([](auto& s) { s.method.freeze_layers = 0; }) == "method.freeze_layers");
    CHECK(refused([](auto& s) { s.method.freeze_modules = {"norm"}; }) == "method.freeze_modules");
}

TEST_CASE("a model is not trained into its own folder") {
    const TempFolder folder;
    TrainingSpec spec = adapter_spec(folder);
    const std::string base = read_file(folder / "base/model.safetensors");
    spec.method = {};
    spec.output_dir = folder / "base/../base";
    const Error error = error_of([&] { run(spec); });
    CHECK(error.where.path == "output_dir");
    CHECK(read_file(folder / "base/model.safetensors") == base);
}
