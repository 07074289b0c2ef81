// Rows to tokens: one BOS, learned ends, completions, turns of the assistant.
#include "trainer/text/encode.h"

#include <doctest/doctest.h>

#include <map>

#include "core/base/error.h"
#include "tests/text/small.h"

using namespace ktrain;
using namespace ktrain::trainer;
using namespace ktrain::test;

namespace {

const std::string tokens_of = R"({"bos_token": "<s>", "eos_token": "</s>")";
const std::string chatml =
    "{{ bos_token }}{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}";

Tokenizer made(const std::string& config = tokens_of + "}", const Json& json = small_tokenizer()) {
    return {json.dump(), parse_tokenizer_config(config, "c"), "t"};
}

// With chat templates by name, as tokenizer_config.json lists them.
Tokenizer made_with(const std::map<std::string, std::string>& templates, const Json& json = small_tokenizer()) {
    Json config = Json::parse(tokens_of + "}");
    config["chat_template"] = Json::array();
    for (const auto& [name, source] : templates)
        config["chat_template"].push_back({{"name", name}, {"template", source}});
    return made(config.dump(), json);
}

Json message(const char* role, const std::string& content) {
    return {{"role", role}, {"content", content}};
}

const Json dialogue = Json::array({message("system", "S"), message("user", "Q"), message("assistant", "A"),
                                   message("user", "R"), message("assistant", "B")});

// The tokens as text; what is learned stands in brackets.
std::string shown(const Tokenizer& tokenizer, const Tokens& tokens) {
    REQUIRE(tokens.ids.size() == tokens.learned.size());
    std::string text;
    bool inside = false;
    for (std::size_t i = 0; i < tokens.ids.size(); ++i) {
        if (inside != (tokens.learned[i] == 1)) text += inside ? "]" : "[";
        inside = tokens.learned[i] == 1;
        text += tokenizer.decode(TokenIds{tokens.ids[i]}, false);
    }
    return text + (inside ? "]" : "");
}

std::string chat(const std::string& source, const Json& messages, Learn learn, const ChatVariables& variables = {}) {
    const Tokenizer tokenizer = made_with({{"default", source}});
    const Encoder encoder(tokenizer);
    return shown(tokenizer, encoder.chat(messages, variables, learn));
}

}  // namespace

TEST_CASE("encode: a text is learned whole, with one BOS and one EOS") {
    Json both = small_tokenizer();
    both["post_processor"] = adding(true, true);
    for (const Tokenizer& tokenizer : {made(tokens_of + R"(, "add_bos_token": true})"), made(tokens_of + "}", both)}) {
        const Encoder encoder(tokenizer);
        CHECK(shown(tokenizer, encoder.text("ab")) == "[<s>ab</s>]");
        CHECK(shown(tokenizer, encoder.text("<s>ab</s>")) == "[<s>ab</s>]");
        CHECK(shown(tokenizer, encoder.text("")) == "[<s></s>]");
    }
    const Tokenizer plain = made();
    CHECK(shown(plain, Encoder(plain).text("ab")) == "[ab</s>]");
}

TEST_CASE("encode: of a completion all is learned that its tokens do not share with the prompt") {
    const Tokenizer tokenizer = made(tokens_of + R"(, "add_bos_token": true, "add_eos_token": true})");
    const Encoder encoder(tokenizer);
    CHECK(shown(tokenizer, encoder.completion("2+2=", "4")) == "<s>2+2=[4</s>]");
    CHECK(shown(tokenizer, encoder.completion("<s>2+2=", "4</s>")) == "<s>2+2=[4</s>]");
    CHECK(shown(tokenizer, encoder.completion("", "4")) == "<s>[4</s>]");

    Json merging = small_tokenizer();  // "=4" becomes one token, across the border
    merging["model"]["vocab"]["=4"] = 261;
    merging["model"]["merges"] = Json::array({"= 4"});
    const Tokenizer merged = made(tokens_of + "}", merging);
    CHECK(shown(merged, Encoder(merged).completion("2=", "4")) == "2[=4</s>]");
}

TEST_CASE("encode: of a conversation everything or every answer is learned") {
    CHECK(chat(chatml, dialogue, Learn::all) ==
          "[<s><|start|>system\nS<|end|>\n<|start|>user\nQ<|end|>\n<|start|>assistant\nA<|end|>\n"
          "<|start|>user\nR<|end|>\n<|start|>assistant\nB<|end|>\n]");
    CHECK(chat(chatml, dialogue, Learn::assistant) ==
          "<s><|start|>system\nS<|end|>\n<|start|>user\nQ<|end|>\n<|start|>assistant\n[A<|end|>\n]"
          "<|start|>user\nR<|end|>\n<|start|>assistant\n[B<|end|>\n]");
    const Json open = Json::array({message("assistant", "A"), message("user", "Q")});
    CHECK(chat(chatml, open, Learn::assistant) == "<s><|start|>assistant\n[A<|end|>\n]<|start|>user\nQ<|end|>\n");
}

TEST_CASE("encode: prompt and completion of a conversation may be apart") {
    const Tokenizer tokenizer = made_with({{"default", chatml}});
    const Encoder encoder(tokenizer);
    const Json prompt = Json::array({message("user", "Q")}), answer = Json::array({message("assistant", "A")});
    CHECK(shown(tokenizer, encoder.chat_completion(prompt, answer, {})) ==
          "<s><|start|>user\nQ<|end|>\n<|start|>assistant\n[A<|end|>\n]");
    CHECK(shown(tokenizer, encoder.chat_completion(Json::array(), answer, {})) ==
          "[<s><|start|>assistant\nA<|end|>\n]");
    CHECK_THROWS_AS(encoder.chat_completion("Q", answer, {}), Error);
    CHECK_THROWS_AS(encoder.chat_completion(prompt, "A", {}), Error);
    CHECK_THROWS_AS(encoder.chat_completion(Json::array({1}), answer, {}), Error);
}

