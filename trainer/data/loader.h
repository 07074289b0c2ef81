// Token batches of many epochs, prepared ahead of use by threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "trainer/data/ring.h"
#include "trainer/data/sampler.h"
#include "trainer/data/token_batch.h"

namespace ktrain::trainer {

struct LoaderPlan {
    const TokenStore& store;
    const Packing* packing = nullptr;  // its bins are the samples; else the rows of the store
    const Sampler& sampler;            // over as many samples
    const Order* rows = nullptr;  // without packing: the row of the store that each sample is; else it has its number
    BatchOptions batch = {};
    std::uint64_t first = 0, end = 0;  // batches of all epochs; those of epoch e begin at e * batches_per_epoch()
    std::size_t workers = 1;           // threads; 0: next() makes them itself
};

// The batches come in order and are the same for any number of workers. An epoch's end does not stop the workers.
class Loader {
public:
    // What the plan refers to must outlive it.
    explicit Loader(const LoaderPlan& plan);

    std::optional<TokenBatch> next() { return ring_.next(); }  // nothing after the last

private:
    TokenBatch make(std::uint64_t number) const;

    LoaderPlan plan_;
    Ring<TokenBatch> ring_;
};

}  // namespace ktrain::trainer
