// What is wrong with a model folder or with texts: one error each, with its place and a remedy, before anything is
// made.
#include <doctest/doctest.h>

#include <filesystem>
#include <limits>

#include "tests/trainer/language_model.h"
#include "trainer/recipe/recipe.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// A model with weights in `folder`/base, rows beside it, and the spec that would train it on.
struct Case {
    TempFolder folder;
    TrainingSpec spec;
    int runs = 0;  // that have begun, by tests with several

    Case() : spec(text_spec(folder)) {
        spec.output_dir = folder / "base";
        spec.training.max_steps = 1;
        REQUIRE(run(spec) == 0);
        spec.model.config_name.clear();
        spec.model.model_name_or_path = folder / "base";
        spec.output_dir = folder / "out";
    }

    std::string weights() const { return folder / "base/model.safetensors"; }
    std::string rows() const { return folder / "rows.jsonl"; }

    void edit_config(const std::function<void(Json&)>& change) const {
        Json config = Json::parse(read_file(folder / "base/config.json"));
        change(config);
        write_file(folder / "base/config.json", config.dump());
    }
    void edit_weights(const std::function<void(NamedTensors&)>& change) const {
        NamedTensors tensors = decode_safetensors(read_file(weights()), "base");
        change(tensors);
        write_file(weights(), encode_safetensors(tensors));
    }

    // The message; the run must leave no model behind.
    std::string refusal() const {
        const Error error = error_of([&] { run(spec); });
        CHECK_MESSAGE(error.kind == ErrorKind::input, error.message);
        CHECK_MESSAGE(!error.hint.empty(), error.message);
        CHECK((!error.where.file.empty() || !error.where.path.empty()));
        CHECK(!fs::exists(folder / "out/model.safetensors"));
        CHECK(!fs::exists(folder / "out/run.json"));
        return error.message;
    }
    bool refused_for(const std::string& words) const {
        const std::string message = refusal();
        CHECK_MESSAGE(message.find(words) != std::string::npos, message);
        return true;
    }
};

}  // namespace

TEST_CASE("weights that are not right") {
    const Case c;
    SUBCASE("none") {
        fs::remove(c.weights());
        c.refused_for("has no model.safetensors");
    }
    SUBCASE("cut off") {
        fs::resize_file(c.weights(), fs::file_size(c.weights()) / 2);
        c.refused_for("model.safetensors");
    }
    SUBCASE("a header beyond the file") {
        write_file(c.weights(), std::string(8, '\x7f') + "{}");
        c.refused_for("header");
    }
    SUBCASE("empty") {
        write_file(c.weights(), "");
        c.refused_for("model.safetensors");
    }
    SUBCASE("a tensor is missing") {
        c.edit_weights([](auto& tensors) { tensors.pop_back(); });
        c.refused_for("1 of 20 tensors are missing");
    }
    SUBCASE("another shape") {
        c.edit_config([](Json& config) { config["intermediate_size"] = 64; });
        c.refused_for("but config.json asks for [64, 32]");
    }
    SUBCASE("not a number") {
        c.edit_weights(
            [](auto& tensors) { tensors[3].value.flatten()[0].fill_(std::numeric_limits<float>::quiet_NaN()); });
        c.refused_for("holds NaN or infinity");
    }
    SUBCASE("quantised") {
        c.edit_weights([](auto& tensors) { tensors[3].value = tensors[3].value.to(at::kByte); });
        c.refused_for("quantised weights cannot be trained");
    }
    SUBCASE("a shard is missing") {
        fs::rename(c.weights(), c.folder / "base/model-00001-of-00002.safetensors");
        write_file(c.folder / "base/model.safetensors.index.json",
                   R"({"weight_map": {"model.norm.weight": "model-00001-of-00002.safetensors",
                       "lm_head.weight": "model-00002-of-00002.safetensors"}})");
        c.refused_for("the shard model-00002-of-00002.safetensors is missing");
    }
    SUBCASE("a shard elsewhere") {
        write_file(c.folder / "base/model.safetensors.index.json", R"({"weight_map": {"a": "../../secret"}})");
        c.refused_for("names no file of its folder");
    }
}