TEST_CASE("encode: one BOS, whether the template or the tokenizer writes it") {
    Json adds = small_tokenizer();
    adds["post_processor"] = adding(true, false);
    const Json one = Json::array({message("user", "Q"), message("assistant", "A")});
    for (const char* begin : {"<s>", "<s><s>"}) {
        const Tokenizer tokenizer = made_with({{"default", begin + chatml.substr(15)}}, adds);
        const Encoder encoder(tokenizer);
        CHECK(shown(tokenizer, encoder.chat(one, {}, Learn::assistant)).find("<s><|start|>user") == 0);
    }
}

TEST_CASE("encode: an answer that the template does not end gets the EOS") {
    const std::string plain =
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}";
    CHECK(chat(plain, dialogue, Learn::assistant) ==
          "system: S\nuser: Q\nassistant: [A\n]user: R\nassistant: [B\n</s>]");
    CHECK(chat(plain, Json::array({message("user", "Q")}), Learn::all) == "[user: Q\n]");
}

TEST_CASE("encode: generation marks are followed, and what ends a turn is learned though they leave it out") {
    const std::string marked =
        "{% for m in messages %}<|start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
        "{% endgeneration %}{% else %}{{ m.content }}{% endif %}<|end|>\n{% endfor %}";
    CHECK(chat(marked, dialogue, Learn::assistant) ==
          "<|start|>system\nS<|end|>\n<|start|>user\nQ<|end|>\n<|start|>assistant\n[A<|end|>]\n"
          "<|start|>user\nR<|end|>\n<|start|>assistant\n[B<|end|>]\n");
}

TEST_CASE("encode: turns are found in templates that write earlier turns in another way") {
    SUBCASE("without their reasoning") {
        const std::string source =
            "{% for m in messages %}<|start|>{{ m.role }}\n{% if m.thinking and loop.last %}({{ m.thinking }}){% endif "
            "%}"
            "{{ m.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n{% endif %}";
        Json messages = dialogue;
        messages[2]["thinking"] = "T";
        messages[4]["thinking"] = "U";
        CHECK(chat(source, messages, Learn::assistant) ==
              "<|start|>system\nS<|end|>\n<|start|>user\nQ<|end|>\n<|start|>assistant\n[A<|end|>\n]"
              "<|start|>user\nR<|end|>\n<|start|>assistant\n[(U)B<|end|>\n]");
    }
    SUBCASE("without what the prompt opens") {
        const std::string source =
            "{% for m in messages %}<|start|>{{ m.role }}\n{{ '(think)' if loop.last and m.role == 'assistant' }}"
            "{{ m.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n(think){% endif %}";
        CHECK(chat(source, dialogue, Learn::assistant) ==
              "<|start|>system\nS<|end|>\n<|start|>user\nQ<|end|>\n<|start|>assistant\n[A<|end|>\n]"
              "<|start|>user\nR<|end|>\n<|start|>assistant\n(think)[B<|end|>\n]");
    }
    SUBCASE("with another end") {
        const std::string source =
            "{% for m in messages %}<|start|>{{ m.role }} {{ m.content }}"
            "{{ '</s>' if loop.last and m.role == 'assistant' else '<|end|>' }}{% endfor %}"
            "{% if add_generation_prompt %}<|start|>assistant {% endif %}";
        CHECK(chat(source, dialogue, Learn::assistant) ==
              "<|start|>system S<|end|><|start|>user Q<|end|><|start|>assistant [A<|end|>]"
              "<|start|>user R<|end|><|start|>assistant [B</s>]");
    }
    SUBCASE("with an EOS behind the last message only") {
        const std::string source = chatml + "{% if not add_generation_prompt %}{{ '</s>' }}{% endif %}";
        CHECK(chat(source, dialogue, Learn::assistant) ==
              "<s><|start|>system\nS<|end|>\n<|start|>user\nQ<|end|>\n<|start|>assistant\n[A<|end|>\n]"
              "<|start|>user\nR<|end|>\n<|start|>assistant\n[B<|end|>\n</s>]");
    }
    SUBCASE("not at all") {
        const std::string source = "{{ messages|length }}{% for m in messages %}{{ m.content }}{% endfor %}";
        CHECK_THROWS_AS(chat(source, dialogue, Learn::assistant), Error);
    }
}

TEST_CASE("encode: rows with tools take the template for tools") {
    const Tokenizer tokenizer = made_with({{"default", "d"}, {"tool_use", "t"}, {"rag", "{% broken"}});
    const Encoder encoder(tokenizer);
    CHECK(shown(tokenizer, encoder.chat(dialogue, {}, Learn::all)) == "[d</s>]");
    CHECK(shown(tokenizer, encoder.chat(dialogue, {.tools = Json::array(), .documents = {}, .more = {}}, Learn::all)) ==
          "[t</s>]");
}

TEST_CASE("encode: a model without EOS or template is refused") {
    const Tokenizer without = made("{}"), plain = made();
    CHECK_THROWS_AS(Encoder(without, 0), Error);
    CHECK_THROWS_WITH_AS(Encoder(plain).chat(dialogue, {}, Learn::all),
                         "the data has conversations, but the model has no chat template", Error);
    const Tokenizer templated = made_with({{"default", chatml}});
    for (const Json& wrong : {Json("x"), Json::array({1}), Json::array()})
        CHECK_THROWS_AS(Encoder(templated).chat(wrong, {}, Learn::assistant), Error);
}
