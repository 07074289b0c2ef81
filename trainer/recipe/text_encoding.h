// Rows of texts to a store of tokens, made once for the same files, tokenizer and settings.
#pragma once

#include <memory>
#include <optional>

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/data/data_files.h"
#include "trainer/data/rows.h"
#include "trainer/data/token_store.h"
#include "trainer/objective/text_objective.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// How rows are read for an objective, all in the shape of the first. Errors: those of RowReader.
RowReader row_reader(const Rows& rows, const ObjectiveSpec& objective);

// What a run reads: the rows it trains on, and those it is evaluated on where they are given apart.
struct RunSplits {
    DataSplit train;
    std::optional<DataSplit> evaluation;  // of data.eval_dataset_path, or the split "validation" beside the other
};
// Errors: those of find_data, split_called and evaluation_split.
RunSplits splits_of_run(const TrainingSpec& spec);

// The rows, of as many as there are to train on, that a run trains on, and those that data.validation_split holds out
// of them: none where others are given apart.
Split hold_out(const TrainingSpec& spec, const RunSplits& splits, std::uint64_t rows);

// Where stores are kept: data.cache_dir, or beside what the run writes.
std::string cache_folder(const TrainingSpec& spec);

struct TextSource {
    std::string tokenizer;            // its folder
    const ScoreHead* head = nullptr;  // of a run that scores texts
    std::string day = {};             // "2026-01-31": what templates take for today; empty: today
    std::int64_t vocab = 0;           // of the model: ids in rows of tokens are below it; 0: not known
};

struct CachedStore {
    std::shared_ptr<const TokenStore> tokens;  // none when the host asked to stop
    std::string path;
    bool made = false;  // now, and what is wrong with rows is said; else it was there, and current
};

class TextEncoding {
public:
    // All must outlive it. New stores are made in `scratch`; where it is empty, in data.cache_dir. Errors: those of
    // Encoder.
    TextEncoding(const TrainingSpec& spec, const Tokenizer& tokenizer, const TextSource& source, const Host& host,
                 std::string scratch = "");

    // The store in data.cache_dir, made anew unless it is there and current. Errors: Error{input} at the row that
    // cannot be used; those of TokenStoreWriter.
    CachedStore store(const DataSplit& split) const;

    // One row alone; nothing for one that is empty. Errors: Error{input} at the row.
    std::optional<EncodedRow> row(const Rows& rows, std::uint64_t index) const;

    // What a store's key says, by the field of the spec that decides it.
    static Json identity(const std::string& key);
    // The member of it that no field decides: the day that templates with strftime_now() tell, where rows are rendered
    // by one. It is all they get of the time: their clock stands at noon.
    static constexpr const char* day_member = "day of strftime_now";

private:
    std::string key(const DataSplit& split) const;
    std::string tokenizer_with_ids() const;
    std::string objective_with_labels() const;
    bool tells_day(const DataSplit& split) const;
    std::string path(const std::string& folder, const DataSplit& split, const std::string& key) const;
    void check_ids(const TokenExample& example) const;
    EncodedRow encode(const Example& example, const Place& place) const;
    bool write(const DataSplit& split, TokenStoreWriter& writer) const;

    const TrainingSpec& spec_;
    const TextObjective& objective_;
    const Tokenizer& tokenizer_;
    std::string digest_;
    const ScoreHead* head_;
    std::int64_t vocab_;
    std::optional<LabelMap> labels_;
    const Host& host_;
    std::string scratch_;
    std::string day_;
    Encoder encoder_;
};

}  // namespace ktrain::trainer
