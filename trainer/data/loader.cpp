// From batch numbers to batches.
#include "trainer/data/loader.h"

#include <algorithm>

namespace ktrain::trainer {

Loader::Loader(const LoaderPlan& plan)
    : plan_(plan), ring_(plan.end - std::min(plan.first, plan.end), plan.workers, [this](std::size_t number) {
          return make_batch(plan_.store, plan_.packing, plan_.sampler.batch(plan_.first + number), plan_.batch);
      }) {}

}  // namespace ktrain::trainer
