// Cross-entropy, accuracy and squared error of a batch.
#include "trainer/objective/classes.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/sum.h>

namespace ktrain::trainer {

Score classify(const at::Tensor& logits, const at::Tensor& labels) {
    Score score;
    score.loss = at::cross_entropy_loss(logits, labels, /*weight=*/{}, at::Reduction::Sum);
    score.correct = logits.detach().argmax(1).eq(labels).sum().item<std::int64_t>();
    score.samples = labels.size(0);
    return score;
}

Score regress(const at::Tensor& values, const at::Tensor& targets) {
    return {at::mse_loss(values, targets, at::Reduction::Sum), 0, targets.size(0)};
}

}  // namespace ktrain::trainer
