// From batch numbers to batches.
#include "trainer/data/loader.h"

#include <algorithm>

namespace ktrain::trainer {

TokenBatch Loader::make(std::uint64_t number) const {
    Order samples = plan_.sampler.batch(number);
    if (plan_.rows != nullptr)
        for (auto& sample : samples) sample = (*plan_.rows)[sample];
    return make_batch(plan_.store, plan_.packing, samples, plan_.batch);
}

Loader::Loader(const LoaderPlan& plan)
    : plan_(plan), ring_(plan.end - std::min(plan.first, plan.end), plan.workers, [this](std::size_t number) {
          return make(plan_.first + number);
      }) {}

}  // namespace ktrain::trainer
