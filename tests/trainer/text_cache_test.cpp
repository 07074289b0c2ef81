// When a store of tokens is made anew: whenever other tokens would come of the same rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "core/base/digest.h"
#include "tests/trainer/language_model.h"
#include "trainer/data/token_store.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

constexpr const char* day_field = "day of strftime_now";

// Texts begin with "king" in 2020, and with "queen" later.
constexpr const char* dated_template =
    "{% if strftime_now('%Y') == '2020' %}king{% else %}queen{% endif %}"
    "{% for m in messages %} {{ m.content }}</s>{% endfor %}";

void write_chats(const std::string& path, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += Json{{"messages",
                      {{{"role", "user"}, {"content", i % 2 == 0 ? "the maid" : "his house"}},
                       {{"role", "assistant"}, {"content", "was eating bread"}}}}}
                    .dump() +
                "\n";
    write_file(path, text);
}

// Of the only store in a folder, the first token.
std::int32_t first_token(const std::string& cache) {
    const auto names = names_in(cache);
    REQUIRE(names.size() == 1);
    return TokenStore(cache + "/" + names.front()).sequence(0).front().id();
}

Json data_of(const std::string& checkpoint) {
    return Json::parse(read_file(checkpoint + "/trainer_state.json"))["stateful_callbacks"]["ktrain"]["data"];
}

// Makes the checkpoint one of other data.
void change_data(const std::string& checkpoint, const std::function<void(Json& data)>& change) {
    Json state = Json::parse(read_file(checkpoint + "/trainer_state.json")),
         manifest = Json::parse(read_file(checkpoint + "/manifest.json"));
    change(state["stateful_callbacks"]["ktrain"]["data"]);
    const std::string text = state.dump();
    manifest["files"]["trainer_state.json"] = {{"size", text.size()}, {"sha256", sha256(text)}};
    write_file(checkpoint + "/trainer_state.json", text);
    write_file(checkpoint + "/manifest.json", manifest.dump());
}

}  // namespace

TEST_CASE("texts are tokenised anew when the model's config names another EOS") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "model/tokenizer_config.json", "{}");
    spec.training.max_steps = 1;
    spec.data.cache_dir = folder / "cache";
    const auto last_token = [&](std::int64_t eos) {
        Json config = tiny_config();
        config["eos_token_id"] = eos;
        write_file(folder / "model/config.json", config.dump());
        REQUIRE(run(spec) == 0);
        const auto names = names_in(folder / "cache");
        REQUIRE(names.size() == 1);
        const int token = TokenStore(folder / ("cache/" + names.front())).sequence(0).back().id();
        fs::remove_all(folder / "out");
        return token;
    };
    CHECK(last_token(2) == 2);
    fs::rename(folder / "cache", folder / "old");
    CHECK(last_token(1) == 1);
    // Both have names of their own.
    CHECK(names_in(folder / "cache") != names_in(folder / "old"));
    fs::remove_all(folder / "cache");
    fs::rename(folder / "old", folder / "cache");
    spec.output_dir = folder / "again";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);  // the config names 1
    CHECK(host.count("tokenize") > 0);
}

TEST_CASE("a run whose template tells the day goes on with the day on which it began") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "model/chat_template.jinja", dated_template);
    write_chats(folder / "rows.jsonl", 40);
    const Json words = Json::parse(word_tokenizer())["model"]["vocab"];
    RecordingHost host;
    host.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 3; };
    REQUIRE(run(spec, host) == 15);
    CHECK(first_token(folder / "out/cache") == words["queen"]);
    const std::string today = data_of(folder / "out/checkpoint-3")[day_field];
    CHECK(today.size() == std::string("2020-06-01").size());
    CHECK(today.starts_with("20"));
    change_data(folder / "out/checkpoint-3", [](Json& data) { data[day_field] = "2020-06-01"; });
    fs::remove_all(folder / "out/cache");
    SUBCASE("from the newest checkpoint") {}
    SUBCASE("from a checkpoint by its name") {
        spec.checkpoint.resume_from_checkpoint = folder / "out/checkpoint-3";
    }
    REQUIRE(run(spec) == 0);
    CHECK(first_token(folder / "out/cache") == words["king"]);
}

TEST_CASE("a checkpoint whose seed stood for another order is not continued") {
    const TempFolder folder;
    const TrainingSpec spec = text_spec(folder);
    RecordingHost host;
    host.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 1; };
    REQUIRE(run(spec, host) == 15);
    change_data(folder / "out/checkpoint-1", [](Json& data) { REQUIRE(data.erase("random order") == 1); });
    const Error error = error_of([&] { run(spec); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.message.find("its random order is not recorded, that of this run 2") != std::string::npos);
}

TEST_CASE("rows that no template renders have no day") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "model/chat_template.jinja", dated_template);
    spec.checkpoint.save_strategy = "steps";
    spec.training.max_steps = 1;
    REQUIRE(run(spec) == 0);
    CHECK_FALSE(data_of(folder / "out/checkpoint-1").contains(day_field));
}

TEST_CASE("a token that the model does not have is refused at its row, before the others are read") {
    const TempFolder folder;
    const TrainingSpec spec = text_spec(folder);
    write_file(folder / "rows.jsonl",
               "{\"input_ids\": [1, 2]}\n{\"input_ids\": [1, 99999]}\n{\"input_ids\": \"no\"}\n");
    const Error error = error_of([&] { run(spec); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.message == "input_ids has 99999 at item 1, but the model has 24 tokens only");
    CHECK(error.where.line == 2);
}

TEST_CASE("rows in which nobody speaks are refused where only the assistant is to be learned") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.objective.assistant_only_loss = true;
    const Error error = error_of([&] { run(spec); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.message.starts_with("objective.assistant_only_loss needs conversations, but these are "));
    CHECK(error.where.line == 1);
    CHECK(!fs::exists(spec.output_dir));
}
