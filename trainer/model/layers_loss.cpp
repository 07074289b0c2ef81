// The head of a language model and its loss, a few rows of logits at a time.
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <optional>

#include "core/base/error.h"
#include "trainer/kernel/cross_entropy.h"
#include "trainer/model/element_type.h"
#include "trainer/model/graph.h"
#include "trainer/model/layers.h"
#include "trainer/model/plain.h"

namespace ktrain::trainer {
namespace {

// Logits that are there at once. MKL packs the head's weights anew for each chunk: with 256 instead of 512 rows of a
// vocabulary of 32,000 a step takes a fifth more.
constexpr std::int64_t chunk_values = 512 * 32000;

struct Grades {
    at::Tensor losses, right;
};

// The same as grade() by the plain twin.
void plain_grade(const at::Tensor& logits_NV, const at::Tensor& labels_N, double soft_cap, std::optional<double> scale,
                 const Grades& grades) {
    const auto forward = [&](const std::vector<at::Tensor>& in) {
        return plain_cross_entropy(in[0], labels_N, soft_cap);
    };
    grades.losses.copy_(forward({logits_NV}));
    grades.right.copy_(logits_NV.gather(1, labels_N.unsqueeze(1)).squeeze(1).ge(logits_NV.amax(1)));
    if (!scale) return;
    logits_NV.copy_(gradients_of(forward, {logits_NV}, at::full_like(grades.losses, *scale)).front());
}

// Fills the grades of rows of logits, which become `scale` times their gradients where there is a scale.
void grade(const at::Tensor& logits_NV, const at::Tensor& labels_N, double soft_cap, std::optional<double> scale,
           const Grades& grades) {
    with_type_of(logits_NV, [&]<class T>(T*) {
        const LogitRows<T> rows{logits_NV.mutable_data_ptr<T>(), labels_N.const_data_ptr<std::int64_t>(),
                                logits_NV.size(0), logits_NV.size(1), static_cast<float>(soft_cap)};
        float* losses = grades.losses.mutable_data_ptr<float>();
        std::uint8_t* right = grades.right.mutable_data_ptr<std::uint8_t>();
        if (scale)
            cross_entropy_in_place(rows, static_cast<float>(*scale), losses, right);
        else
            trainer::cross_entropy(rows, losses, right);
    });
}

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
    const at::Tensor h = norm_forward(kernels_, norm, x, moments, head.weight.factor().scalar_type());
    const std::int64_t count = rows.size(0);
    at::Tensor losses = at::empty({count}, at::kFloat), right = at::empty({count}, at::kByte);
    at::Tensor dh = record ? at::empty_like(h) : at::Tensor();
    const std::int64_t chunk_rows = std::max<std::int64_t>(64, chunk_values / head.weight.value.size(0));
    for (std::int64_t begin = 0; begin < count; begin += chunk_rows) {
        const std::int64_t end = std::min(count, begin + chunk_rows);
        const at::Tensor part = h.slice(0, begin, end);
        LinearSaved saved{noise_, kernels_};
        at::Tensor logits = linear_forward(algebra_, head, part, saved);
        const auto grade_rows = kernels_.has(Kernel::cross_entropy) ? grade : plain_grade;
        grade_rows(logits, labels.slice(0, begin, end), soft_cap, record ? std::optional(scale) : std::nullopt,
                   {losses.slice(0, begin, end), right.slice(0, begin, end)});
        if (record) dh.slice(0, begin, end).copy_(linear_backward(algebra_, head, saved, part, logits, true));
    }
    TokenLoss loss;
    loss.sum = losses.sum(at::kDouble).item<double>();
    loss.correct = right.sum().item<std::int64_t>();
    loss.losses = losses;
    loss.right = right;
    loss.scaled = at::full({}, loss.sum * scale, at::kDouble);
    if (!record) return loss;
    const at::Tensor dx = norm_backward(kernels_, norm, x, moments, dh);
    const c10::AutoGradMode with_grad(true);
    loss.scaled =
        differentiable(loss.scaled, {x_ND}, trains, [=, sizes = x_ND.sizes().vec()](const at::Tensor& d_loss) {
            // The head has its gradients already.
            if (d_loss.item<double>() != 1) throw Error(ErrorKind::bug, "a loss is where the backward pass begins");
            return std::vector{at::zeros(sizes, dx.options()).index_copy_(0, rows, dx)};
        });
    return loss;
}

}  // namespace ktrain::trainer
