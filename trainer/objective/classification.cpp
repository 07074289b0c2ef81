// Cross-entropy and accuracy of a batch.
#include "trainer/objective/classification.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/sum.h>

namespace ktrain::trainer {

Score classify(const at::Tensor& logits, const at::Tensor& labels) {
    Score score;
    score.loss = at::cross_entropy_loss(logits, labels, /*weight=*/{}, at::Reduction::Sum);
    score.correct = logits.detach().argmax(1).eq(labels).sum().item<std::int64_t>();
    score.samples = labels.size(0);
    return score;
}

}  // namespace ktrain::trainer
