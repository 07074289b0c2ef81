// `ktrain data` and `ktrain run --dry-run`: what they show is what a run trains on, and they leave nothing else behind.
#include "trainer/recipe/data_actions.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/spec/load.h"
#include "tests/trainer/language_model.h"
#include "trainer/recipe/recipe.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

Json data(const TrainingSpec& spec, const std::string& command, const Json& more = Json::object()) {
    Json request = {
        {"command", command}, {"spec", spec::to_json(spec)}, {"row", nullptr}, {"limit", 3}, {"output", ""}};
    request.update(more);
    RecordingHost host;
    const int code = data_action(request, Host(host.host()));  // what it throws is for the caller
    REQUIRE(code == 0);
    return *host.last("data");
}

Error refusal(const TrainingSpec& spec, const std::string& command, const Json& more = Json::object()) {
    return error_of([&] { data(spec, command, more); });
}

Json look(const TrainingSpec& spec) {
    RecordingHost host;
    const int code = dry_run(spec, Host(host.host()));
    REQUIRE(code == 0);
    return *host.last("dry_run");
}

std::int64_t learned_of(const Json& sample) {
    std::int64_t sum = 0;
    for (const Json& flag : sample["learned"]) sum += flag.get<std::int64_t>();
    return sum;
}

}  // namespace

TEST_CASE("tokenize makes the store that a run then finds") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_rows(folder / "held.jsonl", 7);
    spec.data.eval_dataset_path = folder / "held.jsonl";
    const Json made = data(spec, "tokenize")["stores"];
    REQUIRE(made.size() == 2);
    CHECK(made[0]["split"] == "train");
    CHECK(made[0]["rows"] == 40);
    CHECK(made[0]["made"] == true);
    CHECK(made[1]["split"] == "validation");
    CHECK(made[1]["rows"] == 7);
    CHECK(fs::exists(made[0]["path"].get<std::string>()));
    CHECK(data(spec, "tokenize")["stores"][0]["made"] == false);
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(host.last("tokenize") == nullptr);
    CHECK((*host.last("start"))["train_tokens"] == made[0]["tokens"]);
}

TEST_CASE("preview shows ids, pieces and what is learned, and writes nothing") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "rows.jsonl",
               "{\"prompt\": \"the king\", \"completion\": \" was in\"}\n"
               "{\"prompt\": \"\", \"completion\": \"\"}\n"
               "{\"prompt\": \"the\", \"completion\": \" queen\"}\n");
    const Json answer = data(spec, "preview");
    REQUIRE(answer["samples"].size() == 3);
    const Json& first = answer["samples"][0];
    CHECK(first["pieces"] == Json({"the", " king", " was", " in", " </s>"}));
    CHECK(first["learned"] == Json({0, 0, 1, 1, 1}));
    CHECK(first["ids"].back() == 2);
    CHECK(first["text"] == "the king was in </s>");
    CHECK(first["file"] == folder / "rows.jsonl");
    CHECK(first["line"] == 1);
    CHECK(answer["samples"][1]["tokens"] == 0);
    const Json third = data(spec, "preview", {{"row", 2u}});
    REQUIRE(third["samples"].size() == 1);
    CHECK(third["samples"][0]["line"] == 3);
    spec.objective.max_length = 3;
    CHECK(data(spec, "preview")["samples"][0]["cut_tokens"] == 2);
    CHECK(data(spec, "preview")["samples"][0]["ids"].size() == 3);
    CHECK(refusal(spec, "preview", {{"row", 3u}}).message == "there is no row 3: the last one is 2");
    CHECK(!fs::exists(spec.output_dir));
}

TEST_CASE("what a row is wrong about is said with file and line") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "rows.jsonl", "{\"text\": \"the king\"}\n{\"text\": 7}\n");
    for (const char* command : {"preview", "stats", "tokenize"}) {
        const Error error = refusal(spec, command);
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.line == 2);
    }
    spec.data.dataset_path = "someone/data";
    CHECK(refusal(spec, "stats").hint.find("hf download someone/data --repo-type dataset") != std::string::npos);
    spec.model.config_name = folder / "nowhere";
    CHECK(refusal(spec, "stats").where.path == "model.model_name_or_path");
}

