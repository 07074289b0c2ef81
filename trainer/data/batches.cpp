// How a batch is made.
#include "trainer/data/batches.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "trainer/data/random.h"

namespace ktrain::trainer {

Batches::Batches(const ImageSet& set, const Transform& transform, BatchPlan plan)
    : set_(set),
      transform_(transform),
      plan_(std::move(plan)),
      ring_(count(), std::min(plan_.workers, count()), [this](std::size_t number) { return make(number); }) {}

std::size_t Batches::count() const {
    const std::size_t samples = plan_.order.size() - std::min(plan_.first, plan_.order.size());
    return (samples + plan_.size - 1) / plan_.size;
}

Batch Batches::make(std::size_t number) const {
    const std::size_t begin = plan_.first + number * plan_.size;
    const std::size_t samples = std::min(plan_.size, plan_.order.size() - begin);
    const auto rows = static_cast<std::int64_t>(samples);
    Batch batch{at::empty({rows, set_.channels, set_.height, set_.width}, at::kFloat), at::empty({rows}, at::kLong)};
    auto* images = batch.images.mutable_data_ptr<float>();
    auto* labels = batch.labels.mutable_data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < samples; ++i) {
        const std::uint32_t index = plan_.order[begin + i];
        const std::uint64_t bits = random_bits(plan_.seed, Purpose::augment, plan_.epoch, index);
        transform_.apply(set_, index, bits, images + i * set_.image_bytes());
        labels[i] = set_.labels[index];
    }
    return batch;
}

}  // namespace ktrain::trainer
