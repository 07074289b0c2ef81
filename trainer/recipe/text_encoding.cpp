// Stores of tokens: when one is current, and how it is made.
#include "trainer/recipe/text_encoding.h"

#include <ATen/Parallel.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/place.h"
#include "trainer/data/encode.h"
#include "trainer/recipe/model_folder.h"

namespace ktrain::trainer {
namespace {

// In seconds since 1970, of local time, as templates tell it; nothing for what is no day.
std::optional<std::time_t> noon_of(const std::string& day) {
    std::tm date{};
    const char* end = ::strptime(day.c_str(), "%Y-%m-%d", &date);
    if (end == nullptr || *end != '\0') return std::nullopt;
    date.tm_hour = 12;
    date.tm_isdst = -1;
    return std::mktime(&date);
}

std::string day_or_today(const std::string& day) {
    if (noon_of(day)) return day;
    return fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
}

// Rows in which nobody is known to speak.
constexpr std::array without_turns{RowShape::tokens, RowShape::plain};

// Rows of these shapes are never rendered by a template.
constexpr std::array no_chats{RowShape::tokens, RowShape::labelled_text, RowShape::plain};

}  // namespace

RowReader row_reader(const Rows& rows, const ObjectiveSpec& objective) {
    ColumnNames names;
    if (objective.dataset_text_field != "text") names["text"] = objective.dataset_text_field;
    const auto shapes = text_objective(objective).shapes;
    const Json first = rows.read(0);
    try {
        RowReader reader(first, rows.place(0), {shapes.begin(), shapes.end()}, names, rows.typed());
        if (objective.assistant_only_loss && std::ranges::find(without_turns, reader.shape()) != without_turns.end())
            throw Error(ErrorKind::input,
                        fmt::format("objective.assistant_only_loss needs conversations, but these are {} rows",
                                    name_of(reader.shape())),
                        rows.place(0), "give rows of messages, or leave assistant_only_loss out");
        return reader;
    } catch (const Error& error) {
        const auto shape = shape_of(first, names);
        const std::string others = shape ? objectives_for(*shape) : "";
        // What has a text and more may lack a column only.
        if (others.empty() || *shape == RowShape::plain || std::ranges::find(shapes, *shape) != shapes.end()) throw;
        throw Error(error.kind, error.message, error.where,
                    fmt::format("these are {} rows: objective.type {} learns from them; or {}", name_of(*shape), others,
                                error.hint));
    }
}

RunSplits splits_of_run(const TrainingSpec& spec) {
    const DataSpec& data = spec.data;
    const std::vector<DataSplit> splits = find_data(real_files(), data.dataset_path);
    RunSplits run{split_called(splits, "train", data.dataset_path), {}};
    if (!data.eval_dataset_path.empty())
        run.evaluation = evaluation_split(find_data(real_files(), data.eval_dataset_path), data.eval_dataset_path);
    else if (const auto held = std::ranges::find(splits, "validation", &DataSplit::name); held != splits.end())
        run.evaluation = *held;
    return run;
}

Split hold_out(const TrainingSpec& spec, const RunSplits& splits, std::uint64_t rows) {
    const double share = splits.evaluation ? 0 : spec.data.validation_split;
    return split_samples(rows, share, static_cast<std::uint64_t>(spec.training.seed));
}

std::string cache_folder(const TrainingSpec& spec) {
    return spec.data.cache_dir.empty() ? spec.output_dir + "/cache" : spec.data.cache_dir;
}

TextEncoding::TextEncoding(const TrainingSpec& spec, const Tokenizer& tokenizer, const TextSource& source,
                           const Host& host, std::string scratch)
    : spec_(spec),
      objective_(text_objective(spec.objective)),
      tokenizer_(tokenizer),
      digest_(tokenizer_digest(source.tokenizer)),
      head_(source.head),
      vocab_(source.vocab),
      host_(host),
      scratch_(std::move(scratch)),
      day_(day_or_today(source.day)),
      encoder_(tokenizer, noon_of(day_).value_or(0)) {
    if (head_ != nullptr) labels_.emplace(*head_);
}

std::string TextEncoding::key(const DataSplit& split) const {
    Json templates = Json::object();
    for (const auto& [name, source] : tokenizer_.config().chat_templates) templates[name] = sha256(source);
    Json key = {{"data.dataset_path", "rows with SHA-256 " + content_digest(split).substr(0, 16)},
                {"model.tokenizer_name", tokenizer_with_ids()},
                {"chat_template", templates},
                {"objective.type", objective_with_labels()},
                {"objective.completion_only_loss", spec_.objective.completion_only_loss},
                {"objective.assistant_only_loss", spec_.objective.assistant_only_loss},
                {"objective.dataset_text_field", spec_.objective.dataset_text_field}};
    if (tells_day(split)) key[day_member] = day_;
    return key.dump();
}

std::string TextEncoding::tokenizer_with_ids() const {
    std::string text = "files with SHA-256 " + digest_.substr(0, 16);
    for (const auto& [name, id] : tokenizer_.ids_of_model())
        text += fmt::format(", {} {} by the model's config", name, id);
    return text;
}

// Whether other tokens may come of the rows on another day.
bool TextEncoding::tells_day(const DataSplit& split) const {
    const auto tells = [](const auto& named) { return named.second.find("strftime_now") != std::string::npos; };
    if (std::ranges::none_of(tokenizer_.config().chat_templates, tells)) return false;
    const auto rows = open_rows(split);
    return rows->size() > 0 &&
           std::ranges::find(no_chats, row_reader(*rows, spec_.objective).shape()) == no_chats.end();
}

// Numbers in a store are indices of these labels.
std::string TextEncoding::objective_with_labels() const {
    const std::string name(objective_.name);
    if (head_ == nullptr || head_->size() < 2) return name;
    return fmt::format("{} of {} labels with SHA-256 {}", name, head_->size(),
                       sha256(Json(head_->labels).dump()).substr(0, 16));
}

Json TextEncoding::identity(const std::string& key) {
    return parse_json(key, "the key of a token store");
}

std::string TextEncoding::path(const std::string& folder, const DataSplit& split, const std::string& key) const {
    return fmt::format("{}/{}-{}.tokens", folder, split.name, sha256(key).substr(0, 16));
}

CachedStore TextEncoding::store(const DataSplit& split) const {
    const std::string wanted = key(split), there = path(cache_folder(spec_), split, wanted);
    if (auto store = open_current_store(there, wanted, objective_.form))
        return {std::make_shared<TokenStore>(std::move(*store)), there};
    const std::string folder = scratch_.empty() ? cache_folder(spec_) : scratch_;
    const std::string made = path(folder, split, wanted);
    real_files().make_folders(folder);
    TokenStoreWriter writer(made, objective_.form, wanted);
    if (!write(split, writer)) return {};
    writer.finish();
    return {std::make_shared<TokenStore>(made), made, true};
}

// Those of a tokenizer are wrong together, and by no row's fault: their store is checked as a whole.
void TextEncoding::check_ids(const TokenExample& example) const {
    const auto beyond = std::ranges::find_if(example.ids, [&](std::int64_t id) { return vocab_ > 0 && id >= vocab_; });
    if (beyond == example.ids.end()) return;
    throw Error(ErrorKind::input,
                fmt::format("input_ids has {} at item {}, but the model has {} tokens only", *beyond,
                            beyond - example.ids.begin(), vocab_),
                {}, "make the rows with the tokenizer of this model");
}

EncodedRow TextEncoding::encode(const Example& example, const Place& place) const try {
    if (const auto* tokens = std::get_if<TokenExample>(&example)) check_ids(*tokens);
    return objective_.encode({encoder_, spec_.objective, labels_ ? &*labels_ : nullptr, example});
} catch (const Error& error) {  // it knows its template, not the row
    const std::string where = error.where.known() ? fmt::format(" ({})", to_string(error.where)) : "";
    throw Error(error.kind, error.message + where, place, error.hint);
}

std::optional<EncodedRow> TextEncoding::row(const Rows& rows, std::uint64_t index) const {
    const Place place = rows.place(index);
    const Example example = row_reader(rows, spec_.objective).read(rows.read(index), place);
    if (is_empty(example)) return std::nullopt;
    return encode(example, place);
}

// False when the host asked to stop.
bool TextEncoding::write(const DataSplit& split, TokenStoreWriter& writer) const {
    const auto rows = open_rows(split);
    const RowReader rows_reader = row_reader(*rows, spec_.objective);
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
