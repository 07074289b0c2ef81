// The head of a language model and its loss, a few rows of logits at a time.
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "trainer/kernel/cross_entropy.h"
#include "trainer/model/graph.h"
#include "trainer/model/layers.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t chunk_rows = 256;  // 128 to 256 are the fastest; more only needs memory

}  // namespace

at::Tensor Layers::cross_entropy(const at::Tensor& x_ND, const Norm& norm, const Linear& head,
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
    at::Tensor losses = at::empty({count}, x.options());
    at::Tensor dh = record ? at::empty_like(h) : at::Tensor();
    for (std::int64_t begin = 0; begin < count; begin += chunk_rows) {
        const std::int64_t end = std::min(count, begin + chunk_rows);
        const at::Tensor part = h.slice(0, begin, end);
        LinearSaved saved;
        at::Tensor logits = linear_forward(algebra_, head, part, saved);
        float* values = logits.mutable_data_ptr<float>();
        const std::int64_t* wanted = labels.const_data_ptr<std::int64_t>() + begin;
        float* results = losses.mutable_data_ptr<float>() + begin;
        const std::int64_t vocabulary = logits.size(1);
        if (!record) {
            trainer::cross_entropy(values, wanted, end - begin, vocabulary, static_cast<float>(soft_cap), results);
            continue;
        }
        cross_entropy_in_place(values, wanted, end - begin, vocabulary, static_cast<float>(soft_cap),
                               static_cast<float>(scale), results);
        dh.slice(0, begin, end).copy_(linear_backward(algebra_, head, saved, part, logits, true));
    }
    at::Tensor loss = losses.sum(at::kDouble).mul_(scale);
    if (!record) return loss;
    const at::Tensor dx = norm_backward(norm, x, moments, dh);
    const c10::AutoGradMode with_grad(true);
    return differentiable(loss, {x_ND}, trains, [=, sizes = x_ND.sizes().vec()](const at::Tensor&) {
        return std::vector{at::zeros(sizes, dx.options()).index_copy_(0, rows, dx)};
    });
}

}  // namespace ktrain::trainer