TEST_CASE("stats count what a run will learn") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.objective.max_length = 8;
    const Json stats = data(spec, "stats")["splits"][0];
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const Json& start = *host.last("start");
    CHECK(stats["rows"] == start["train_rows"]);
    CHECK(stats["tokens"] == start["train_tokens"]);
    CHECK(stats["cut_tokens"] == start["cut_tokens"]);
    CHECK(stats["cut_rows"].get<int>() > 0);
    CHECK(stats["packing_efficiency"].get<double>() > 0.8);
}

TEST_CASE("stats tell the rows that are held out from those that are trained") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    const Json whole = data(spec, "stats")["splits"];
    REQUIRE(whole.size() == 1);
    spec.data.validation_split = 0.25;
    const Json parts = data(spec, "stats")["splits"];
    REQUIRE(parts.size() == 2);
    CHECK(parts[0]["split"] == "train");
    CHECK(parts[0]["rows"] == 30);
    CHECK(parts[1]["split"] == "validation");
    CHECK(parts[1]["rows"] == 10);
    for (const char* count : {"tokens", "learned_tokens"})
        CHECK(parts[0][count].get<int>() + parts[1][count].get<int>() == whole[0][count].get<int>());
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(parts[0]["rows"] == (*host.last("start"))["train_size"]);
    // Rows apart are the validation, and nothing is held out.
    spec.data.eval_dataset_path = folder / "rows.jsonl";
    const Json apart = data(spec, "stats")["splits"];
    REQUIRE(apart.size() == 2);
    CHECK(apart[0] == whole[0]);
    CHECK(apart[1]["rows"] == 40);
}

TEST_CASE("split writes the same two files for the same seed, and never over others") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.data.validation_split = 0.25;
    const auto split_to = [&](const std::string& name) { return data(spec, "split", {{"output", folder / name}}); };
    const Json answer = split_to("a");
    CHECK(answer["train_rows"] == 30);
    CHECK(answer["validation_rows"] == 10);
    split_to("b/");
    spec.training.seed = 43;
    split_to("c");
    for (const char* file : {"/train.jsonl", "/validation.jsonl"}) {
        CHECK(read_file((folder / "a") + file) == read_file((folder / "b") + file));
        CHECK(read_file((folder / "a") + file) != read_file((folder / "c") + file));
    }
    const Error there = error_of([&] { split_to("a"); });
    CHECK(there.kind == ErrorKind::input);
    CHECK(there.message == (folder / "a") + " is there already");
    CHECK(there.hint == "name a folder that is not");
    CHECK(!fs::exists(folder / "a.partial"));
    spec.data.dataset_path = folder / "a";  // a run reads both
    CHECK(refusal(spec, "split", {{"output", folder / "d"}}).message == (folder / "a") + " is split already");
    spec.data.validation_split = 0;
    spec.training.seed = 42;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK((*host.last("start"))["train_size"] == 30);
    CHECK((*host.last("start"))["val_size"] == 10);
    spec.data.dataset_path = folder / "rows.jsonl";
    CHECK(refusal(spec, "split", {{"output", folder / "d"}}).where.path == "data.validation_split");
    CHECK(!fs::exists(folder / "d"));
}

