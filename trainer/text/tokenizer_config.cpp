// Reads tokenizer_config.json and its companions.
#include "trainer/text/tokenizer_config.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

// A tokenizer_config.json of 256,000 added tokens has 50 MB; real ones have up to 1.2 MB.
constexpr std::uint64_t config_limit = 64u << 20;

// In the order in which transformers adds them to a vocabulary that lacks them.
constexpr std::array<const char*, 7> special_names = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                      "pad_token", "cls_token", "mask_token"};
// Everything that tokenizers of Hugging Face read beside what more_templates has.
constexpr std::array<std::string_view, 8> file_names{
    "added_tokens.json", "chat_template.jinja",   "merges.txt", "special_tokens_map.json", "tokenizer.json",
    "tokenizer.model",   "tokenizer_config.json", "vocab.json"};
constexpr std::string_view more_templates = "additional_chat_templates", template_ending = ".jinja";
constexpr std::array<const char*, 4> marks = {"single_word", "lstrip", "rstrip", "normalized"};

[[noreturn]] void refuse(const Place& where, std::string_view wanted) {
    throw Error(ErrorKind::input, fmt::format("{} must be {}", where.path.empty() ? "the file" : where.path, wanted),
                where, "take this file again from where the model comes from");
}

Place at(const Place& where, const std::string& key) {
    return {.file = where.file, .path = join_path(where.path, key)};
}

std::string text_of(const Json& value, const Place& where) {
    if (!value.is_string()) refuse(where, "a string");
    return value.get<std::string>();
}

// A token is a string, or an object with its text and marks.
std::string token_of(const Json& value, const Place& where) {
    if (!value.is_object()) return text_of(value, where);
    if (!value.contains("content")) refuse(at(where, "content"), "there");
    return text_of(value["content"], at(where, "content"));
}

bool mark_of(const Json& token, const char* mark, bool fallback, const Place& where) {
    if (!token.contains(mark)) return fallback;
    if (!token[mark].is_boolean()) refuse(at(where, mark), "true or false");
    return token[mark].get<bool>();
}

// A token with all its marks, as tokenizer.json has them.
Json whole_token(const Json& value, bool special, const Place& where) {
    Json token = {{"content", token_of(value, where)}};
    special = mark_of(value, "special", special, where);
    for (const char* mark : marks) {
        const bool fallback = std::string_view(mark) == "normalized" && !special;
        token[mark] = mark_of(value, mark, fallback, where);
    }
    token["special"] = special;
    return token;
}

std::optional<bool> rule_of(const Json& object, const char* key, const Place& where) {
    if (!object.contains(key) || object[key].is_null()) return {};
    return mark_of(object, key, false, where);
}

void add_special(TokenizerConfig& config, const Json& object, const Place& where) {
    for (const char* name : special_names) {
        if (!object.contains(name)) continue;
        config.special.erase(name);
        if (!object[name].is_null()) config.special[name] = token_of(object[name], at(where, name));
    }
}

// In the order of their ids, as transformers adds them.
void add_tokens(TokenizerConfig& config, const Json& object, const Place& where) {
    const auto decoder = object.find("added_tokens_decoder");
    if (decoder == object.end()) return;
    const Place there = at(where, "added_tokens_decoder");
    if (!decoder->is_object()) refuse(there, "an object of tokens by id");
    std::map<unsigned long, const Json*> by_id;
    for (const auto& [id, token] : decoder->items()) {
        if (id.empty() || id.size() > 9 || id.find_first_not_of("0123456789") != std::string::npos)
            refuse(at(there, id), "named by an id");
        by_id[std::stoul(id)] = &token;
    }
    for (const auto& [id, token] : by_id) {
        const Place place = at(there, std::to_string(id));
        if (!token->is_object()) refuse(place, "an object with the token's content");
        config.added.push_back(whole_token(*token, false, place));
    }
}

void add_extra(TokenizerConfig& config, const Json& object, const Place& where) {
    for (const char* name : {"additional_special_tokens", "extra_special_tokens"}) {
        if (!object.contains(name) || object[name].is_null()) continue;
        const Place there = at(where, name);
        if (!object[name].is_structured()) refuse(there, "a list of tokens");
        for (const Json& token : object[name])  // a list, or an object of tokens by their names
            config.added.push_back(token.is_object() ? whole_token(token, true, there) : Json(token_of(token, there)));
    }
}

