// The head of a language model and its loss, a few rows of logits at a time.
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "trainer/kernel/cross_entropy.h"
#include "trainer/kernel/norm.h"
#include "trainer/model/graph.h"
#include "trainer/model/layers.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t chunk_rows = 256;  // 128 to 256 are the fastest; more only needs memory

}  // namespace

at::Tensor Layers::cross_entropy(const at::Tensor& x_ND, const Norm& norm, const Linear& head,
                                 const at::Tensor& labels_N, double soft_cap, double scale) const {
    const bool trains = norm.weight_D.trains() || head.trains();
    const bool record = records({x_ND}, trains);
    const c10::NoGradGuard no_grad;
    const at::Tensor rows = at::nonzero(labels_N.ge(0)).squeeze(1);
    const at::Tensor labels = labels_N.index_select(0, rows);
    const at::Tensor x = x_ND.index_select(0, rows);
    const std::int64_t count = rows.size(0), vocabulary = head.weight_OI.value.size(0);
    const RmsNorm kernel{count, x.size(1), static_cast<float>(norm.epsilon), static_cast<float>(norm.offset)};
    at::Tensor h = at::empty_like(x), inverse = at::empty({count}, x.options());
    rms_norm(kernel, x.const_data_ptr<float>(), norm.weight_D.value.const_data_ptr<float>(),
             h.mutable_data_ptr<float>(), inverse.mutable_data_ptr<float>());
    at::Tensor losses = at::empty({count}, x.options());
    at::Tensor dh = record ? at::empty_like(h) : at::Tensor();
    for (std::int64_t begin = 0; begin < count; begin += chunk_rows) {
        const std::int64_t end = std::min(count, begin + chunk_rows);
        const at::Tensor part = h.slice(0, begin, end);
        Saved saved;
        at::Tensor logits = forward(head, part, saved);
        float* values = logits.mutable_data_ptr<float>();
        const std::int64_t* wanted = labels.const_data_ptr<std::int64_t>() + begin;
        float* results = losses.mutable_data_ptr<float>() + begin;
        if (!record) {
            trainer::cross_entropy(values, wanted, end - begin, vocabulary, static_cast<float>(soft_cap), results);
            continue;
        }
        cross_entropy_in_place(values, wanted, end - begin, vocabulary, static_cast<float>(soft_cap),
                               static_cast<float>(scale), results);
        dh.slice(0, begin, end).copy_(backward(head, saved, part, logits, true));
    }
    at::Tensor loss = losses.sum(at::kDouble).mul_(scale);
    if (!record) return loss;
    rms_norm_backward(kernel, x.const_data_ptr<float>(), norm.weight_D.value.const_data_ptr<float>(),
                      inverse.const_data_ptr<float>(), dh.const_data_ptr<float>(), dh.mutable_data_ptr<float>(),
                      norm.weight_D.trains() ? norm.weight_D.gradient.mutable_data_ptr<float>() : nullptr);
    const c10::AutoGradMode with_grad(true);
    return differentiable(loss, {x_ND}, trains, [=, sizes = x_ND.sizes().vec()](const at::Tensor&) {
        return std::vector{at::zeros(sizes, dh.options()).index_copy_(0, rows, dh)};
    });
}

}  // namespace ktrain::trainer