TEST_CASE("what is wrong with a model is found before its texts are read") {
    Case c;
    c.spec.data.cache_dir = c.folder / "cache";
    const auto unread = [&](const std::string& words, const std::function<int(RecordingHost&)>& act) {
        RecordingHost host;
        const Error error = error_of([&] { act(host); });
        CHECK_MESSAGE(error.message.find(words) != std::string::npos, error.message);
        CHECK(host.count("tokenize") == 0);
        CHECK(host.count("labels") == 0);
        CHECK(!fs::exists(c.folder / "cache"));
        CHECK(!fs::exists(c.folder / "out"));
    };
    const auto refused = [&](const std::string& words) {
        unread(words, [&](RecordingHost& host) { return run(c.spec, host); });
        unread(words, [&](RecordingHost& host) { return dry_run(c.spec, Host(host.host())); });
    };
    SUBCASE("weights that are missing") {
        c.edit_weights([](auto& tensors) { tensors.pop_back(); });
        refused("1 of 20 tensors are missing");
    }
    SUBCASE("weights that are missing, where labels would be read first") {
        c.edit_weights([](auto& tensors) { tensors.pop_back(); });
        write_file(c.rows(), "{\"text\": \"the\", \"label\": \"a\"}\n{\"text\": \"king\", \"label\": \"b\"}\n");
        c.spec.objective.type = "classification";
        refused("tensors are missing");
    }
    SUBCASE("a target module that is not there") {
        c.spec.method = {.type = "lora", .target_modules = {"q_prjo"}};
        refused("has no linear layer \"q_prjo\"");
    }
    SUBCASE("a module to save that is not there") {
        c.spec.method.type = "lora";
        c.spec.method.modules_to_save = {"embed_token"};
        refused("the model has no module \"embed_token\"");
    }
    SUBCASE("a pattern that fits nothing") {
        c.spec.method.type = "lora";
        c.spec.method.rank_pattern = {{"q_prjo", "4"}};
        refused("\"q_prjo\" fits no module that LoRA adapts");
    }
    SUBCASE("a module to freeze that is not there") {
        c.spec.method.freeze_modules = {"nrom"};
        refused("has no module \"nrom\"");
    }
    SUBCASE("a checkpoint that is not there") {
        c.spec.checkpoint.resume_from_checkpoint = "foo";
        RecordingHost host;
        const Error error = error_of([&] { run(c.spec, host); });
        CHECK(error.message == "there is no checkpoint folder foo to go on from");
        CHECK(error.hint == "it can be auto (the newest one), never (from the start), or a folder");
        CHECK(host.count("tokenize") == 0);
    }
}

TEST_CASE("weights that only Python's pickle reads are refused with the way to convert them") {
    const Case c;
    fs::rename(c.weights(), c.folder / "base/pytorch_model.bin");
    const Error error = error_of([&] { run(c.spec); });
    CHECK(error.message.find("has pickled weights alone (pytorch_model.bin)") != std::string::npos);
    CHECK(error.hint.find("from_pretrained('" + (c.folder / "base") + "').save_pretrained(") != std::string::npos);
}

TEST_CASE("rows of another objective are said to be its") {
    Case c;
    write_file(c.rows(), "{\"prompt\": \"the\", \"chosen\": \"king\", \"rejected\": \"maid\"}\n");
    const Error pairs = error_of([&] { run(c.spec); });
    CHECK(pairs.message == "the columns {prompt, chosen, rejected} are of no shape that can be used here");
    CHECK_MESSAGE(pairs.hint.starts_with("these are preference rows: objective.type reward learns from them; or "),
                  pairs.hint);
    c.spec.objective.type = "reward";
    write_file(c.rows(), "{\"prompt\": \"the\", \"completion\": \"king\"}\n");
    const Error texts = error_of([&] { run(c.spec); });
    CHECK_MESSAGE(texts.hint.starts_with("these are prompt-completion rows: objective.type sft "), texts.hint);
}

TEST_CASE("QLoRA is said to be not there yet") {
    Case c;
    c.spec.method.type = "qlora";
    c.spec.quantization.load_in_4bit = true;
    const Error error = error_of([&] { run(c.spec); });
    CHECK(error.message == "this build does not train QLoRA yet: it has no weights in 4 bits");
    CHECK(error.hint.find("--set method.type=lora") != std::string::npos);
    CHECK(error.where.path == "method.type");
}

TEST_CASE("a config or tokenizer that is not right") {
    Case c;
    SUBCASE("an unknown architecture") {
        c.edit_config([](Json& config) { config["model_type"] = "resnet"; });
        c.refused_for("the family \"resnet\" is not known");
    }
    SUBCASE("a RoPE that is not known") {
        c.edit_config([](Json& config) { config["rope_scaling"] = {{"rope_type", "dynamic"}, {"factor", 2.0}}; });
        c.refused_for("rope_type \"dynamic\" is not known");
    }
    SUBCASE("a rotation beyond the head") {
        c.edit_config([](Json& config) { config["partial_rotary_factor"] = 2.0; });
        c.refused_for("partial_rotary_factor must be from 0 to 1");
    }
    SUBCASE("quantised") {
        c.edit_config([](Json& config) { config["quantization_config"] = {{"load_in_4bit", true}}; });
        c.refused_for("holds quantised weights");
    }
    SUBCASE("an adapter") {
        fs::remove(c.folder / "base/config.json");
        write_file(c.folder / "base/adapter_config.json", "{}");
        c.refused_for("is an adapter, not a whole model");
    }
    SUBCASE("no folder") {
        c.spec.model.model_name_or_path = "llama-2-7b";
        c.refused_for("is no folder on this machine");
    }
    SUBCASE("no tokenizer") {
        fs::remove(c.folder / "base/tokenizer.json");
        c.refused_for("tokenizer.json");
    }
    SUBCASE("a tokenizer of another model") {
        c.edit_config([](Json& config) { config["vocab_size"] = 8; });
        c.edit_weights([](auto& tensors) {
            for (auto& tensor : tensors)
                if (tensor.name == "model.embed_tokens.weight") tensor.value = tensor.value.slice(0, 0, 8).contiguous();
        });
        c.refused_for("but the model has 8 only");
    }
}

