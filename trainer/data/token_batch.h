// A batch of tokens as the step takes it, without libtorch.
#pragma once

#include <cstdint>
#include <vector>

#include "trainer/data/order.h"
#include "trainer/data/packing.h"
#include "trainer/data/token_store.h"

namespace ktrain::trainer {

// Tokens that attend to each other and to no others.
struct Segment {
    std::int64_t begin, length;  // begin: in the batch, row after row
    bool operator==(const Segment&) const = default;
};

// [rows, width] matrices, row after row. A label stands at its own token, not at the one that predicts it; -100: none.
struct TokenBatch {
    std::int64_t rows = 0, width = 0;
    std::vector<std::int64_t> ids, labels;
    std::vector<std::int64_t> positions;  // from 0 in every segment; 0 where nothing is
    std::vector<std::int64_t> starts;     // index in its row of the first token of the segment; itself where nothing is
    std::vector<Segment> segments;        // in the order of the samples; of pairs all chosen, then all rejected
    std::int64_t label_tokens = 0;        // labels that are not -100
    std::vector<double> numbers;          // of the samples, each as many as the store has
};

enum class BatchLayout {
    padded,        // a row a segment (or a bin), as wide as the longest
    padding_free,  // one row, all segments behind each other
};

struct BatchOptions {
    BatchLayout layout = BatchLayout::padded;
    std::int32_t pad_token = 0;             // what stands where nothing is; no label, and seen by no token
    std::uint32_t max_length = UINT32_MAX;  // sequences are cut there; packed ones were cut before
    // Whether learned tokens become labels; the first token of a segment never does: nothing predicts it.
    bool labels = true;
};

// The samples are rows of the store, or bins of the packing where there is one.
TokenBatch make_batch(const TokenStore& store, const Packing* packing, const Order& samples,
                      const BatchOptions& options);

}  // namespace ktrain::trainer
