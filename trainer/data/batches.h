// Batches of one pass over a list of samples, prepared ahead of use by threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "trainer/data/augment.h"
#include "trainer/data/order.h"
#include "trainer/data/ring.h"

namespace ktrain::trainer {

struct Batch {
    at::Tensor images;  // [n, channels, height, width], float
    at::Tensor labels;  // [n], int64
};

struct BatchPlan {
    Order order;              // the samples of the pass
    std::size_t first = 0;    // position in `order` to begin at
    std::size_t size = 1;     // samples of a batch; the last may be smaller
    std::size_t workers = 0;  // threads; 0: prepared by next() itself
    std::uint64_t seed = 0;   // with the epoch and the sample's index, all that the augmentation depends on
    std::uint64_t epoch = 0;
};

// The batches come in order and are the same for any number of workers.
class Batches {
public:
    // `set` and `transform` must outlive it.
    Batches(const ImageSet& set, const Transform& transform, BatchPlan plan);

    std::optional<Batch> next() { return ring_.next(); }  // nothing after the last

private:
    std::size_t count() const;
    Batch make(std::size_t number) const;

    const ImageSet& set_;
    const Transform& transform_;
    BatchPlan plan_;
    Ring<Batch> ring_;
};

}  // namespace ktrain::trainer
