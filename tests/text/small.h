// A tokenizer of bytes for tests: the id of a byte is its value, then come a few special tokens.
#pragma once

#include <array>
#include <string>

#include "core/base/json.h"

namespace ktrain::test {

// Ids of the special tokens; "\n" and every other byte have their own.
enum SmallToken { bos = 256, eos = 257, start = 258, end = 259, pad = 260 };
inline constexpr std::array<const char*, 5> small_special = {"<s>", "</s>", "<|start|>", "<|end|>", "<pad>"};

// How byte-level tokenizers write a byte: printable ones of Latin-1 as they are, the others from U+0100 upward.
inline std::string byte_token(int byte) {
    const auto plain = [](int b) { return (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae; };
    int code = byte;
    if (!plain(byte)) {
        code = 0x100;
        for (int other = 0; other < byte; ++other) code += plain(other) ? 0 : 1;
    }
    if (code < 0x80) return std::string(1, static_cast<char>(code));
    return {static_cast<char>(0xc0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3f))};
}

inline Json special_json(int id, const std::string& content) {
    return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
            {"rstrip", false}, {"normalized", false}, {"special", true}};
}

// A post-processor that adds BOS, EOS or both.
inline Json adding(bool first, bool last) {
    Json single = Json::array(), tokens = Json::object();
    const auto token = [&](const char* text, int id) {
        single.push_back({{"SpecialToken", {{"id", text}, {"type_id", 0}}}});
        tokens[text] = {{"id", text}, {"ids", Json::array({id})}, {"tokens", Json::array({text})}};
    };
    if (first) token("<s>", bos);
    single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
    if (last) token("</s>", eos);
    return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", single}, {"special_tokens", tokens}};
}

inline Json small_tokenizer() {
    const Json level = {
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
    Json vocabulary = Json::object(), added = Json::array();
    for (int byte = 0; byte < 256; ++byte) vocabulary[byte_token(byte)] = byte;
    for (int i = 0; i < static_cast<int>(small_special.size()); ++i)
        added.push_back(special_json(256 + i, small_special[i]));
    for (const Json& token : added) vocabulary[token["content"].get<std::string>()] = token["id"];
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", added},
            {"normalizer", nullptr},
            {"pre_tokenizer", level},
            {"post_processor", level},
            {"decoder", level},
            {"model",
             {{"type", "BPE"},
              {"dropout", nullptr},
              {"unk_token", nullptr},
              {"continuing_subword_prefix", nullptr},
              {"end_of_word_suffix", nullptr},
              {"fuse_unk", false},
              {"byte_fallback", false},
              {"vocab", vocabulary},
              {"merges", Json::array()}}}};
}

}  // namespace ktrain::test
