// Batches of one pass over a list of samples, prepared ahead of use by threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include "trainer/data/augment.h"
#include "trainer/data/order.h"

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
    ~Batches();  // stops the threads
    Batches(const Batches&) = delete;
    Batches& operator=(const Batches&) = delete;

    std::optional<Batch> next();  // nothing after the last

private:
    struct Ring;
    Batch make(std::size_t number) const;
    void work();

    const ImageSet& set_;
    const Transform& transform_;
    BatchPlan plan_;
    std::size_t count_ = 0;  // batches in all
    std::size_t taken_ = 0;
    std::unique_ptr<Ring> ring_;
};

}  // namespace ktrain::trainer