void add_templates(TokenizerConfig& config, const Json& object, const Place& where) {
    const auto given = object.find("chat_template");
    if (given == object.end() || given->is_null()) return;
    const Place there = at(where, "chat_template");
    if (given->is_string()) {
        config.chat_templates["default"] = given->get<std::string>();
        return;
    }
    if (!given->is_array()) refuse(there, "a string, or a list of templates with their names");
    for (std::size_t i = 0; i < given->size(); ++i) {
        const Json& item = (*given)[i];
        const Place place{.file = where.file, .path = join_path(there.path, i)};
        if (!item.is_object() || !item.contains("name") || !item.contains("template"))
            refuse(place, "an object with a name and a template");
        config.chat_templates[text_of(item["name"], at(place, "name"))] =
            text_of(item["template"], at(place, "template"));
    }
}

Json parse_object(std::string_view text, const std::string& file) {
    Json object = parse_json(text, file);
    if (!object.is_object()) refuse({.file = file}, "a JSON object");
    return object;
}

Json read_object(const Files& files, const std::string& path) {
    return files.exists(path) ? parse_object(files.read(path, config_limit), path) : Json::object();
}

// Of the templates in more_templates, without the ending.
std::vector<std::string> names_of_more(const Files& files, const std::string& folder) {
    std::vector<std::string> names;
    const std::string there = fmt::format("{}/{}", folder, more_templates);
    if (!files.is_folder(there)) return names;
    for (const std::string& name : files.list(there))
        if (name.ends_with(template_ending)) names.push_back(name.substr(0, name.size() - template_ending.size()));
    return names;
}

std::string file_of_more(const std::string& name) {
    return fmt::format("{}/{}{}", more_templates, name, template_ending);
}

// Last, when every file had its say.
void add_special_to_vocabulary(TokenizerConfig& config) {
    for (const char* name : special_names)
        if (config.special.contains(name)) config.added.push_back(config.special[name]);
}

TokenizerConfig parse(const Json& object, const Place& where) {
    TokenizerConfig config;
    add_special(config, object, where);
    add_tokens(config, object, where);
    config.add_bos_token = rule_of(object, "add_bos_token", where);
    config.add_eos_token = rule_of(object, "add_eos_token", where);
    add_templates(config, object, where);
    return config;
}

}  // namespace

TokenizerConfig parse_tokenizer_config(std::string_view text, const std::string& file) {
    const Json object = parse_object(text, file);
    TokenizerConfig config = parse(object, {.file = file});
    add_special_to_vocabulary(config);
    add_extra(config, object, {.file = file});
    return config;
}

TokenizerConfig read_tokenizer_config(const Files& files, const std::string& folder) {
    const Place where{.file = folder + "/tokenizer_config.json"}, map{.file = folder + "/special_tokens_map.json"};
    const Json object = read_object(files, where.file);
    TokenizerConfig config = parse(object, where);
    const Json old = object.contains("added_tokens_decoder") ? Json::object() : read_object(files, map.file);
    add_special(config, old, map);
    add_special_to_vocabulary(config);
    add_extra(config, object, where);
    add_extra(config, old, map);

    if (const std::string path = folder + "/chat_template.jinja"; files.exists(path))
        config.chat_templates["default"] = files.read(path, config_limit);
    for (const std::string& name : names_of_more(files, folder))
        config.chat_templates[name] = files.read(folder + "/" + file_of_more(name), config_limit);
    return config;
}

std::vector<std::string> tokenizer_file_names(const Files& files, const std::string& folder) {
    std::vector<std::string> names;
    for (const std::string_view name : file_names)
        if (files.is_file(fmt::format("{}/{}", folder, name))) names.emplace_back(name);
    for (const std::string& name : names_of_more(files, folder)) names.push_back(file_of_more(name));
    return names;
}

std::map<std::string, std::int32_t> read_model_token_ids(const Files& files, const std::string& folder) {
    std::map<std::string, std::int32_t> ids;
    for (const char* file : {"/generation_config.json", "/config.json"}) {
        const Json object = read_object(files, folder + file);
        for (const char* name : {"bos_token", "eos_token", "pad_token"}) {
            Json id = object.value(std::string(name) + "_id", Json());
            if (id.is_array() && !id.empty()) id = Json(id.front());
            if (id.is_number_unsigned() && id <= std::numeric_limits<std::int32_t>::max())
                ids.try_emplace(name, id.get<std::int32_t>());
        }
    }
    return ids;
}

}  // namespace ktrain::trainer
