// tokenizer_config.json and its companions: what is read, in which order, and what is refused where.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/base/error.h"
#include "trainer/text/tokenizer_config.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

TokenizerConfig parsed(const std::string& text) {
    return parse_tokenizer_config(text, "tokenizer_config.json");
}

Error refused(const std::string& text) {
    try {
        parsed(text);
    } catch (const Error& error) {
        return error;
    }
    FAIL("accepted: " << text);
    throw;
}

}  // namespace

TEST_CASE("tokenizer config: special tokens are strings or objects, and null is none") {
    const TokenizerConfig config = parsed(R"({"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": true},
        "pad_token": null, "add_bos_token": true, "add_eos_token": null, "model_max_length": 1e30})");
    CHECK(config.special == std::map<std::string, std::string>{{"bos_token", "<s>"}, {"eos_token", "</s>"}});
    CHECK(config.add_bos_token == true);
    CHECK_FALSE(config.add_eos_token.has_value());
    CHECK(config.added == Json::array({"<s>", "</s>"}));
    CHECK(parsed("{}").added.empty());
}

TEST_CASE("tokenizer config: added tokens come by their ids, then special ones, then further ones") {
    const TokenizerConfig config = parsed(R"({"eos_token": "</s>", "extra_special_tokens": {"image": "<image>"},
        "additional_special_tokens": ["<a>", {"content": "<b>", "rstrip": true}],
        "added_tokens_decoder": {"10": {"content": "ten"}, "9": {"content": "nine", "special": true, "lstrip": true}}})");
    REQUIRE(config.added.size() == 6);
    CHECK(config.added[0].dump() == R"({"content":"nine","single_word":false,"lstrip":true,"rstrip":false,)"
                                    R"("normalized":false,"special":true})");
    CHECK(config.added[1].dump() == R"({"content":"ten","single_word":false,"lstrip":false,"rstrip":false,)"
                                    R"("normalized":true,"special":false})");
    CHECK(config.added[2] == "</s>");
    CHECK(config.added[3] == "<a>");
    CHECK(config.added[4]["rstrip"] == true);
    CHECK(config.added[5] == "<image>");
}

TEST_CASE("tokenizer config: chat templates are one, or several by name") {
    CHECK(parsed(R"({"chat_template": "x"})").chat_templates == std::map<std::string, std::string>{{"default", "x"}});
    CHECK(parsed(R"({"chat_template": [{"name": "default", "template": "x"}, {"name": "tool_use", "template": "y"}]})")
              .chat_templates == std::map<std::string, std::string>{{"default", "x"}, {"tool_use", "y"}});
    CHECK(parsed(R"({"chat_template": null})").chat_templates.empty());
}

TEST_CASE("tokenizer config: what makes no sense is refused with its path") {
    const std::pair<const char*, const char*> cases[] = {
        {"[]", ""},
        {R"({"eos_token": 3})", "eos_token"},
        {R"({"eos_token": {"text": "x"}})", "eos_token.content"},
        {R"({"add_bos_token": "yes"})", "add_bos_token"},
        {R"({"added_tokens_decoder": []})", "added_tokens_decoder"},
        {R"({"added_tokens_decoder": {"x": {"content": "a"}}})", "added_tokens_decoder.x"},
        {R"({"added_tokens_decoder": {"1": "a"}})", "added_tokens_decoder.1"},
        {R"({"added_tokens_decoder": {"1": {"content": "a", "special": 1}}})", "added_tokens_decoder.1.special"},
        {R"({"additional_special_tokens": "a"})", "additional_special_tokens"},
        {R"({"additional_special_tokens": [1]})", "additional_special_tokens"},
        {R"({"chat_template": 1})", "chat_template"},
        {R"({"chat_template": [{"name": "x"}]})", "chat_template[0]"},
        {R"({"chat_template": [{"name": "x", "template": {}}]})", "chat_template[0].template"},
    };
    for (const auto& [text, path] : cases) {
        CAPTURE(text);
        const Error error = refused(text);
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "tokenizer_config.json");
        CHECK(error.where.path == path);
        CHECK_FALSE(error.hint.empty());
    }
    CHECK(refused("{\"a\": ").where.line == 1);
}

TEST_CASE("tokenizer config: a folder's files add up") {
    const std::string folder = (std::filesystem::temp_directory_path() / "ktrain-tokenizer-config").string();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder + "/additional_chat_templates");
    Files& files = real_files();
    CHECK(read_tokenizer_config(files, folder).special.empty());
    files.write(folder + "/tokenizer_config.json", R"({"eos_token": "a", "bos_token": "b", "chat_template": "old"})");
    files.write(folder + "/special_tokens_map.json", R"({"eos_token": {"content": "c"}, "pad_token": "d"})");
    files.write(folder + "/chat_template.jinja", "new\n");
    files.write(folder + "/additional_chat_templates/rag.jinja", "r");
    const TokenizerConfig config = read_tokenizer_config(files, folder);
    CHECK(config.special ==
          std::map<std::string, std::string>{{"bos_token", "b"}, {"eos_token", "c"}, {"pad_token", "d"}});
    CHECK(config.chat_templates == std::map<std::string, std::string>{{"default", "new\n"}, {"rag", "r"}});
    files.write(folder + "/tokenizer_config.json", R"({"eos_token": "a", "added_tokens_decoder": {}})");
    CHECK(read_tokenizer_config(files, folder).special == std::map<std::string, std::string>{{"eos_token", "a"}});
    files.write(folder + "/generation_config.json", R"({"eos_token_id": [7, 8], "bos_token_id": "x"})");
    files.write(folder + "/config.json", R"({"eos_token_id": 5, "bos_token_id": 4, "pad_token_id": 4294967296})");
    CHECK(read_model_token_ids(files, folder) ==
          std::map<std::string, std::int32_t>{{"bos_token", 4}, {"eos_token", 7}});
    std::filesystem::remove_all(folder);
}
