// Which items make up each batch: a pure function of seed, epoch and number.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "trainer/data/order.h"

namespace ktrain::trainer {

struct SamplerOptions {
    std::size_t batch_size = 1;  // items of a batch
    std::uint64_t seed = 0;
    bool shuffle = true;  // else in order, every epoch
    // Batches of items that are alike in length: the lengths of all items, or empty. As group_by_length of
    // transformers: shuffled, then sorted by length within every 50 batches, the longest item of all first.
    std::vector<std::uint32_t> lengths = {};
};

// The last batch of an epoch has what is left.
class Sampler {
public:
    // Errors: Error{input} for no items, or more than can be numbered.
    Sampler(std::size_t items, SamplerOptions options);

    std::uint64_t batches_per_epoch() const { return batches_; }

    // The items of batch `number` of all epochs: the first of epoch e is number e * batches_per_epoch(). Takes the time
    // of its items, wherever it is, and by length once an epoch that of a sort: to resume is to go on with another
    // number. By any thread.
    Order batch(std::uint64_t number) const;

private:
    std::shared_ptr<const Order> order_by_length(std::uint64_t epoch) const;
    Order sort_epoch(std::uint64_t epoch) const;

    std::size_t items_;
    SamplerOptions options_;
    std::uint64_t batches_;
    mutable std::mutex mutex_;
    struct Epoch {
        std::uint64_t number;
        std::shared_ptr<const Order> order;
    };
    mutable std::vector<Epoch> recent_;  // two: threads cross the end of an epoch one by one
};

}  // namespace ktrain::trainer