TEST_CASE("a dry run shows the first batch and the numbers of the run, and leaves nothing") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.training.max_steps = 1;
    spec.output_dir = folder / "base";
    REQUIRE(run(spec) == 0);
    spec.model = {.model_name_or_path = folder / "base"};
    spec.method.type = "lora";
    spec.training.max_steps = -1;
    spec.output_dir = folder / "out";
    spec.training.gradient_accumulation_steps = 2;
    const Json answer = look(spec);
    CHECK(!fs::exists(spec.output_dir));
    const Json& batch = answer["first_batch"];
    REQUIRE(batch["sequences"].size() == 4);
    std::int64_t learned = 0;
    for (const Json& sequence : batch["sequences"]) {
        CHECK(sequence["learned"][0] == 0);
        learned += learned_of(sequence);
    }
    CHECK(batch["learned_tokens"] == learned);
    CHECK(answer["memory"]["components"].size() > 0);
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const Json& start = *host.last("start");
    CHECK(answer["topology"]["steps_total"] == start["steps_total"]);
    CHECK(answer["topology"]["batch_size"] == start["batch_size"]);
    CHECK(answer["model"]["parameters"] == start["parameters"]);
    CHECK(answer["model"]["trainable_parameters"] == start["trainable_parameters"]);
    CHECK(answer["model"]["roles"]["adapter"]["trainable"] == start["trainable_parameters"]);
    CHECK(answer["model"]["roles"]["embedding"]["trainable"] == 0);
    CHECK(answer["data"]["train_tokens"] == start["train_tokens"]);
    CHECK(look(spec)["first_batch"] == batch);
}

TEST_CASE("a dry run of images, and what a run would refuse") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    const Json answer = look(spec);
    const Json& batch = answer["first_batch"];
    CHECK(batch["labels"].size() == batch["shape"][0].get<std::size_t>());
    CHECK(batch["classes"].size() == batch["labels"].size());
    CHECK(!fs::exists(folder / "out"));
    TrainingSpec texts = text_spec(folder);
    texts.model.config_name.clear();
    texts.model.model_name_or_path = folder / "model";  // has no weights
    CHECK(error_of([&] { look(texts); }).message == (folder / "model") + " has no model.safetensors");
}

TEST_CASE("grouped by length, a batch has rows of like length, and a run resumes bit for bit") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.training.group_by_length = true;
    const Json first = look(spec)["first_batch"]["sequences"];
    std::size_t longest = 0;
    for (const Json& sequence : first) longest = std::max(longest, sequence["ids"].size());
    CHECK(longest == data(spec, "stats")["splits"][0]["length"]["max"].get<std::size_t>());  // the longest comes first
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 7;
    REQUIRE(run(spec) == 0);
    const std::string whole = read_file(spec.output_dir + "/model.safetensors");
    RecordingHost host;
    host.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 13; };
    spec.output_dir = folder / "again";
    REQUIRE(run(spec, host) == 15);
    REQUIRE(run(spec) == 0);
    CHECK(read_file(spec.output_dir + "/model.safetensors") == whole);
    spec.training.group_by_length = false;
    spec.training.num_train_epochs = 4;
    CHECK(error_of([&] { run(spec); }).where.path == "training.group_by_length");
}

TEST_CASE("what is wrong with the rows of an evaluation is said of them, not of the training rows") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.data.eval_dataset_path = folder / "masked.jsonl";
    write_file(folder / "masked.jsonl", "{\"input_ids\": [5, 6], \"labels\": [-100, -100]}\n");
    const Error masked = error_of([&] { run(spec); });
    CHECK(masked.message == "there is nothing to learn in " + (folder / "masked.jsonl"));
    CHECK(masked.where.path == "data.eval_dataset_path");
    write_file(folder / "masked.jsonl", "{\"text\": \"\"}\n");
    CHECK(error_of([&] { run(spec); }).where.path == "data.eval_dataset_path");
    spec.data.eval_dataset_path.clear();
    spec.data.dataset_path = folder / "both";
    fs::create_directories(folder / "both");
    fs::copy_file(folder / "rows.jsonl", folder / "both/train.jsonl");
    write_file(folder / "both/validation.jsonl", "{\"input_ids\": [5, 6], \"labels\": [-100, -100]}\n");
    CHECK(error_of([&] { run(spec); }).message == "there is nothing to learn in " + (folder / "both/validation.jsonl"));
}
