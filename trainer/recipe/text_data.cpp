// From data files to token stores and from those to batches.
#include "trainer/recipe/text_data.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "core/base/file_error.h"
#include "trainer/data/data_files.h"
#include "trainer/recipe/text_encoding.h"

namespace ktrain::trainer {
namespace {

// The lengths of a set's rows by their index; those of other rows are 0, which packing leaves out.
std::vector<std::uint32_t> lengths_of(const TokenStore& store, const Order& rows) {
    const std::vector<std::uint32_t> all = store.lengths();
    std::vector<std::uint32_t> lengths(all.size(), 0);
    for (const std::uint32_t row : rows) lengths[row] = all[row];
    return lengths;
}

Order all_rows(const TokenStore& store) {
    Order rows(store.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

// The field of the spec that names the rows to evaluate on.
const char* evaluation_field(const TrainingSpec& spec) {
    return spec.data.eval_dataset_path.empty() ? "data.dataset_path" : "data.eval_dataset_path";
}

// `field`: of the spec, which names the data.
void check(const TextSet& set, const std::string& field, const std::string& path, const DecoderConfig& model) {
    const StoreTotals& totals = set.store().totals();
    if (totals.largest_id >= model.shape.vocab)
        refuse_field(
            "model.tokenizer_name",
            fmt::format("the data have the token {}, but the model has {} only", totals.largest_id, model.shape.vocab),
            "use the tokenizer of the model, and rows of tokens that were made with it");
    if (set.labels() == 0)
        refuse_field(
            field, fmt::format("there is nothing to learn in {}", path),
            "every token is masked or cut off: see objective.max_length, completion_only_loss, assistant_only_loss");
    if (set.longest() > model.positions)
        refuse_field(
            "objective.max_length",
            fmt::format("a sequence has {} tokens, but the model has {} positions", set.longest(), model.positions),
            fmt::format("--set objective.max_length={}", model.positions));
}

TextSource source_of(const ModelFolder& folder, const std::string& day = "") {
    return {folder.tokenizer, folder.head ? &*folder.head : nullptr, day, folder.config.shape.vocab};
}

Json identity_of(const TrainingSpec& spec, const TokenStore& train) {
    Json identity = {{order_member, order_version},
                     {"data.validation_split", spec.data.validation_split},
                     {"data.shuffle", spec.data.shuffle},
                     {"objective.max_length", spec.objective.max_length},
                     {"objective.packing", spec.objective.packing},
                     {"training.group_by_length", spec.training.group_by_length},
                     {"training.seed", spec.training.seed},
                     {"training.per_device_train_batch_size", spec.training.per_device_train_batch_size},
                     {"training.gradient_accumulation_steps", spec.training.gradient_accumulation_steps}};
    if (spec.objective.type == "reward")
        identity["objective.center_rewards_coefficient"] = spec.objective.center_rewards_coefficient;
    identity.update(TextEncoding::identity(train.key()));
    return identity;
}

void warn_of_long_rows(const TextSet& set, const TrainingSpec& spec, const char* purpose, const Host& host) {
    if (set.dropped() > 0)
        host.warn(fmt::format("{} rows to {} on are left out: they have more than objective.max_length {} tokens",
                              set.dropped(), purpose, spec.objective.max_length));
}

// `made`: the store now, when rows without a token to learn were counted.
void warn(const TextSet& set, const TrainingSpec& spec, const char* purpose, bool made, const Host& host) {
    const std::int64_t max_length = spec.objective.max_length;
    warn_of_long_rows(set, spec, purpose, host);
    if (set.cut_tokens() > 0)
        host.warn(fmt::format("objective.max_length {} cuts {} of {} tokens off{}", max_length, set.cut_tokens(),
                              set.store().totals().tokens,
                              set.cut_away() == 0 ? ""
                                                  : fmt::format(", and of {} of {} sequences all that is to be learned",
                                                                set.cut_away(), set.sequences())));
    if (const std::size_t masked = set.unlearned() - set.cut_away(); masked > 0 && !made)
        host.warn(fmt::format("{} of {} sequences have no token to learn", masked, set.sequences()));
}

}  // namespace

TextSet::TextSet(std::shared_ptr<const TokenStore> store, Order rows, const TrainingSpec& spec, std::size_t batch_size,
                 bool trains)
    : store_(std::move(store)),
      objective_(text_objective(spec.objective)),
      rows_(std::move(rows)),
      batch_size_(batch_size) {
    const auto max_length = static_cast<std::uint32_t>(spec.objective.max_length);
    if (objective_.too_long == TooLong::left_out) drop_long(max_length);
    for (const std::uint32_t row : rows_)
        for (std::uint32_t number = 0; number < store_->form().sequences; ++number) {
            const std::size_t length = store_->sequence(row, number).size();
            longest_ = std::max(longest_, static_cast<std::int64_t>(std::min<std::size_t>(length, max_length)));
            cut_tokens_ += length > max_length ? length - max_length : 0;
        }
    const std::vector<std::uint32_t> lengths = lengths_of(*store_, rows_);
    if (spec.objective.packing) {
        packing_ = pack(lengths, max_length,
                        objective_.too_long == TooLong::goes_on ? PackingStrategy::bfd_split : PackingStrategy::bfd);
        cut_tokens_ = packing_->cut_tokens;
    }
    items_ = packing_ ? packing_->bins() : rows_.size();
    count_labels(max_length);
    if (items_ == 0)
        refuse_field(trains ? "data.dataset_path" : evaluation_field(spec),
                     fmt::format("there is no row to {} on", trains ? "train" : "evaluate"),
                     dropped_ > 0
                         ? fmt::format("each has more than objective.max_length {} tokens: raise it", max_length)
                     : trains && spec.data.validation_split > 0 ? "give more rows, or a smaller data.validation_split"
                                                                : "give rows that are not empty");
    options_ = {.layout = packing_ ? BatchLayout::padded : BatchLayout::padding_free,
                .max_length = max_length,
                .labels = !objective_.scores_texts};
    SamplerOptions order{.batch_size = batch_size,
                         .seed = static_cast<std::uint64_t>(spec.training.seed),
                         .shuffle = trains && spec.data.shuffle};
    if (trains && spec.training.group_by_length && !packing_)
        for (const std::uint32_t row : rows_)
            order.lengths.push_back(std::min<std::uint32_t>(lengths[row], max_length * store_->form().sequences));
    sampler_ = std::make_unique<Sampler>(items_, std::move(order));
}

// A comparison of answers that were cut would be another one.
void TextSet::drop_long(std::uint32_t max_length) {
    dropped_ = std::erase_if(rows_, [&](std::uint32_t row) {
        for (std::uint32_t number = 0; number < store_->form().sequences; ++number)
            if (store_->sequence(row, number).size() > max_length) return true;
        return false;
    });
}

// The first token of a sequence is never learned: nothing predicts it.
void TextSet::count_labels(std::uint32_t max_length) {
    if (objective_.scores_texts) {
        labels_ = items_;
        return;
    }
    const auto labels_in = [](std::span<const Token> tokens) {
        const std::span<const Token> predicted = tokens.subspan(std::min<std::size_t>(tokens.size(), 1));
        return static_cast<std::uint64_t>(std::ranges::count_if(predicted, &Token::learned));
    };
    // `kept`: of the sequence, all that is read of it where it is cut.
    const auto count = [&](std::span<const Token> sequence, std::span<const Token> kept) {
        const std::uint64_t labels = labels_in(kept);
        labels_ += labels;
        unlearned_ += labels == 0 ? 1 : 0;
        cut_away_ += labels == 0 && labels_in(sequence) > 0 ? 1 : 0;
    };
    if (packing_) {
        const bool cuts = objective_.too_long == TooLong::cut;
        for (const Piece& piece : packing_->pieces) {
            const auto sequence = store_->sequence(piece.row), kept = sequence.subspan(piece.begin, piece.length);
            count(cuts ? sequence : kept, kept);
        }
        return;
    }
    for (const std::uint32_t row : rows_) {
        const auto sequence = store_->sequence(row);
        count(sequence, sequence.first(std::min<std::size_t>(sequence.size(), max_length)));
    }
}

std::unique_ptr<Loader> TextSet::load(std::uint64_t epoch, std::uint64_t first, std::size_t workers) const {
    const std::uint64_t begin = epoch * sampler_->batches_per_epoch();
    return std::make_unique<Loader>(LoaderPlan{.store = *store_,
                                               .packing = packing_ ? &*packing_ : nullptr,
                                               .sampler = *sampler_,
                                               .rows = packing_ ? nullptr : &rows_,
                                               .batch = options_,
                                               .first = begin + first,
                                               .end = begin + sampler_->batches_per_epoch(),
                                               .workers = workers});
}

Json TextData::info() const {
    const auto count = [](const std::unique_ptr<TextSet>& set) { return set ? set->samples() : 0; };
    const StoreTotals& totals = train->store().totals();
    Json json = {{"objective", objective.name},      {"train_size", count(train)},    {"val_size", count(evaluation)},
                 {"train_rows", totals.rows},        {"train_tokens", totals.tokens}, {"longest", train->longest()},
                 {"cut_tokens", train->cut_tokens()}};
    if (objective.scores_texts)
        json["dropped_rows"] = train->dropped();
    else
        json["learned_tokens"] = train->labels();
    if (!classes.empty()) json["classes"] = classes;
    return json;
}

std::optional<TextData> open_text_data(const TrainingSpec& spec, const ModelFolder& folder, const Tokenizer& tokenizer,
                                       const Host& host, const TextOrigin& origin) {
    const TextSource source = source_of(folder, origin.day);
    const TextEncoding encoding(spec, tokenizer, source, host, origin.scratch);
    const RunSplits splits = splits_of_run(spec);
    const CachedStore cached = encoding.store(splits.train);
    const auto& store = cached.tokens;
    if (!store) return std::nullopt;
    Split rows = hold_out(spec, splits, store->rows());
    const auto batch = static_cast<std::size_t>(spec.training.per_device_train_batch_size);
    const auto eval_batch = static_cast<std::size_t>(spec.training.per_device_eval_batch_size);
    TextData data{
        .train = {}, .evaluation = {}, .objective = text_objective(spec.objective), .classes = {}, .identity = {}};
    if (source.head != nullptr && source.head->size() > 1) data.classes = source.head->labels;
    if (splits.evaluation) {
        const auto eval_store = encoding.store(*splits.evaluation).tokens;
        if (!eval_store) return std::nullopt;
        data.evaluation = std::make_unique<TextSet>(eval_store, all_rows(*eval_store), spec, eval_batch, false);
    } else if (!rows.validation.empty()) {
        data.evaluation = std::make_unique<TextSet>(store, std::move(rows.validation), spec, eval_batch, false);
    }
    data.train = std::make_unique<TextSet>(store, std::move(rows.train), spec, batch, true);
    check(*data.train, "data.dataset_path", spec.data.dataset_path, folder.config);
    if (data.evaluation)
        check(
            *data.evaluation, evaluation_field(spec),
            splits.evaluation ? splits.evaluation->files.front() : "the validation split of " + spec.data.dataset_path,
            folder.config);
    warn(*data.train, spec, "train", cached.made, host);
    if (data.evaluation) warn_of_long_rows(*data.evaluation, spec, "evaluate", host);
    data.identity = identity_of(spec, *store);
    return data;
}

std::unique_ptr<TextSet> open_evaluation(const TrainingSpec& spec, const ModelFolder& folder,
                                         const Tokenizer& tokenizer, const Host& host, const std::string& scratch) {
    const TextEncoding encoding(spec, tokenizer, source_of(folder), host, scratch);
    const std::string& apart = spec.data.eval_dataset_path;
    const RunSplits splits =
        apart.empty() ? splits_of_run(spec) : RunSplits{{}, evaluation_split(find_data(real_files(), apart), apart)};
    const DataSplit& split = splits.evaluation ? *splits.evaluation : splits.train;
    const CachedStore cached = encoding.store(split);
    const auto& store = cached.tokens;
    if (!store) return nullptr;
    Split rows = hold_out(spec, splits, store->rows());
    const auto batch = static_cast<std::size_t>(spec.training.per_device_eval_batch_size);
    auto set = std::make_unique<TextSet>(store, std::move(rows.validation.empty() ? rows.train : rows.validation), spec,
                                         batch, false);
    check(*set, evaluation_field(spec), split.files.front(), folder.config);
    warn(*set, spec, "evaluate", cached.made, host);
    return set;
}

}  // namespace ktrain::trainer