TEST_CASE("texts that are not right") {
    Case c;
    SUBCASE("nothing there") {
        c.spec.data.dataset_path = c.folder / "none.jsonl";
        c.refused_for("none.jsonl");
    }
    SUBCASE("empty") {
        write_file(c.rows(), "");
        c.refused_for("rows.jsonl");
    }
    SUBCASE("malformed in the third line") {
        write_file(c.rows(), "{\"text\": \"the king\"}\n{\"text\": \"was\"}\n{\"text\": \n");
        const Error error = error_of([&] { run(c.spec); });
        CHECK(error.where.line == 3);
        CHECK(error.where.file == c.rows());
    }
    SUBCASE("another shape in the second line") {
        write_file(c.rows(), "{\"text\": \"the king\"}\n{\"body\": \"was\"}\n");
        const Error error = error_of([&] { run(c.spec); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.line == 2);
    }
    SUBCASE("nothing to learn") {
        write_file(c.rows(), "{\"input_ids\": [3, 4, 5], \"labels\": [-100, -100, -100]}\n");
        c.refused_for("there is nothing to learn");
    }
    SUBCASE("all that is learned is cut off") {
        c.spec.objective.max_length = 2;
        write_file(c.rows(), "{\"input_ids\": [3, 4, 5, 6], \"labels\": [-100, -100, 5, 6]}\n");
        c.refused_for("there is nothing to learn");
    }
    SUBCASE("longer than the positions") {
        std::string text;
        for (int i = 0; i < 80; ++i) text += "the king ";
        write_file(c.rows(), Json{{"text", text}}.dump() + "\n");
        c.refused_for("but the model has 64 positions");
    }
}

TEST_CASE("an adapter of weights that begin at random, which nothing keeps, is refused") {
    Case c;
    c.spec.model = {.config_name = c.spec.model.model_name_or_path};
    c.spec.method.type = "lora";
    c.refused_for("LoRA");
    CHECK(error_of([&] { run(c.spec); }).where.path == "model.config_name");
}

TEST_CASE("why sequences have nothing to learn is said once, for the right reason") {
    Case c;
    const auto warnings = [&] {
        RecordingHost host;
        c.spec.output_dir = c.folder / ("out-" + std::to_string(++c.runs));
        REQUIRE(run(c.spec, host) == 0);
        std::vector<std::string> said;
        for (const Json& event : host.events)
            if (event["event"] == "warning") said.push_back(event["message"]);
        return said;
    };
    const std::string masked = "{\"input_ids\": [3, 4], \"labels\": [-100, -100]}\n",
                      late = "{\"input_ids\": [3, 4, 5, 6], \"labels\": [-100, -100, 5, 6]}\n",
                      fine = "{\"input_ids\": [3, 4, 5, 6], \"labels\": [3, 4, 5, 6]}\n";
    c.spec.data.cache_dir = c.folder / "cache";
    write_file(c.rows(), fine + masked);
    using Said = std::vector<std::string>;
    CHECK(warnings() == Said{"1 of 2 rows have no token to learn, the first at " + c.rows() + ":2"});
    CHECK(warnings() == Said{"1 of 2 sequences have no token to learn"});  // they were tokens before
    c.spec.objective.max_length = 2;
    write_file(c.rows(), fine + late);
    CHECK(warnings() ==
          Said{"objective.max_length 2 cuts 4 of 8 tokens off, and of 1 of 2 sequences all that is to be learned"});
    write_file(c.rows(), fine + late + masked);
    CHECK(warnings().size() == 2);
    c.spec.objective.packing = true;
    CHECK(warnings() ==
          Said{"objective.max_length 2 cuts 4 of 10 tokens off, and of 1 of 3 sequences all that is to be "
               "learned",
               "1 of 3 sequences have no token to learn"});
}

TEST_CASE("longer texts are cut to max_length, and it is said how much") {
    Case c;
    c.spec.objective.max_length = 6;
    RecordingHost host;
    REQUIRE(run(c.spec, host) == 0);
    const std::string said = host.last("warning")->at("message");
    CHECK_MESSAGE(said.starts_with("objective.max_length 6 cuts "), said);
}
