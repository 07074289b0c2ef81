// What of each kind of example is learned, and the stores of tokens.
#include "trainer/recipe/text_encoding.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/place.h"
#include "trainer/data/encode.h"

namespace ktrain::trainer {
namespace {

EncodedRow row_of(const TokenIds& ids, const auto& learned) {
    EncodedRow row;
    auto& sequence = row.sequences.emplace_back();
    sequence.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) sequence.emplace_back(ids[i], static_cast<bool>(learned[i]));
    return row;
}

// One overload for each kind of example that a language model is trained on.
struct Encode {
    const Encoder& encoder;
    const ObjectiveSpec& objective;

    Tokens operator()(const PlainExample& example) const { return encoder.text(example.text); }
    Tokens operator()(const ChatExample& example) const {
        return encoder.chat(example.messages, {.tools = example.tools, .documents = {}, .more = {}},
                            objective.assistant_only_loss ? Learn::assistant : Learn::all);
    }
    Tokens operator()(const PromptCompletion& example) const {
        Tokens tokens =
            std::holds_alternative<Json>(example.prompt)
                ? encoder.chat_completion(std::get<Json>(example.prompt), std::get<Json>(example.completion),
                                          {.tools = example.tools, .documents = {}, .more = {}})
                : encoder.completion(std::get<std::string>(example.prompt), std::get<std::string>(example.completion));
        if (!objective.completion_only_loss) std::ranges::fill(tokens.learned, std::uint8_t{1});
        return tokens;
    }
    Tokens operator()(const TokenExample& example) const {
        return {example.ids, {example.learned.begin(), example.learned.end()}, false};
    }
    Tokens operator()(const auto&) const {
        throw Error(ErrorKind::bug, "a row of another shape was accepted for a language model");
    }
};

const std::vector<RowShape>& accepted(const ObjectiveSpec& objective) {
    static const std::vector<RowShape> texts{RowShape::tokens, RowShape::plain};
    static const std::vector<RowShape> all{RowShape::tokens, RowShape::prompt_completion,
                                           RowShape::chat,   RowShape::sharegpt,
                                           RowShape::alpaca, RowShape::plain};
    return objective.type == "pretrain" ? texts : all;
}

}  // namespace

TextEncoding::TextEncoding(const TrainingSpec& spec, const Tokenizer& tokenizer, std::string digest, const Host& host,
                           std::string scratch)
    : spec_(spec),
      tokenizer_(tokenizer),
      digest_(std::move(digest)),
      host_(host),
      scratch_(std::move(scratch)),
      encoder_(tokenizer,
               {.max_length = 0, .now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())}) {}

std::string TextEncoding::key(const DataSplit& split) const {
    Json templates = Json::object();
    for (const auto& [name, source] : tokenizer_.config().chat_templates) templates[name] = sha256(source);
    return Json{{"data.dataset_path", "rows with SHA-256 " + content_digest(split).substr(0, 16)},
                {"model.tokenizer_name", "files with SHA-256 " + digest_.substr(0, 16)},
                {"chat_template", templates},
                {"objective.type", spec_.objective.type == "pretrain" ? "pretrain" : "sft"},
                {"objective.completion_only_loss", spec_.objective.completion_only_loss},
                {"objective.assistant_only_loss", spec_.objective.assistant_only_loss},
                {"objective.dataset_text_field", spec_.objective.dataset_text_field}}
        .dump();
}

Json TextEncoding::identity(const std::string& key) {
    return parse_json(key, "the key of a token store");
}

std::string TextEncoding::cache() const {
    return spec_.data.cache_dir.empty() ? spec_.output_dir + "/cache" : spec_.data.cache_dir;
}

std::string TextEncoding::path(const std::string& folder, const DataSplit& split, const std::string& key) const {
    return fmt::format("{}/{}-{}.tokens", folder, split.name, sha256(key).substr(0, 16));
}

std::string TextEncoding::current(const DataSplit& split) const {
    const std::string wanted = key(split), there = path(cache(), split, wanted);
    return open_current_store(there, wanted, {}) ? there : "";
}

std::shared_ptr<const TokenStore> TextEncoding::store(const DataSplit& split) const {
    const std::string wanted = key(split);
    if (auto store = open_current_store(path(cache(), split, wanted), wanted, {}))
        return std::make_shared<TokenStore>(std::move(*store));
    const std::string folder = scratch_.empty() ? cache() : scratch_;
    const std::string made = path(folder, split, wanted);
    real_files().make_folders(folder);
    TokenStoreWriter writer(made, {}, wanted);
    if (!write(split, writer)) return nullptr;
    writer.finish();
    return std::make_shared<TokenStore>(made);
}

RowReader TextEncoding::reader(const Rows& rows) const {
    ColumnNames names;
    if (spec_.objective.dataset_text_field != "text") names["text"] = spec_.objective.dataset_text_field;
    return {rows.read(0), rows.place(0), accepted(spec_.objective), names};
}

EncodedRow TextEncoding::encode(const Example& example, const Place& place) const try {
    const Tokens tokens = std::visit(Encode{encoder_, spec_.objective}, example);
    return row_of(tokens.ids, tokens.learned);
} catch (const Error& error) {  // it knows its template, not the row
    const std::string where = error.where.known() ? fmt::format(" ({})", to_string(error.where)) : "";
    throw Error(error.kind, error.message + where, place, error.hint);
}

std::optional<EncodedRow> TextEncoding::row(const Rows& rows, std::uint64_t index) const {
    const Place place = rows.place(index);
    const Example example = reader(rows).read(rows.read(index), place);
    if (is_empty(example)) return std::nullopt;
    return encode(example, place);
}

// False when the host asked to stop.
bool TextEncoding::write(const DataSplit& split, TokenStoreWriter& writer) const {
    const auto rows = open_rows(split);
    const RowReader rows_reader = reader(*rows);
    const EncodeJob job{
        .rows = *rows,
        .reader = rows_reader,
        .encode = [&](const Example& example, const Place& place) { return encode(example, place); },
        .workers = static_cast<std::size_t>(at::get_num_threads()),
        .progress =
            [&](std::uint64_t done) {
                host_.event(
                    {{"event", "tokenize"}, {"split", split.name}, {"rows", done}, {"rows_total", rows->size()}});
            },
        .stop = [&] { return host_.stop_signal() != 0; }};
    const auto report = encode_rows(job, writer);
    if (!report) return false;
    if (report->empty > 0)
        host_.warn(fmt::format("{} of {} rows are empty and left out, the first at {}", report->empty, report->rows,
                               to_string(*report->first_empty)));
    if (report->unlearned > 0)
        host_.warn(fmt::format("{} of {} rows have no token to learn, the first at {}", report->unlearned, report->rows,
                               to_string(*report->first_unlearned)));
    return true;
}

}  // namespace ktrain::trainer
