// Calls the Rust library for every text; the rules of tokenizer_config.json for BOS and EOS are kept here.
#include "trainer/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

// Real ones have up to 35 MB.
constexpr std::uint64_t tokenizer_limit = 256u << 20;

// What the library says of texts and ids is our own fault: it takes every text.
void expect_done(const Answer& answer) {
    if (answer.failed()) throw Error(ErrorKind::bug, "the tokenizer failed: " + std::string(answer.text()));
}

[[noreturn]] void refuse_file(std::string_view json, std::string_view reason, const std::string& file) {
    if (json.starts_with("version https://git-lfs"))
        throw Error(ErrorKind::input, "this is a pointer of Git LFS, not the tokenizer itself", {.file = file},
                    "in the model's folder: git lfs pull");
    throw Error(ErrorKind::input, fmt::format("this is no tokenizer.json that can be read: {}", reason), {.file = file},
                "take the file again from where the model comes from");
}

}  // namespace

Tokenizer::Tokenizer(std::string_view json, TokenizerConfig config, const std::string& file)
    : config_(std::move(config)) {
    const std::string added = config_.added.dump(-1, ' ', false, Json::error_handler_t::replace);
    KtrainTokenizer* made = nullptr;
    const Answer answer(ktrain_tokenizer_new(json.data(), json.size(), added.data(), added.size(), &made));
    tokenizer_.reset(made);
    if (answer.failed()) refuse_file(json, answer.text(), file);
    special_.assign(answer.ids().begin(), answer.ids().end());
    std::sort(special_.begin(), special_.end());
    if (config_.add_bos_token.value_or(false)) bos_ = special_id("bos_token");
    if (config_.add_eos_token.value_or(false)) eos_ = special_id("eos_token");
}

Tokenizer Tokenizer::from_folder(const Files& files, const std::string& folder, const std::string& model) {
    const std::string path = folder + "/tokenizer.json";
    if (!files.exists(path)) {
        const bool old = files.exists(folder + "/tokenizer.model") || files.exists(folder + "/vocab.json");
        throw Error(ErrorKind::input, "the model has no tokenizer.json", {.file = folder},
                    old ? "load its tokenizer with transformers and save it: save_pretrained() writes tokenizer.json"
                        : "put the model's tokenizer.json into this folder");
    }
    const std::string json = files.read(path, tokenizer_limit), theirs = model + "/tokenizer.json";
    Tokenizer made(json, read_tokenizer_config(files, folder), path);
    made.add_ids_of_model(files, folder);
    // In another vocabulary an id is another token.
    if (!model.empty() && model != folder && files.exists(theirs) && files.read(theirs, tokenizer_limit) == json)
        made.add_ids_of_model(files, model);
    return made;
}

void Tokenizer::add_ids_of_model(const Files& files, const std::string& folder) {
    for (const auto& [name, id] : read_model_token_ids(files, folder))
        if (const auto token = token_of(id); token && config_.special.try_emplace(name, *token).second)
            ids_of_model_[name] = id;
}

Encoding Tokenizer::run(std::string_view text, bool add_special_tokens, bool spans) const {
    // A rule in tokenizer_config.json replaces what tokenizer.json adds, as in transformers 5.
    const bool own_rules = config_.add_bos_token || config_.add_eos_token;
    const Answer answer(
        ktrain_tokenizer_encode(tokenizer_.get(), text.data(), text.size(), add_special_tokens && !own_rules, spans));
    expect_done(answer);
    const bool first = add_special_tokens && bos_, last = add_special_tokens && eos_;
    Encoding result;
    result.ids.reserve(answer.ids().size() + 2);
    if (first) result.ids.push_back(*bos_);
    result.ids.insert(result.ids.end(), answer.ids().begin(), answer.ids().end());
    if (last) result.ids.push_back(*eos_);
    if (!spans) return result;
    result.text = answer.text();
    if (first) result.spans.push_back({});
    result.spans.insert(result.spans.end(), answer.spans().begin(), answer.spans().end());
    if (last) result.spans.push_back({result.text.size(), result.text.size()});
    return result;
}

TokenIds Tokenizer::encode(std::string_view text, bool add_special_tokens) const {
    return run(text, add_special_tokens, false).ids;
}

Encoding Tokenizer::encode_with_spans(std::string_view text, bool add_special_tokens) const {
    return run(text, add_special_tokens, true);
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
    const std::vector<std::uint32_t> copy(ids.begin(), ids.end());
    const Answer answer(ktrain_tokenizer_decode(tokenizer_.get(), copy.data(), copy.size(), skip_special_tokens));
    expect_done(answer);
    return std::string(answer.text());
}

std::optional<std::int32_t> Tokenizer::id_of(std::string_view token) const {
    const Answer answer(ktrain_tokenizer_id(tokenizer_.get(), token.data(), token.size()));
    if (answer.failed() || answer.ids().empty()) return {};
    return static_cast<std::int32_t>(answer.ids().front());
}

std::optional<std::string> Tokenizer::token_of(std::int32_t id) const {
    const Answer answer(ktrain_tokenizer_token(tokenizer_.get(), static_cast<std::uint32_t>(id)));
    expect_done(answer);
    if (answer.ids().empty()) return {};
    return std::string(answer.text());
}

bool Tokenizer::is_special(std::int32_t id) const {
    return std::binary_search(special_.begin(), special_.end(), id);
}

std::size_t Tokenizer::vocab_size() const {
    return ktrain_tokenizer_size(tokenizer_.get());
}

std::optional<std::int32_t> Tokenizer::special_id(const std::string& name) const {
    const auto token = config_.special.find(name);
    return token == config_.special.end() ? std::nullopt : id_of(token->second);
}

}  // namespace ktrain::trainer
