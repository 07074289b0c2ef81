// Ids, rendered chats and masks equal Hugging Face's, on the data of tests/parity/text/fetch.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "tests/support/fetched.h"
#include "tests/support/paths.h"
#include "trainer/text/encode.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

const std::string sources = test::source_path("/tests/parity/text/");

// The tokenizer that has a template's special tokens.
const std::map<std::string, std::string> tokenizer_of = {
    {"gemma", "gemma2"}, {"gptoss", "gptoss"}, {"llama3", "llama3"}, {"qwen3", "qwen3"}};

// Tokens that gpt-oss, and Qwen 3 without thinking, are prompted with; TRL counts them as the assistant's.
const std::set<std::string> prompting = {"<|start|>", "assistant", "<think>", "</think>", "\u010a\u010a"};

std::string read(const std::string& path) {
    return real_files().read(path);
}

Json reference() {
    return parse_json(read(sources + "reference.json"), "reference.json");
}
Json conversations() {
    return parse_json(read(sources + "conversations.json"), "conversations.json");
}

std::string digest(const std::string& text) {
    return sha256(text).substr(0, 12);
}

std::string in_digits(const TokenIds& ids) {
    std::string text;
    for (const auto id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
    return text;
}

// As broken() in make_reference.py.
std::string broken(std::string line, std::size_t number) {
    if (line.empty() || (number % 8 != 3 && number % 8 != 6)) return line;
    const std::size_t at = number * 7919 % line.size();
    if (number % 8 == 3) return line.erase(at, 1);
    line[at] = static_cast<char>(number * 31 % 256);
    return line;
}

std::vector<std::string> lines_of(const std::string& folder) {
    std::vector<std::string> lines = split(read(folder + "/lines.txt"), '\n');
    lines.pop_back();  // behind the last newline
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = broken(lines[i], i);
    return lines;
}

ChatVariables variables_of(const Json& chat) {
    return {chat.value("tools", Json()), chat.value("documents", Json()), chat.value("variables", Json())};
}

std::string template_of(const std::string& folder, const std::string& name) {
    return read(folder + "/templates/" + name + ".jinja");
}

// The tokenizer of a family with another chat template.
Tokenizer with_template(const std::string& folder, const std::string& family, const std::string& name) {
    const std::string path = folder + "/" + std::string(tokenizer_of.at(family));
    TokenizerConfig config = read_tokenizer_config(real_files(), path);
    config.chat_templates["default"] = template_of(folder, name);
    return {read(path + "/tokenizer.json"), std::move(config), path};
}

}  // namespace

TEST_CASE("text parity: the ids of real lines are Hugging Face's, from two threads at once") {
    const std::string folder = test::fetched("text");
    if (folder.empty()) return;
    const Json expected = reference();
    const std::vector<std::string> lines = lines_of(folder);
    REQUIRE(lines.size() == expected["lines"]);
    REQUIRE(lines.size() >= 20'000);
    const std::size_t block = expected["block"];
    for (const auto& [name, wanted] : expected["tokenizers"].items()) {
        CAPTURE(name);
        const Tokenizer tokenizer(read(folder + "/" + name + "/tokenizer.json"), {}, name);
        CHECK(tokenizer.vocab_size() == wanted["size"]);
        std::vector<std::string> digits(lines.size()), decoded(lines.size());
        const auto half = [&](std::size_t from) {
            for (std::size_t i = from; i < lines.size(); i += 2) {
                const TokenIds ids = tokenizer.encode(lines[i], true);
                digits[i] = in_digits(ids) + "\n";
                decoded[i] = tokenizer.decode(ids, false) + "\n";
            }
        };
        std::thread other(half, 1);
        half(0);
        other.join();
        std::string all;
        for (std::size_t i = 0, number = 0; i < lines.size(); i += block, ++number) {
            std::string text;
            for (std::size_t at = i; at < std::min(lines.size(), i + block); ++at) text += digits[at];
            CHECK_MESSAGE(digest(text) == wanted["blocks"][number], "lines from " << i << " on");
        }
        for (const std::string& text : decoded) all += text;
        CHECK(digest(all) == wanted["decoded"]);
    }
}

TEST_CASE("text parity: real chat templates render byte for byte as in transformers") {
    const std::string folder = test::fetched("text");
    if (folder.empty()) return;
    const Json expected = reference(), chats = conversations();
    const std::map<std::string, std::string> special = {
        {"bos_token", "<s>"}, {"eos_token", "</s>"}, {"pad_token", "<pad>"}, {"unk_token", "<unk>"}};
    for (const auto& [name, hashes] : expected["chats"].items()) {
        const ChatTemplate chat(template_of(folder, name), special, expected["now"], name);
        for (std::size_t i = 0; i < hashes.size(); ++i) {
            const Json& conversation = chats[i / 2];
            std::string text;
            bool refused = false;
            try {
                text = chat.render(conversation["messages"], variables_of(conversation), i % 2 == 1).text;
            } catch (const Error& error) {
                refused = true;
                text = error.message;
            }
            const bool equal = refused ? hashes[i].is_null() : digest(text) == hashes[i];
            CHECK_MESSAGE(equal, name << ", " << conversation["name"]
                                      << std::string(i % 2 == 1 ? ", prompted:\n" : ":\n") << text);
        }
    }
}

TEST_CASE("text parity: what {% generation %} marks is what transformers learns") {
    const std::string folder = test::fetched("text");
    if (folder.empty()) return;
    const Json expected = reference(), chats = conversations();
    for (const auto& [name, rows] : expected["masks"].items()) {
        const Tokenizer tokenizer = with_template(folder, name, name + "_training");
        const Encoder encoder(tokenizer, expected["now"]);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i].is_null()) continue;
            INFO(name << ", " << chats[i]["name"]);
            const Tokens tokens = encoder.chat(chats[i]["messages"], variables_of(chats[i]), Learn::assistant);
            std::string mask;
            for (const auto learned : tokens.learned) mask += learned ? '1' : '0';
            CHECK(digest(in_digits(tokens.ids)) == rows[i]["ids"]);
            CHECK(mask == rows[i]["mask"]);
        }
    }
}

TEST_CASE("text parity: turns found by rendering beginnings are those that TRL's templates mark") {
    const std::string folder = test::fetched("text");
    if (folder.empty()) return;
    const Json expected = reference(), chats = conversations();
    int compared = 0;
    for (const char* const name : {"gemma", "gptoss", "llama3", "qwen3"}) {
        const Tokenizer with_marks = with_template(folder, name, name + std::string("_training")),
                        without = with_template(folder, name, name);
        const Encoder marked(with_marks, expected["now"]), bare(without, expected["now"]);
        for (std::size_t i = 0; i < chats.size(); ++i) {
            INFO(name << ", " << chats[i]["name"]);
            if (expected["chats"][name][2 * i].is_null()) continue;  // the template refuses it
            Tokens wanted = marked.chat(chats[i]["messages"], variables_of(chats[i]), Learn::assistant);
            const Tokens found = bare.chat(chats[i]["messages"], variables_of(chats[i]), Learn::assistant);
            if (found.ids != wanted.ids) continue;  // the one for training writes earlier turns in another way
            ++compared;
            for (std::size_t at = 0; at < found.ids.size(); ++at) {
                // What the template itself prompts the assistant with is no part of the turn for us.
                const std::string token = *without.token_of(found.ids[at]);
                if (!found.learned[at] && prompting.contains(token)) wanted.learned[at] = 0;
            }
            CHECK(found.learned == wanted.learned);
        }
    }
    CHECK(compared >= 30);
}
