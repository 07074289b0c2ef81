// Tokenizers: what they add to a text, repaired UTF-8, spans, and files that are none.
#include "tests/support/paths.h"
#include "trainer/text/tokenizer.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/base/error.h"
#include "tests/text/small.h"

using namespace ktrain;
using namespace ktrain::trainer;
using namespace ktrain::test;

namespace {

Tokenizer made(const Json& json, const std::string& config = "{}") {
    return {json.dump(), parse_tokenizer_config(config, "tokenizer_config.json"), "tokenizer.json"};
}

Error refused(const std::string& json) {
    try {
        const Tokenizer tokenizer(json, {}, "model/tokenizer.json");
    } catch (const Error& error) {
        return error;
    }
    FAIL("accepted: " << json.substr(0, 60));
    throw;
}

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

// A folder that goes away.
struct Folder {
    std::string path =
        (std::filesystem::temp_directory_path() / ("ktrain-text-" + std::to_string(::getpid()))).string();
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    void write(const std::string& name, const std::string& text) const { real_files().write(path + "/" + name, text); }
};

}  // namespace

TEST_CASE("tokenizer: text to ids and back") {
    const Tokenizer tokenizer = made(small_tokenizer());
    CHECK(tokenizer.encode("Hi\n", true) == TokenIds{72, 105, 10});
    CHECK(tokenizer.encode("", true).empty());
    CHECK(tokenizer.encode({"a\0b", 3}, true) == TokenIds{97, 0, 98});
    CHECK(tokenizer.encode("a<|end|>é", false) == TokenIds{97, test::end, 0xc3, 0xa9});
    CHECK(tokenizer.decode(TokenIds{97, test::end, 0xc3, 0xa9}, false) == "a<|end|>é");
    CHECK(tokenizer.decode(TokenIds{97, test::end, 0xc3, 0xa9}, true) == "aé");
    CHECK(tokenizer.decode(TokenIds{97, 100000, -1}, true) == "a");
    CHECK(tokenizer.id_of("<s>") == test::bos);
    CHECK_FALSE(tokenizer.id_of("nothing"));
    CHECK(tokenizer.token_of(test::eos) == "</s>");
    CHECK_FALSE(tokenizer.token_of(261));
    CHECK_FALSE(tokenizer.token_of(-1));
    CHECK(tokenizer.is_special(test::end));
    CHECK_FALSE(tokenizer.is_special(97));
    CHECK(tokenizer.vocab_size() == 261);
}

TEST_CASE("tokenizer: spans are bytes of the repaired text, blanks included") {
    const Tokenizer tokenizer = made(small_tokenizer(), R"({"bos_token": "<s>", "add_bos_token": true})");
    const Encoding encoding = tokenizer.encode_with_spans("a \xff<s>", true);
    CHECK(encoding.text == "a \xef\xbf\xbd<s>");
    CHECK(encoding.ids == TokenIds{bos, 97, 32, 0xef, 0xbf, 0xbd, bos});
    CHECK(encoding.spans == std::vector<ByteSpan>{{0, 0}, {0, 1}, {1, 2}, {2, 5}, {2, 5}, {2, 5}, {5, 8}});
}

TEST_CASE("tokenizer: bytes that are no UTF-8 are replaced as Python replaces them") {
    const std::string file = source_path("/tests/parity/text/reference.json");
    const Tokenizer tokenizer = made(small_tokenizer());
    const Json cases = parse_json(real_files().read(file), file)["replaced"];
    REQUIRE(cases.size() > 30);
    for (const auto& [hex, text] : cases.items()) {
        CAPTURE(hex);
        CHECK(tokenizer.encode_with_spans(from_hex(hex), false).text == text.get<std::string>());
        CHECK(tokenizer.encode(from_hex(hex), false) == tokenizer.encode(text.get<std::string>(), false));
    }
}

TEST_CASE("tokenizer: what it adds to a text comes from tokenizer.json, unless tokenizer_config.json has a rule") {
    Json json = small_tokenizer();
    json["post_processor"] = adding(true, true);
    CHECK(made(json).encode("a", true) == TokenIds{bos, 97, test::eos});
    CHECK(made(json).encode("a", false) == TokenIds{97});
    const char* tokens = R"({"bos_token": "<s>", "eos_token": {"content": "</s>"}, )";
    CHECK(made(json, tokens + std::string(R"("add_bos_token": true})")).encode("a", true) == TokenIds{bos, 97});
    CHECK(made(json, tokens + std::string(R"("add_bos_token": false})")).encode("a", true) == TokenIds{97});
    CHECK(made(json, tokens + std::string(R"("add_bos_token": null})")).encode("a", true) ==
          TokenIds{bos, 97, test::eos});
    CHECK(made(small_tokenizer(), tokens + std::string(R"("add_eos_token": true})")).encode("a", true) ==
          TokenIds{97, test::eos});
    CHECK(made(small_tokenizer(), R"({"add_bos_token": true})").encode("a", true) == TokenIds{97});
}

