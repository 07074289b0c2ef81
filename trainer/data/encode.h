// Tokenising of a whole table by threads into a token store.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "trainer/data/example.h"
#include "trainer/data/rows.h"
#include "trainer/data/token_store.h"

namespace ktrain::trainer {

struct EncodeJob {
    const Rows& rows;
    const RowReader& reader;
    // Called by all workers at once. Errors: Error at the place, which then ends the whole job.
    std::function<EncodedRow(const Example& example, const Place& place)> encode;
    std::size_t workers = 0;                                // threads; 0: the caller alone
    std::function<void(std::uint64_t done)> progress = {};  // rows so far, now and then, by the caller's thread
    std::function<bool()> stop = {};                        // asked as often; true: give up
};

struct EncodeReport {
    std::uint64_t rows = 0;       // read
    std::uint64_t empty = 0;      // left out: nothing in them
    std::uint64_t unlearned = 0;  // kept, but without a token to learn
    std::optional<Place> first_empty, first_unlearned;
};

// Adds all rows in their order, so that the file is the same for any number of workers; never more than a few chunks of
// rows are in memory. Nothing when it was stopped. Errors: of the first wrong row in the order of rows; of the writer.
std::optional<EncodeReport> encode_rows(const EncodeJob& job, TokenStoreWriter& writer);

}  // namespace ktrain::trainer
