// The texts of a run: read, tokenised once into a store, and given out as batches.
#pragma once

#include <memory>
#include <optional>

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/data/loader.h"
#include "trainer/data/token_store.h"
#include "trainer/objective/text_objective.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// One pass over samples of a store: rows, or bins of packed rows.
class TextSet {
public:
    // `rows`: the rows of the store that belong to it. Errors: Error{input} for none.
    TextSet(std::shared_ptr<const TokenStore> store, Order rows, const TrainingSpec& spec, std::size_t batch_size,
            bool trains);

    std::int64_t samples() const { return static_cast<std::int64_t>(items_); }
    std::int64_t longest() const { return longest_; }  // tokens of a sequence, after cutting
    std::uint64_t cut_tokens() const { return cut_tokens_; }
    // What is learned in an epoch: tokens, or texts or pairs that are scored; and sequences without any, and how many
    // of those would have some if they were not cut.
    std::uint64_t labels() const { return labels_; }
    std::size_t unlearned() const { return unlearned_; }
    std::size_t cut_away() const { return cut_away_; }
    std::size_t sequences() const { return packing_ ? packing_->pieces.size() : rows_.size(); }
    std::size_t dropped() const { return dropped_; }  // rows that were too long
    const TokenStore& store() const { return *store_; }
    bool scores_texts() const { return objective_.scores_texts; }
    std::size_t batch_size() const { return batch_size_; }
    // The batches of an epoch from a batch of it on.
    std::unique_ptr<Loader> load(std::uint64_t epoch, std::uint64_t first, std::size_t workers) const;

private:
    void drop_long(std::uint32_t max_length);
    void count_labels(std::uint32_t max_length);

    std::shared_ptr<const TokenStore> store_;
    const TextObjective& objective_;
    Order rows_;
    std::optional<Packing> packing_;
    std::size_t items_ = 0, batch_size_ = 1;
    std::int64_t longest_ = 0;
    std::uint64_t cut_tokens_ = 0, labels_ = 0;
    std::size_t unlearned_ = 0, cut_away_ = 0, dropped_ = 0;
    BatchOptions options_;
    std::unique_ptr<Sampler> sampler_;
};

struct TextData {
    std::unique_ptr<TextSet> train, evaluation;  // evaluation may be absent
    const TextObjective& objective;
    std::vector<std::string> classes;  // that the texts are told apart by
    Json identity;                     // what decides the batches, by the field of the spec (TrainState::data)

    Json info() const;  // rows and tokens, for the start event and dataset_info.json
};

// How open_text_data() comes to its tokens.
struct TextOrigin {
    std::string scratch = {};  // where new stores are made; empty: in data.cache_dir
    std::string day = {};      // TextSource::day
};

// `tokenizer`: of the folder. Reads data.dataset_path (and eval_dataset_path, or a split of it), through the store in
// data.cache_dir where there is a current one. Nothing when the host
// asked to stop. Errors: Error{input} for what cannot be trained on, with its place: the readers', the encoder's,
// tokens that the model does not have, sequences beyond its positions.
std::optional<TextData> open_text_data(const TrainingSpec& spec, const ModelFolder& folder, const Tokenizer& tokenizer,
                                       const Host& host, const TextOrigin& origin = {});

// For a model that is only evaluated: the rows of data.eval_dataset_path (the training rows need not be there), or
// those held out of data.dataset_path, or all of it where none are. Otherwise as open_text_data().
std::unique_ptr<TextSet> open_evaluation(const TrainingSpec& spec, const ModelFolder& folder,
                                         const Tokenizer& tokenizer, const Host& host, const std::string& scratch = "");

}  // namespace ktrain::trainer