TEST_CASE("tokenizer: truncation and padding of the file do not touch a text") {
    Json json = small_tokenizer();
    json["truncation"] = {{"direction", "Right"}, {"max_length", 2}, {"strategy", "LongestFirst"}, {"stride", 0}};
    json["padding"] = {
        {"strategy", {{"Fixed", 8}}}, {"direction", "Right"}, {"pad_to_multiple_of", nullptr}, {"pad_id", 260},
        {"pad_type_id", 0},           {"pad_token", "<pad>"}};
    CHECK(made(json).encode("abc", true) == TokenIds{97, 98, 99});
    CHECK(made(json).encode("", true).empty());
}

TEST_CASE("tokenizer: tokens that only tokenizer_config.json names are added behind the others") {
    const Tokenizer tokenizer = made(small_tokenizer(), R"({
        "added_tokens_decoder": {"300": {"content": "<tool>", "special": false}, "257": {"content": "</s>", "special": true}},
        "eos_token": "</s>", "pad_token": "<fill>", "additional_special_tokens": ["<extra>", "<s>"]})");
    CHECK(tokenizer.vocab_size() == 264);
    CHECK(tokenizer.id_of("<tool>") == 261);
    CHECK(tokenizer.id_of("<fill>") == 262);
    CHECK(tokenizer.id_of("<extra>") == 263);
    CHECK_FALSE(tokenizer.is_special(261));
    CHECK(tokenizer.is_special(262));
    CHECK(tokenizer.special_id("eos_token") == test::eos);
    CHECK(tokenizer.special_id("pad_token") == 262);
    CHECK_FALSE(tokenizer.special_id("bos_token"));
    CHECK(tokenizer.encode("<tool><extra>", false) == TokenIds{261, 263});
}

TEST_CASE("tokenizer: files that are none are refused with their name and a remedy") {
    const std::string good = small_tokenizer().dump();
    CHECK(good.size() > 1000);
    for (const std::string& bad : {std::string(), std::string("{}"), std::string("[1]"), std::string("\xff\xfe"),
                                   good.substr(0, good.size() / 2), std::string(200'000, '['),
                                   std::string(R"({"version":"1.0","model":{"type":"BPE","vocab":[],"merges":{}}})"),
                                   std::string(R"({"version":"1.0","model":{"type":"Wrong","vocab":{}}})")}) {
        const Error error = refused(bad);
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "model/tokenizer.json");
        CHECK(error.message.find("this is no tokenizer.json") == 0);
        CHECK_FALSE(error.hint.empty());
    }
    CHECK(refused("version https://git-lfs.github.com/spec/v1\noid 1").hint.find("git lfs pull") != std::string::npos);
}

TEST_CASE("tokenizer: a model folder brings its special tokens along") {
    const Folder folder;
    CHECK_THROWS_WITH_AS(Tokenizer::from_folder(real_files(), folder.path), "the model has no tokenizer.json", Error);
    folder.write("tokenizer.model", "");
    try {
        Tokenizer::from_folder(real_files(), folder.path);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.hint.find("save_pretrained") != std::string::npos);
    }
    folder.write("tokenizer.json", small_tokenizer().dump());
    CHECK_FALSE(Tokenizer::from_folder(real_files(), folder.path).special_id("eos_token"));
    folder.write("config.json", R"({"eos_token_id": 257, "bos_token_id": 256, "pad_token_id": -1})");
    folder.write("generation_config.json", R"({"eos_token_id": [259, 257]})");
    const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), folder.path);
    CHECK(tokenizer.special_id("eos_token") == test::end);
    CHECK(tokenizer.special_id("bos_token") == test::bos);
    CHECK_FALSE(tokenizer.special_id("pad_token"));
    folder.write("tokenizer_config.json", R"({"eos_token": "</s>"})");
    CHECK(Tokenizer::from_folder(real_files(), folder.path).special_id("eos_token") == test::eos);
    folder.write("special_tokens_map.json", R"({"eos_token": {"content": "<|end|>"}})");
    CHECK(Tokenizer::from_folder(real_files(), folder.path).special_id("eos_token") == test::end);
}
