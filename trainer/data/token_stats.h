// Figures about the rows of a token store, as a person wants them before training.
#pragma once

#include <cstdint>

#include "trainer/data/order.h"
#include "trainer/data/packing.h"
#include "trainer/data/token_store.h"

namespace ktrain::trainer {

// Tokens of the sequences; percentiles are lengths that rows have (nearest rank).
struct LengthStats {
    std::uint32_t shortest = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, longest = 0;
    double mean = 0;
};

struct TokenStats {
    StoreTotals totals;
    LengthStats lengths;
    std::uint64_t unlearned_rows = 0;            // without a token to learn, before cutting
    std::uint64_t duplicate_rows = 0;            // the same tokens as a row before them
    std::uint64_t cut_rows = 0, cut_tokens = 0;  // longer than max_length, and what of them is beyond it
    std::uint64_t bins = 0;                      // sequences of max_length that hold all rows, packed
    double packing_efficiency = 0;               // tokens in them by the room they have
};

// Of these rows of a store. `max_length` and `strategy` as in pack(). Reads every token. Takes 40 bytes a row of
// memory.
TokenStats token_stats(const TokenStore& store, const Order& rows, std::uint32_t max_length, PackingStrategy strategy);
// Of all rows.
TokenStats token_stats(const TokenStore& store, std::uint32_t max_length, PackingStrategy strategy);

}  // namespace ktrain::trainer
