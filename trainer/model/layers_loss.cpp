// The head of a language model and its loss, a few rows of logits at a time.
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "trainer/kernel/cross_entropy.h"
#include "trainer/model/graph.h"
#include "trainer/model/layers.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t chunk_rows = 512;  // MKL packs the head's weights anew for each chunk: fewer rows cost a fifth more

}  // namespace

TokenLoss Layers::cross_entropy(const at::Tensor& x_ND, const Norm& norm, const Linear& head,
                                const at::Tensor& labels_N, double soft_cap, double scale) const {
    const bool trains = norm.trains() || head.trains();
    const bool record = records({x_ND}, trains);
    const c10::NoGradGuard no_grad;
    const at::Tensor rows = at::nonzero(labels_N.ge(0)).squeeze(1);
    const at::Tensor labels = labels_N.index_select(0, rows);
    const at::Tensor x = x_ND.detach().index_select(0, rows);
    NormMoments moments;
    const at::Tensor h = norm_forward(norm, x, moments);
    const std::int64_t count = rows.size(0);
    at::Tensor losses = at::empty({count}, x.options()), right = at::empty({count}, at::kByte);
    at::Tensor dh = record ? at::empty_like(h) : at::Tensor();
    for (std::int64_t begin = 0; begin < count; begin += chunk_rows) {
        const std::int64_t end = std::min(count, begin + chunk_rows);
        const at::Tensor part = h.slice(0, begin, end);
        LinearSaved saved{noise_};
        at::Tensor logits = linear_forward(algebra_, head, part, saved);
        const LogitRows chunk{logits.mutable_data_ptr<float>(), labels.const_data_ptr<std::int64_t>() + begin,
                              end - begin, logits.size(1), static_cast<float>(soft_cap)};
        float* chunk_losses = losses.mutable_data_ptr<float>() + begin;
        std::uint8_t* chunk_right = right.mutable_data_ptr<std::uint8_t>() + begin;
        if (!record) {
            trainer::cross_entropy(chunk, chunk_losses, chunk_right);
            continue;
        }
        cross_entropy_in_place(chunk, static_cast<float>(scale), chunk_losses, chunk_right);
        dh.slice(0, begin, end).copy_(linear_backward(algebra_, head, saved, part, logits, true));
    }
    TokenLoss loss;
    loss.sum = losses.sum(at::kDouble).item<double>();
    loss.correct = right.sum().item<std::int64_t>();
    loss.losses = losses;
    loss.right = right;
    loss.scaled = at::full({}, loss.sum * scale, at::kDouble);
    if (!record) return loss;
    const at::Tensor dx = norm_backward(norm, x, moments, dh);
    const c10::AutoGradMode with_grad(true);
    loss.scaled = differentiable(loss.scaled, {x_ND}, trains, [=, sizes = x_ND.sizes().vec()](const at::Tensor&) {
        return std::vector{at::zeros(sizes, dx.options()).index_copy_(0, rows, dx)};
    });
    return loss;
}

}  // namespace ktrain::trainer
